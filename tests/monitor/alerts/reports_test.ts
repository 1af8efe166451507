/** What people are told of hosts that say that they are down. */

import { assertEquals } from "@std/assert";
import { Monitor } from "../../../src/monitor/monitor.ts";
import type { MessageFacts } from "../../../src/wire/message.ts";
import { beatOf, failOf, startOf } from "../support.ts";
import { START_MS, Watchman, watchSettings } from "./support.ts";

/** Sends a message at second `atS`. */
function send(watch: Watchman, message: MessageFacts, atS: number): void {
  watch.until(atS);
  watch.receive(message);
}

Deno.test("a failure is told at once with its reason, and its end however soon that comes", () => {
  const watch = new Watchman();
  send(watch, beatOf("job"), 1);
  send(watch, failOf("job", "exit code 3"), 2);
  assertEquals(watch.told(), ["CRITICAL: job - reported a failure: exit code 3"]);
  send(watch, beatOf("job"), 4);
  assertEquals(watch.told().slice(1), ["RECOVERED: job - is well again after 2s"]);
});

Deno.test("silence after a failure is no second alarm, not even where every miss is told", () => {
  const watch = new Watchman(watchSettings({ everyMiss: true }));
  send(watch, beatOf("job"), 1);
  send(watch, failOf("job"), 2);
  watch.until(120);
  assertEquals(watch.told(), ["CRITICAL: job - reported a failure"]);
});

Deno.test("failures that follow are the same alert with a newer text", () => {
  const watch = new Watchman();
  send(watch, failOf("job", "one"), 1);
  send(watch, failOf("job", "two"), 2);
  assertEquals(watch.told(), ["CRITICAL: job - reported a failure: one"]);
  const [alert] = watch.monitor.alerts?.active() ?? [];
  assertEquals([alert?.text, alert?.evidence.kind], ["job - reported a failure: two", "report"]);
});

Deno.test("a host that was silent and reports a failure stays one alert, until it is well", () => {
  const watch = new Watchman();
  send(watch, beatOf("job"), 0);
  watch.until(20);
  send(watch, failOf("job", "no disk"), 30);
  send(watch, beatOf("job"), 40);
  assertEquals(watch.told(), [
    "CRITICAL: job - no heartbeat for 12.3s (expected every 10s, 2s grace)",
    "RECOVERED: job - is well again after 27.8s",
  ]);
});

Deno.test("a failure in the moment in which a silence is held back is told, and the silence not", () => {
  const watch = new Watchman();
  send(watch, beatOf("job"), 0);
  watch.until(12.25);
  assertEquals(watch.told(), []);
  watch.receive(failOf("job", "late and bad"));
  watch.until(20);
  assertEquals(watch.told(), ["CRITICAL: job - reported a failure: late and bad"]);
});

Deno.test("many failures at once are no incident: each has a reason of its own", () => {
  const watch = new Watchman();
  for (let n = 0; n < 20; n++) send(watch, failOf(`job${n}`, `reason ${n}`), 1);
  watch.until(10);
  assertEquals(watch.told().length, 20);
});

Deno.test("a run that takes too long is told with how long", () => {
  const watch = new Watchman({
    ...watchSettings({ intervalS: 3600 }),
    hosts: new Map([["job", { runLimitMs: 60_000 }]]),
  });
  send(watch, startOf("job"), 10);
  watch.until(100);
  assertEquals(watch.told(), [
    "CRITICAL: job - a run that began 1m ago has not finished (1m allowed)",
  ]);
});

Deno.test("a host that failed in a pause is told of when the pause is over, if it still holds", () => {
  const watch = new Watchman();
  send(watch, beatOf("job"), 1);
  const untilMs = watch.nowMs + 60_000;
  watch.say((monitor, nowMs) =>
    monitor.pause("job", { fromMs: nowMs, untilMs, reason: "" }, nowMs)
  );
  send(watch, failOf("job", "in a pause"), 10);
  watch.until(50);
  assertEquals(watch.told(), []);
  watch.until(70);
  assertEquals(watch.told(), ["CRITICAL: job - reported a failure: in a pause"]);
});

Deno.test("after a crash that lost the alert, the failure is told with its reason", () => {
  const watch = new Watchman();
  send(watch, failOf("job", "no disk"), 1);
  const { recall } = watch.monitor;
  const records = recall.takeChanged().flatMap((row) => recall.hostRecord(row) ?? []);
  const again = new Watchman();
  again.monitor = new Monitor(watchSettings());
  again.monitor.recall.restoreSelf(recall.record());
  again.monitor.recall.restore(records);
  again.nowMs = watch.nowMs;
  again.say((monitor, nowMs) => monitor.resumeAlerts(nowMs));
  again.until(30);
  assertEquals(again.told(), ["CRITICAL: job - reported a failure: no disk"]);
});

Deno.test("of a host that beats by a calendar is told when its beat was due", () => {
  // Due every hour on the hour.
  const next = (afterMs: number) => (Math.floor(afterMs / 3_600_000) + 1) * 3_600_000;
  const schedule = { text: "hourly", next };
  const watch = new Watchman({
    ...watchSettings(),
    hosts: new Map([["job", { schedule, graceMs: () => 300_000 }]]),
  });
  send(watch, beatOf("job"), 1800);
  watch.until(4000);
  assertEquals(watch.told(), ["CRITICAL: job - no heartbeat for 35m (due 5m ago)"]);
  const [alert] = watch.monitor.alerts?.active() ?? [];
  const { evidence } = alert ?? {};
  assertEquals(evidence?.kind === "silence" && evidence.dueMs, START_MS + 3_600_000);
});
