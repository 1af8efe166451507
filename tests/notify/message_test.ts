/** What people read of an alert of a host that says itself that it is down. */

import { assertEquals } from "@std/assert";
import { notificationOf } from "../../src/notify/message.ts";
import { LocalTime } from "../../src/wire/local_time.ts";

Deno.test("a reported failure is told with its reason and when it was noticed", () => {
  const atMs = Date.UTC(2026, 2, 28, 12);
  const time = new LocalTime();
  const said = "reported a failure: exit code 3";
  const { title, body, url } = notificationOf(
    {
      type: "notify",
      seq: 9,
      atMs,
      kind: "alert",
      level: "CRITICAL",
      alert: "8",
      host: "backup",
      metric: null,
      text: `CRITICAL: backup - ${said}`,
      evidence: { kind: "report", cause: "failure", text: said, atMs },
      sinceMs: atMs - 60_000,
      channels: ["mail"],
    },
    time,
    "http://server:50004",
  );
  assertEquals([title, url], ["[CRITICAL] backup", "http://server:50004/plugins/backup"]);
  assertEquals(body.split("\n"), [
    "CRITICAL: backup - reported a failure: exit code 3",
    "",
    `Noticed: ${time.spaced(atMs)}`,
    `Since: ${time.spaced(atMs - 60_000)}`,
  ]);
});
