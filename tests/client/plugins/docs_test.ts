import { assert, assertEquals, assertRejects } from "@std/assert";
import { pathToFileURL } from "node:url";
import type { PluginType } from "../../../src/client/plugin.ts";
import { execPlugin } from "../../../src/client/plugins/exec.ts";
import { NEVER, realSystem, Scripts } from "./real_system.ts";
import { replay } from "./recorded_system.ts";

/** The examples of docs/PLUGINS.md in a language. */
async function examplesIn(language: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL("../../../docs/PLUGINS.md", import.meta.url));
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"));
  return Array.from(blocks, ([, code = ""]) => code);
}

async function collectFrom(argv: readonly string[]) {
  const plugin = await execPlugin.create({ name: "example", exec: argv }, realSystem);
  assert(plugin !== null);
  return await plugin.collect(NEVER);
}

Deno.test({
  name: "the documented shell script works as a plugin, and its failure is told",
  ignore: Deno.build.os === "windows",
  async fn() {
    const [code = ""] = await examplesIn("sh");
    await using scripts = await Scripts.create();
    const path = await scripts.write("files_waiting", code);
    assertEquals(await collectFrom([path, scripts.dir]), { waiting: 1, older_than_1h: 0 });
    await assertRejects(
      () => collectFrom([path, "/no/such"]),
      Error,
      "There is no folder /no/such",
    );
  },
});

Deno.test({
  name: "the documented Python script works as a plugin",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const [code = ""] = await examplesIn("python");
    await using scripts = await Scripts.create();
    const path = `${scripts.dir}/open_files.py`;
    await Deno.writeTextFile(path, code);
    const { files, percent } = await collectFrom(["python3", path]);
    assert((files as Record<string, number>).open);
    assertEquals(typeof percent, "number");
  },
});

Deno.test("the documented TypeScript plugin works as it stands there", async () => {
  const [code = ""] = await examplesIn("ts");
  await using scripts = await Scripts.create();
  const plugins = new URL("../../../src/client/plugins/", import.meta.url);
  const path = `${scripts.dir}/users_monitor.ts`;
  const resolved = code.replace(/ from "(\.[^"]+)"/g, (_, to: string) => {
    return ` from ${JSON.stringify(new URL(to, plugins).href)}`;
  });
  await Deno.writeTextFile(path, resolved);
  const { usersMonitor }: { usersMonitor: PluginType } = await import(pathToFileURL(path).href);
  const collect = async (stdout: string) => {
    const { system } = replay({ os: "linux", programs: { who: { stdout } } });
    return await (await usersMonitor.create({}, system))?.collect(NEVER);
  };
  const who = "anna     tty1         2026-08-04 09:12\n" +
    "root     pts/0        2026-08-04 10:01 (192.0.2.7)\n" +
    "anna     pts/1        2026-08-04 10:12 (192.0.2.9)\n";
  assertEquals(await collect(who), { sessions: 3, users: ["anna", "root"] });
  assertEquals(await collect(""), { sessions: 0, users: [] });
  assertEquals(await usersMonitor.create({}, replay({ os: "windows" }).system), null);
});
