import { assert, assertEquals } from "@std/assert";
import { PLUGIN_TYPES } from "../../../src/client/plugins/mod.ts";
import { NEVER, realSystem } from "./real_system.ts";

Deno.test("the built-in plugins are those of the documentation", async () => {
  const text = await Deno.readTextFile(new URL("../../../docs/PLUGINS.md", import.meta.url));
  const documented = [...text.matchAll(/^### `(\w+)`/gm)].map(([, name = ""]) => name);
  assertEquals(PLUGIN_TYPES.map(({ name }) => name).sort(), documented.sort());
});

Deno.test("info plugins have no interval, and names are those that may go on the wire", async () => {
  for (const type of PLUGIN_TYPES) {
    assert(/^[\w.-]{1,64}$/.test(type.name), type.name);
    if (!type.byDefault) continue;
    const plugin = await type.create({}, realSystem);
    if (plugin === null) continue;
    assertEquals(plugin.name, type.name);
    assertEquals(plugin.kind === "info", type.intervalS === 0);
  }
});

Deno.test("every plugin that runs by default works on this machine and fits a datagram", async () => {
  for (const type of PLUGIN_TYPES.filter(({ byDefault }) => byDefault)) {
    const plugin = await type.create({ interval: 300, timeout: 30, name: type.name }, realSystem);
    if (plugin === null) continue;
    const data = await plugin.collect(NEVER);
    assert(Object.keys(data).length > 0, type.name);
    const text = JSON.stringify(data);
    assertEquals(JSON.parse(text), data, type.name);
    assert(text.length < 60_000, `${type.name} is ${text.length} characters long`);
  }
});

Deno.test("plugins that need options do not run without being named", () => {
  const named = PLUGIN_TYPES.filter(({ byDefault }) => !byDefault).map(({ name }) => name);
  assertEquals(named.sort(), ["exec", "nagios_runner", "ping_monitor"]);
});
