import { assert, assertEquals, assertMatch } from "@std/assert";
import { Maintenance } from "../../../src/monitor/maintenance.ts";
import { START_MS, Watchman, watchSettings } from "./support.ts";

const CPU = new Map([["cpu_monitor", new Map([["cpu_percent", { warning: 80, critical: 90 }]])]]);

/** `host` beats and sends `percent` as its load, each minute from now to `toS`. */
function load(w: Watchman, toS: number, percent: number, host = "a"): void {
  w.until(toS, (nowS) => {
    if (nowS % 10 === 0) w.beat(host);
    if (nowS % 60 === 0) w.sample(host, "cpu_monitor", { cpu_percent: percent });
  });
}

Deno.test("every escalation and every recovery is told, a de-escalation is not", () => {
  const w = new Watchman(watchSettings({ thresholds: CPU }));
  load(w, 60, 50);
  load(w, 120, 85);
  load(w, 180, 95);
  load(w, 240, 85);
  load(w, 300, 95);
  load(w, 360, 70);
  assertEquals(w.told(), [
    "WARNING: a - cpu_monitor.cpu_percent = 85.0",
    "CRITICAL: a - cpu_monitor.cpu_percent = 95.0",
    "CRITICAL: a - cpu_monitor.cpu_percent = 95.0",
    "RECOVERED: a - cpu_monitor.cpu_percent = 70.0 (CRITICAL -> OK)",
  ]);
});

Deno.test("the recovery from a warning says so, and a reminder says how long it lasts", () => {
  const w = new Watchman(watchSettings({ thresholds: CPU, renotifyMs: 3_600_000 }));
  load(w, 3660, 85.04);
  load(w, 3720, 75);
  assertEquals(w.told(), [
    "WARNING: a - cpu_monitor.cpu_percent = 85.04",
    "REMINDER (WARNING): a - cpu_monitor.cpu_percent = 85.04 (ongoing for 3600s)",
    "RECOVERED: a - cpu_monitor.cpu_percent = 75.0 (WARNING -> OK)",
  ]);
});

Deno.test("an alert shows the value, its threshold and the values before it", () => {
  const w = new Watchman(watchSettings({ thresholds: CPU }));
  for (const [n, percent] of [50, 60, 70, 95].entries()) load(w, (n + 1) * 60, percent);
  const [alert] = w.monitor.alerts?.ofHost("a") ?? [];
  assert(alert?.evidence.kind === "reading");
  assertEquals([alert.evidence.value, alert.evidence.threshold], [95, 90]);
  assertEquals(alert.evidence.values.map(({ value }) => value), [50, 60, 70, 95]);
  assertEquals(alert.evidence.values.at(-1)?.atMs, START_MS + 240_000);
});

Deno.test("a round trip is judged with every beat that tells it", () => {
  const thresholds = new Map([["rtt", new Map([["a", { warning: 100, critical: 500 }]])]]);
  const w = new Watchman(watchSettings({ thresholds }));
  w.beat("a", { rttMs: 20 });
  w.beat("a", { rttMs: 120 });
  w.beat("b", { rttMs: 9000 });
  w.beat("a", { rttMs: 20 });
  assertEquals(w.told(), [
    "WARNING: a - rtt.a = 120.0",
    "RECOVERED: a - rtt.a = 20.0 (WARNING -> OK)",
  ]);
});

Deno.test("a metric that comes no more turns stale and says so, and is back with its next value", () => {
  const w = new Watchman(watchSettings({ thresholds: CPU }));
  load(w, 60, 95);
  w.until(400, (nowS) => nowS % 10 === 0 && w.beat("a"));
  assertEquals(w.told().length, 2);
  assertMatch(
    w.told()[1] ?? "",
    /^STALE: a - cpu_monitor\.cpu_percent = 95\.0, was CRITICAL, no value for 3m/,
  );
  assertEquals(w.monitor.alerts?.counts(), { WARNING: 0, UNKNOWN: 0, CRITICAL: 0, stale: 1 });
  w.until(100_000, (nowS) => nowS % 10 === 0 && w.beat("a"));
  assertEquals(w.told().length, 2);
  load(w, 100_080, 95);
  assertEquals(w.told().length, 3);
  load(w, 100_140, 10);
  assertMatch(w.told()[3] ?? "", /^RECOVERED: .* \(CRITICAL -> OK\)$/);
});

Deno.test("of a host that is silent itself no stale metric is told", () => {
  const w = new Watchman(watchSettings({ thresholds: CPU }));
  load(w, 60, 95);
  w.until(1000);
  assertEquals(w.told().length, 2);
  assertMatch(w.told()[1] ?? "", /^CRITICAL: a - no heartbeat/);
  assertEquals(w.monitor.alerts?.counts(), { WARNING: 0, UNKNOWN: 0, CRITICAL: 1, stale: 1 });
  load(w, 1080, 95);
  assertEquals(w.told().length, 3);
  assertEquals(w.monitor.alerts?.counts(), { WARNING: 0, UNKNOWN: 0, CRITICAL: 1, stale: 0 });
});

Deno.test("in a maintenance nobody is told, and after it of what still holds", () => {
  const when = { kind: "daily", from: 0, to: 60 } as const;
  const window = { hosts: [], group: null, when, zone: "UTC", reason: "backup" };
  const maintenance = new Maintenance([window]);
  const w = new Watchman(watchSettings({ thresholds: CPU, maintenance }));
  load(w, 600, 95, "a");
  load(w, 660, 85, "b");
  load(w, 720, 10, "b");
  w.until(3590, (nowS) => nowS % 60 === 0 && w.sample("a", "cpu_monitor", { cpu_percent: 95 }));
  assertEquals(w.told(), []);
  assertEquals(w.monitor.alerts?.counts().CRITICAL, 1);
  w.until(3605, (nowS) => nowS % 10 === 0 && w.beat("a"));
  assertEquals(w.told(), ["CRITICAL: a - cpu_monitor.cpu_percent = 95.0"]);
});

Deno.test("trouble of the server itself is an alert of its own host, told and recovered", () => {
  const w = new Watchman();
  w.say((monitor, nowMs) => monitor.serverTrouble("journal", "CRITICAL", "Disk full", nowMs));
  w.say((monitor, nowMs) => monitor.serverTrouble("journal", "OK", "", nowMs));
  assertEquals(w.told(), [
    "CRITICAL: hbd@box - journal: Disk full",
    "RECOVERED: hbd@box - journal (CRITICAL -> OK)",
  ]);
});

Deno.test("what changes all the time is one FLAPPING alert, and told when it settles", () => {
  const w = new Watchman(watchSettings({ thresholds: CPU, flapThreshold: 4 }));
  for (let n = 1; n <= 20; n++) load(w, n * 60, n % 2 === 1 ? 95 : 10);
  const told = w.told();
  assertEquals(told.length, 5);
  assertMatch(
    told[4] ?? "",
    /^FLAPPING: a - cpu_monitor\.cpu_percent changed 5 times .*, now a - cpu/,
  );
  load(w, 20 * 60 + 800, 10);
  assertEquals(w.told().length, 5);
  load(w, 20 * 60 + 960, 10);
  assertEquals(w.told()[5], "RECOVERED: a - cpu_monitor.cpu_percent has settled (FLAPPING -> OK)");
});

Deno.test("what settles while it is bad is told as bad", () => {
  const w = new Watchman(watchSettings({ thresholds: CPU, flapThreshold: 4 }));
  for (let n = 1; n <= 9; n++) load(w, n * 60, n % 2 === 1 ? 95 : 10);
  load(w, 9 * 60 + 1000, 95);
  assertEquals(
    w.told().at(-1),
    "CRITICAL: a - cpu_monitor.cpu_percent = 95.0 (no longer flapping)",
  );
});

Deno.test("a host that goes up and down all the time is one FLAPPING alert", () => {
  const w = new Watchman(watchSettings({ flapThreshold: 4 }));
  const others = Array.from({ length: 20 }, (_, n) => `other-${n}`);
  w.until(600, (nowS) => {
    if (nowS % 10 !== 0) return;
    for (const other of others) w.beat(other);
    if (Math.floor(nowS / 30) % 2 === 0) w.beat("a");
  });
  assertEquals(w.told().filter((text) => text.startsWith("FLAPPING: a changed 5 times")).length, 1);
  assertEquals(w.told().length, 5);
});

Deno.test("a host that flaps and then falls with others is not called recovered while it is down", () => {
  const w = new Watchman(watchSettings({ flapThreshold: 4 }));
  const others = Array.from({ length: 20 }, (_, n) => `other-${n}`);
  w.until(600, (nowS) => {
    if (nowS % 10 !== 0) return;
    for (const other of others) w.beat(other);
    if (Math.floor(nowS / 30) % 2 === 0) w.beat("a");
  });
  w.until(630, (nowS) => {
    if (nowS % 10 === 0) { for (const host of [...others, "a"]) w.beat(host); }
  });
  w.until(3000);
  const told = w.told();
  assertEquals(told.filter((text) => text.startsWith("CRITICAL: many hosts")).length, 1);
  assertEquals(told.filter((text) => text.includes("a has settled")), []);
  assertEquals(w.monitor.host("a")?.state, "down");
});

Deno.test("a maintenance of every host does not silence the server itself", () => {
  const when = { kind: "daily", from: 0, to: 600 } as const;
  const window = { hosts: [], group: null, when, zone: "UTC", reason: "" };
  const w = new Watchman(watchSettings({ maintenance: new Maintenance([window]) }));
  w.say((monitor, nowMs) => monitor.serverTrouble("disk", "CRITICAL", "full", nowMs));
  assertEquals(w.told(), ["CRITICAL: hbd@box - disk: full"]);
});

Deno.test("what became worse in a pause is told after it", () => {
  const w = new Watchman(watchSettings({ thresholds: CPU, renotifyMs: 0 }));
  load(w, 60, 85);
  const pause = { fromMs: w.nowMs, untilMs: w.nowMs + 600_000, reason: "" };
  w.say((monitor, nowMs) => monitor.pause("a", pause, nowMs));
  load(w, 600, 95);
  assertEquals(w.told().length, 1);
  load(w, 720, 95);
  assertEquals(w.told(), [
    "WARNING: a - cpu_monitor.cpu_percent = 85.0",
    "CRITICAL: a - cpu_monitor.cpu_percent = 95.0",
  ]);
});

Deno.test("however many metrics are in alert, a host that dies is told; stale ones end in a day", () => {
  const thresholds = new Map([["n", new Map([["code", { operator: "nagios" as const }]])]]);
  const w = new Watchman(watchSettings({ thresholds, audienceOf: () => ["ops"], renotifyMs: 0 }));
  w.beat("a");
  const checks = Array.from({ length: 300 }, (_, n) => [`c${n}_code`, 2] as const);
  w.sample("a", "n", Object.fromEntries(checks));
  w.until(60);
  assertMatch(w.told().at(-1) ?? "", /^CRITICAL: a - no heartbeat/);
  w.until(1000);
  assertEquals(w.monitor.alerts?.counts().stale, 200);
  w.nowMs += 90_000_000;
  w.until(91_100);
  assertEquals(w.monitor.alerts?.counts().stale, 0);
});

Deno.test("a metric that was stale is reminded of again when it is back", () => {
  const w = new Watchman(watchSettings({ thresholds: CPU, renotifyMs: 3_600_000 }));
  load(w, 60, 95);
  w.until(5000);
  load(w, 10_000, 95);
  assertEquals(
    w.told().filter((text) => text.startsWith("REMINDER (CRITICAL): a - cpu")).length,
    2,
  );
});
