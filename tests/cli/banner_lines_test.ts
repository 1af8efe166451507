/** What the start banner says about people. */

import { assertEquals } from "@std/assert";
import { peopleLines } from "../../src/cli/banner_lines.ts";
import { configOf } from "../config/support.ts";

async function lines(text: string): Promise<readonly (readonly [string, string])[]> {
  const config = await configOf(text);
  return peopleLines(config, config.web);
}

Deno.test("without users the banner says who may change things", async () => {
  const off = "ws_port: 0\n";
  assertEquals(await lines(off), [
    ["Changes", "from this machine only (no users; see docs/USERS.md)"],
  ]);
  assertEquals(await lines(`${off}command_token: 0123456789abcdef`), [
    ["Changes", "with the command_token (no users; see docs/USERS.md)"],
  ]);
  assertEquals(await lines(`${off}allow_anonymous_changes: true`), [
    ["Changes", "from anywhere (allow_anonymous_changes: true)"],
  ]);
});

Deno.test("with users it says how many, and with ports for live updates which", async () => {
  assertEquals(await lines("users: {alice: {admin: true}, bob: }"), [
    ["WebSocket", "port 50005, and /ws"],
    ["Users", "2, 1 admin; others see nothing"],
  ]);
  assertEquals(await lines("ws_port: 1\nwss_port: 2\nwss_pem: a\nwss_key: b\nusers: {bob: }"), [
    ["WebSocket", "port 1, port 2 (TLS), and /ws"],
    ["Users", "1, 0 admins; others see nothing"],
  ]);
});

Deno.test("it says on which further ports the server is, those that are really bound", async () => {
  const config = await configOf("ws_port: 0\n");
  const shown = (extraPorts: readonly number[]) =>
    peopleLines(config, { wsPort: null, wssPort: null, extraPorts })
      .find(([name]) => name === "Also on")?.[1];
  assertEquals(shown([]), undefined);
  assertEquals(shown([8888]), "port 8888 (extra_ports)");
  assertEquals(shown([8888, 7777, 8765]), "ports 8888, 7777, 8765 (extra_ports)");
});
