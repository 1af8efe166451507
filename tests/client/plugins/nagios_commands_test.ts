import { assertRejects } from "@std/assert";
import { nagiosRunner } from "../../../src/client/plugins/nagios_runner.ts";
import { type Commands, optionsOf } from "./nagios_options.ts";
import { realSystem, Scripts } from "./real_system.ts";

Deno.test({
  name: "a program that is not there, or cannot be run, is refused at the start by its command",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using scripts = await Scripts.create();
    const plain = await scripts.write("plain", "true", 0o644);
    const cases: readonly (readonly [Commands, string])[] = [
      [{ ok: "true", web: "/nosuch/check_http -H x" }, `"web": there is no /nosuch/check_http`],
      [{ web: plain }, `"web": ${plain} is not executable`],
      [{ web: scripts.dir }, `"web": ${scripts.dir} is not a program`],
      [{ web: `${plain}/deeper` }, `"web": ${plain}/deeper cannot be looked at`],
      [{ web: "./check" }, `"web": ./check must be an absolute path, or a name`],
    ];
    for (const [commands, message] of cases) {
      await assertRejects(
        () => nagiosRunner.create(optionsOf(commands), realSystem),
        Error,
        `nagios_runner: command ${message}`,
      );
    }
  },
});

Deno.test("wrong options are refused with what would be right", async () => {
  const linux = { ...realSystem, os: "linux" } as const;
  const cases: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ command: "x" }, `nagios_runner: there is no option "command"`],
    [{}, `"commands" must be a list of {name, command} entries; it is missing`],
    [{ commands: {} }, `"commands" must be a list of {name, command} entries; not {}`],
    [{ commands: ["x"] }, `"commands" must be a list of {name, command} entries, not of "x"`],
    [{ commands: [{ command: "a" }] }, `or "-", not undefined`],
    [{ commands: [{ name: "a b", command: "a" }] }, `or "-", not "a b"`],
    [{ commands: [{ name: "a" }] }, `command "a" must be a command line or a list`],
    [{ commands: [{ name: "a", command: " " }] }, `command "a" must be a command line or a list`],
    [{ commands: [{ name: "a", command: [1] }] }, `command "a" must be a command line or a list`],
    [{ commands: [{ name: "a", command: "x", args: [] }] }, `command "a" has "args"; only`],
    [{ commands: [{ name: "a", command: "x 'y" }] }, `command "a": the quote ' is not closed`],
    [{ commands: [{ name: "a", command: "x | y" }] }, `command "a": no shell runs it`],
    [optionsOf({ a: "x" }, { timeout: 0 }), `"timeout" must be a number from 0.1 to 3600, not 0`],
    [{ commands: Array(51).fill({ name: "a", command: "x" }) }, `has 51 entries; at most 50`],
    [
      { commands: [{ name: "a", command: "x" }, { name: "a", command: "y" }] },
      `two commands are named "a"`,
    ],
  ];
  for (const [options, message] of cases) {
    await assertRejects(() => nagiosRunner.create(options, linux), Error, message);
  }
});
