import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { join, resolve } from "@std/path";
import {
  CLIENT_KEYS,
  clientFileSchema,
  findConfigFile,
  loadClientConfig,
  parseClientFile,
} from "../../src/client/config.ts";
import { ConfigError } from "../../src/config/yaml_file.ts";
import { makeKey } from "../../src/wire/envelope.ts";
import { tempDir } from "./support.ts";

const ALL = `
servers: [monitor, "192.0.2.1:7", "[::1]:8"]
name: kiosk-1
interval: 10
grace: 5
key: s3cret
boot: true
plugins:
  cpu_monitor: false
  disk_monitor: { interval: 60, deep: { list: [1, { a: b }] } }
  mine: { exec: [/opt/check, -v] }
  os_info:
commands:
  restart: [systemctl, restart, kiosk]
command_timeout: 5
self_update: true
spool_dir: spool
spool_max_bytes: 100000
`;

Deno.test("every key is read, and the command line goes over the file", async () => {
  await using dir = await tempDir();
  const file = join(dir.path, "hbc.yaml");
  await Deno.writeTextFile(file, ALL);
  assertEquals(await loadClientConfig(file, { interval: 3, servers: ["x"] }, "host"), {
    servers: [{ host: "x", port: 50_003 }],
    name: "kiosk-1",
    intervalS: 3,
    graceS: 5,
    key: makeKey("s3cret"),
    boot: true,
    plugins: new Map<string, false | Readonly<Record<string, unknown>>>([
      ["cpu_monitor", false],
      ["disk_monitor", { interval: 60, deep: { list: [1, { a: "b" }] } }],
      ["mine", { exec: ["/opt/check", "-v"] }],
      ["os_info", {}],
    ]),
    commands: new Map([["restart", ["systemctl", "restart", "kiosk"]]]),
    commandTimeoutS: 5,
    selfUpdate: true,
    spoolDir: resolve(dir.path, "spool"),
    spoolMaxBytes: 100_000,
  });
});

Deno.test("without a file the host name and the defaults are used", async () => {
  const config = await loadClientConfig(null, { servers: ["[::1]:8"] }, "host");
  assertEquals(config.servers, [{ host: "::1", port: 8 }]);
  assertEquals([config.name, config.intervalS, config.key, config.boot], ["host", 30, null, false]);
  assertEquals([config.spoolMaxBytes, config.commandTimeoutS], [10_485_760, 60]);
});

Deno.test("JSON is read as well, with the same keys", () => {
  assertEquals(
    parseClientFile('{"servers": ["a"], "plugins": {"x": {"exec": ["y"]}}}', "hbc.json"),
    parseClientFile("servers: [a]\nplugins: {x: {exec: [y]}}", "hbc.json"),
  );
});

const wrong: readonly (readonly [string, string])[] = [
  ["intervall: 3", 'hbc.yaml:1:1: Unknown key "intervall": did you mean "interval"?'],
  ["interval: 0", "hbc.yaml:1:11: interval must be a number of seconds from 0.1"],
  ["servers: [http://a/]", "servers.0 must be a list of servers"],
  ["servers: a", "servers must be a list of servers"],
  ["commands:\n  x: systemctl restart", "hbc.yaml:2:6: commands.x must be a list of a program"],
  ["commands:\n  a b: [x]", 'A name in commands must be 1 to 64 letters, digits, "_", "-" or "."'],
  ["plugins:\n  x: true", "hbc.yaml:2:6: plugins.x must be a mapping of options, or false"],
  ["spool_dir: ~/x", "spool_dir must be the path of a folder"],
  ["name: a\nname: b", 'hbc.yaml:2:1: Key "name" is given twice'],
  ["- a", "The configuration must be a mapping"],
];
for (const [text, message] of wrong) {
  Deno.test(`a file with ${JSON.stringify(text)} is refused`, () => {
    const { message: found } = assertThrows(() => parseClientFile(text, "hbc.yaml"), ConfigError);
    assertStringIncludes(found, message);
  });
}

Deno.test("a configuration that names no server anywhere is refused", async () => {
  const { message } = await assertRejects(() => loadClientConfig(null, {}, "host"), ConfigError);
  assertStringIncludes(message, "No server is named");
});

Deno.test(".hbc.yaml goes before .hbc.json, and neither is no error", async () => {
  await using home = await tempDir();
  assertEquals(await findConfigFile(home.path), null);
  assertEquals(await findConfigFile(undefined), null);
  await Deno.writeTextFile(join(home.path, ".hbc.json"), "{}");
  assertEquals(await findConfigFile(home.path), join(home.path, ".hbc.json"));
  await Deno.writeTextFile(join(home.path, ".hbc.yaml"), "");
  assertEquals(await findConfigFile(home.path), join(home.path, ".hbc.yaml"));
});

Deno.test("docs/HBC.md has a row for every key, with its default", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/HBC.md", import.meta.url));
  const defaults = new Map<string, unknown>(Object.entries(clientFileSchema.parse({})));
  for (const key of CLIENT_KEYS.keys()) {
    const row = text.split("\n").find((line) => line.startsWith(`| \`${key}\` `));
    assertStringIncludes(row ?? `no row for ${key}`, "|");
    const value = defaults.get(key);
    if (typeof value === "number" || typeof value === "boolean") {
      assertStringIncludes(row ?? "", `\`${value}\``);
    }
  }
});
