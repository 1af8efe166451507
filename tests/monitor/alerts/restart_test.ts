/**
 * What was told before a crash is not told again, and what was not told is told: recovered from the
 * last checkpoint and the journal's lines, as the server does it.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { LineWriter, parseLine } from "../../../src/journal/line.ts";
import { Monitor } from "../../../src/monitor/monitor.ts";
import type { WatchSettings } from "../../../src/monitor/settings.ts";
import { checkpoint } from "../../../src/store/checkpoint.ts";
import { MemoryStore } from "../../../src/store/memory.ts";
import { LocalTime } from "../../../src/wire/local_time.ts";
import { type Wanted, Watchman, watchSettings } from "./support.ts";

const CPU = new Map([["cpu_monitor", new Map([["cpu_percent", { warning: 80, critical: 90 }]])]]);

/** The watchman after a crash: what is in the store and, when `journaled`, what came after it. */
async function restarted(
  w: Watchman,
  store: MemoryStore,
  settings: WatchSettings,
  journaled: boolean,
): Promise<void> {
  const lines = new LineWriter(new LocalTime());
  const monitor = new Monitor(settings);
  const stored = await store.loadCheckpoint();
  if (stored !== null) monitor.recall.restoreSelf(stored.monitor);
  for await (const hosts of store.loadHosts()) monitor.recall.restore(hosts);
  monitor.recall.restoreAlerts(await store.loadAlerts());
  for (const event of journaled ? w.events : []) {
    if (event.seq <= (stored?.monitor.seq ?? 0)) continue;
    const record = parseLine(lines.event(event).trimEnd());
    if (record.kind === "alert") monitor.recall.replayAlertEvent(record.event);
  }
  w.monitor = monitor;
  monitor.resumeAlerts(w.nowMs);
}

function watch(wanted: Wanted = {}): { w: Watchman; settings: WatchSettings; store: MemoryStore } {
  const settings = watchSettings({ thresholds: CPU, ...wanted });
  return { w: new Watchman(settings), settings, store: new MemoryStore() };
}

Deno.test("a metric's alert goes on after a restart, and its recovery is told once", async () => {
  for (const journaled of [true, false]) {
    const { w, settings, store } = watch();
    w.sample("a", "cpu_monitor", { cpu_percent: 50 });
    if (journaled) await checkpoint(w.monitor, store, w.nowMs);
    w.sample("a", "cpu_monitor", { cpu_percent: 95 });
    if (!journaled) await checkpoint(w.monitor, store, w.nowMs);
    await restarted(w, store, settings, journaled);
    w.sample("a", "cpu_monitor", { cpu_percent: 96 });
    w.until(30);
    w.sample("a", "cpu_monitor", { cpu_percent: 20 });
    assertEquals(w.told(), [
      "CRITICAL: a - cpu_monitor.cpu_percent = 95.0",
      "RECOVERED: a - cpu_monitor.cpu_percent = 20.0 (CRITICAL -> OK)",
    ]);
  }
});

Deno.test("a host that was found down but not told yet is told after a restart, once", async () => {
  const { w, settings, store } = watch();
  w.beat("a");
  w.until(12.25);
  assertEquals([w.monitor.host("a")?.state, w.told().length], ["down", 0]);
  await checkpoint(w.monitor, store, w.nowMs);
  await restarted(w, store, settings, true);
  w.until(14);
  assertEquals(w.told().length, 1);
  assertMatch(w.told()[0] ?? "", /^CRITICAL: a - no heartbeat/);
});

Deno.test("a host that was told is not told again after a restart, its return is", async () => {
  const { w, settings, store } = watch();
  w.beat("a");
  w.until(20);
  await checkpoint(w.monitor, store, w.nowMs);
  await restarted(w, store, settings, true);
  w.until(40);
  w.beat("a");
  assertEquals(w.told().length, 2);
  assertMatch(w.told()[1] ?? "", /^RECOVERED: a - heartbeat is back after 40s$/);
});

Deno.test("an incident goes on after a restart, and ends with one message", async () => {
  const { w, settings, store } = watch();
  const names = Array.from({ length: 20 }, (_, n) => `h${n}`);
  for (const name of names) w.beat(name);
  w.until(20);
  assertEquals(w.told().length, 1);
  await checkpoint(w.monitor, store, w.nowMs);
  await restarted(w, store, settings, true);
  w.until(30);
  for (const name of names) w.beat(name);
  w.until(31);
  assertEquals(w.told().length, 2);
  assertMatch(w.told()[1] ?? "", /all 20 are back/);
});

Deno.test("a pause goes on after a restart", async () => {
  const { w, settings, store } = watch();
  w.beat("a");
  await checkpoint(w.monitor, store, w.nowMs);
  const pause = { fromMs: w.nowMs, untilMs: w.nowMs + 600_000, reason: "" };
  w.say((monitor, nowMs) => monitor.pause("a", pause, nowMs));
  await restarted(w, store, settings, true);
  w.until(300);
  assertEquals(w.told(), []);
  assertEquals(w.monitor.host("a")?.state, "paused");
});

Deno.test("an acknowledgement and the reminders after it survive a restart", async () => {
  const { w, settings, store } = watch({ renotifyMs: 60_000 });
  w.sample("a", "cpu_monitor", { cpu_percent: 95 }, 86_400_000);
  await checkpoint(w.monitor, store, w.nowMs);
  const id = [...w.monitor.alerts?.active() ?? []][0]?.id ?? "";
  w.say((monitor, nowMs) => monitor.acknowledge(id, nowMs + 300_000, "mine", nowMs));
  await restarted(w, store, settings, true);
  w.until(290);
  assertEquals(w.told().length, 1);
  w.until(420);
  assertMatch(w.told()[1] ?? "", /^REMINDER \(CRITICAL\)/);
});

Deno.test("an alert of a host that is stored as up ends after a restart, and that is told", async () => {
  const { w, settings, store } = watch();
  w.beat("a");
  w.until(20);
  await checkpoint(w.monitor, store, w.nowMs);
  const alerts = await store.loadAlerts();
  w.beat("a");
  await checkpoint(w.monitor, store, w.nowMs);
  await store.saveAlerts(new Map(alerts.map((alert) => [alert.id, alert])));
  w.events.length = 0;
  await restarted(w, store, settings, false);
  w.until(21);
  assertEquals(w.told().length, 1);
  assertMatch(w.told()[0] ?? "", /^RECOVERED: a - heartbeat is back/);
  assertEquals(w.monitor.alerts?.counts().CRITICAL, 0);
});

Deno.test("that some of an incident are back is not told again after a restart", async () => {
  const { w, settings, store } = watch();
  const names = Array.from({ length: 20 }, (_, n) => `h${n}`);
  for (const name of names) w.beat(name);
  const back = (nowS: number) => {
    if (nowS >= 40 && nowS % 10 === 0) { for (const name of names.slice(10)) w.beat(name); }
  };
  w.until(200, back);
  assertEquals(w.told().length, 2);
  await checkpoint(w.monitor, store, w.nowMs);
  await restarted(w, store, settings, true);
  w.until(400, back);
  assertEquals(w.told().length, 2);
});
