import { assert, assertEquals, assertRejects } from "@std/assert";
import { execPlugin } from "../../../src/client/plugins/exec.ts";
import { NEVER, realSystem, Scripts } from "./real_system.ts";

const WINDOWS = Deno.build.os === "windows";

/** Runs a shell script as the plugin "my_check". */
async function collect(script: string) {
  const options = { name: "my_check", exec: ["/bin/sh", "-c", script], interval: 60 };
  const plugin = await execPlugin.create(options, realSystem);
  assert(plugin !== null);
  assertEquals([plugin.name, plugin.kind], ["my_check", "monitor"]);
  return await plugin.collect(NEVER);
}

Deno.test({
  name: "the JSON object that a program prints is the data of the plugin",
  ignore: WINDOWS,
  async fn() {
    await using scripts = await Scripts.create();
    const path = await scripts.write(
      "check",
      `printf '\\n{"args": "%s",\\n "deep": [{}]}\\n' "$*"`,
    );
    const options = { name: "c", exec: [path, "a b", "$HOME"] };
    const plugin = await execPlugin.create(options, realSystem);
    assertEquals(await plugin?.collect(NEVER), { args: "a b $HOME", deep: [{}] });
  },
});

Deno.test({
  name: "anything else is an error that says what came instead",
  ignore: WINDOWS,
  async fn() {
    const wants = "; it must end with code 0 and print one JSON object";
    const cases: readonly (readonly [string, string])[] = [
      [`echo '{}'; echo "no disk" >&2; exit 3`, `ended with code 3 and said "no disk"${wants}`],
      ["echo so; exit 1", `ended with code 1 and said "so"`],
      ["exit 1", "ended with code 1 and said nothing"],
      ["kill -TERM $$", `was ended by SIGTERM${wants}`],
      ["true", `printed nothing${wants}`],
      ["echo all is well", `printed no JSON: "all is well"${wants}`],
      ["echo '{} {}'", `printed no JSON: "{} {}"`],
      ["echo '[1]'", `printed JSON that is no object: "[1]"`],
      ["echo null", `printed JSON that is no object: "null"`],
      ["echo 5", `printed JSON that is no object: "5"`],
      [
        `printf '{"a":"'; head -c 70000 /dev/zero | tr '\\0' x; printf '"}'`,
        `printed 70008 bytes ("{\\"a\\":\\"${"x".repeat(194)}" …), more than 60000${wants}`,
      ],
      ["printf '%0300d x' 0", `printed no JSON: "${"0".repeat(200)}";`],
    ];
    for (const [script, message] of cases) {
      await assertRejects(() => collect(script), Error, `my_check: /bin/sh ${message}`);
    }
  },
});

Deno.test({
  name: "objects nested as deep as a datagram may be are taken, deeper ones refused",
  ignore: WINDOWS,
  async fn() {
    const nested = (depth: number) => `{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
    await collect(`echo '${nested(30)}'`);
    const printed = "my_check: /bin/sh printed objects or lists nested more than 30 deep";
    await assertRejects(() => collect(`echo '${nested(31)}'`), Error, printed);
  },
});

Deno.test("a program that is not there is an error with its name", async () => {
  const options = { name: "my_check", exec: ["/nosuch/program"] };
  const plugin = await execPlugin.create(options, realSystem);
  assert(plugin !== null);
  await assertRejects(
    () => plugin.collect(NEVER),
    Error,
    "my_check: /nosuch/program cannot be run: ",
  );
});

Deno.test({
  name: "a program that hangs is killed when the plugin is stopped",
  ignore: WINDOWS,
  async fn() {
    const options = { name: "my_check", exec: ["/bin/sh", "-c", "exec sleep 60"] };
    const plugin = await execPlugin.create(options, realSystem);
    assert(plugin !== null);
    const controller = new AbortController();
    const message = "my_check: /bin/sh was ended by SIGKILL";
    const rejected = assertRejects(() => plugin.collect(controller.signal), Error, message);
    controller.abort();
    await rejected;
  },
});

Deno.test("wrong options are refused", async () => {
  const cases: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ name: "x" }, `x: "exec" must be a list of a program and its arguments; it is missing`],
    [{ name: "x", exec: "a b" }, `x: "exec" must be a list of a program and its arguments; not`],
    [{ name: "x", exec: [] }, `x: "exec" must be a list of a program and its arguments; not []`],
    [{ name: "x", exec: ["a", 5] }, `all of them texts, not ["a",5]`],
    [{ name: "x", exec: [""] }, `all of them texts, not [""]`],
    [{ name: "x", exec: ["a"], shell: true }, `x: there is no option "shell"`],
    [{ name: "a b", exec: ["a"] }, `The name of a plugin must be 1 to 64 letters`],
    [{ exec: ["a"] }, `The name of a plugin must be 1 to 64 letters`],
  ];
  for (const [options, message] of cases) {
    await assertRejects(() => execPlugin.create(options, realSystem), Error, message);
  }
});
