import { assert, assertEquals, assertMatch } from "@std/assert";
import { START_MS, Watchman, watchSettings } from "./support.ts";

/** Hosts a, b and c beat every 10 s from `fromS` to `toS`, those not `dead`. */
function beats(w: Watchman, toS: number, dead: readonly string[] = []): void {
  w.until(toS, (nowS) => {
    if (nowS % 10 !== 0) return;
    for (const host of ["a", "b", "c"]) if (!dead.includes(host)) w.beat(host);
  });
}

Deno.test("a silent host is told once, within a second of its deadline, and its return once", () => {
  const w = new Watchman();
  beats(w, 60);
  assertEquals(w.told(), []);
  beats(w, 300, ["a"]);
  assertEquals(w.told().length, 1);
  assertMatch(
    w.told()[0] ?? "",
    /^CRITICAL: a - no heartbeat for 12\.\ds \(expected every 10s, 2s grace\)$/,
  );
  assert((w.notifications()[0]?.atMs ?? 0) <= START_MS + 60_000 + 12_000 + 1000);
  beats(w, 400);
  assertEquals(w.told().slice(1), ["RECOVERED: a - heartbeat is back after 4m 10s"]);
});

Deno.test("an alert says why it fired", () => {
  const w = new Watchman();
  beats(w, 60);
  beats(w, 80, ["a"]);
  const [alert] = w.monitor.alerts?.ofHost("a") ?? [];
  const evidence = alert?.evidence;
  assert(evidence?.kind === "silence");
  assertEquals(evidence.lastBeatMs, START_MS + 60_000);
  assertEquals(evidence.deadlineMs, START_MS + 72_000);
  assertEquals([evidence.intervalMs, evidence.graceMs], [10_000, 2000]);
  assertEquals(evidence.lookedMs - evidence.silenceMs, START_MS + 60_000);
  assertEquals(evidence.excludedMs, 0);
  assertEquals(evidence.gapsMs.slice(-2), [10_000, 10_000]);
});

Deno.test("deaf time is left out of a silence and named in its evidence", () => {
  const w = new Watchman();
  beats(w, 60);
  w.nowMs += 100_000;
  w.monitor.deaf({ shiftMs: 100_000, beatsLost: false }, w.nowMs);
  beats(w, 180, ["a"]);
  const [alert] = w.monitor.alerts?.ofHost("a") ?? [];
  assert(alert?.evidence.kind === "silence");
  assertEquals(alert.evidence.excludedMs, 100_000);
});

Deno.test("a host that is back before anybody was told is not told of at all", () => {
  const w = new Watchman();
  beats(w, 60);
  beats(w, 72, ["a"]);
  w.until(72.25);
  w.beat("a");
  beats(w, 100);
  assertEquals(w.told(), []);
});

Deno.test("nobody is told of the end of a silence that was down for less than 4 s", () => {
  for (const [backS, count] of [[76, 1], [76.5, 2]] as const) {
    const w = new Watchman();
    beats(w, 60);
    beats(w, backS, ["a"]);
    w.beat("a");
    assertEquals(w.told().length, count, `back at ${backS}`);
  }
});

Deno.test("while a host stays down there is a reminder each threshold_renotify_interval", () => {
  const w = new Watchman(watchSettings({ renotifyMs: 600_000 }));
  beats(w, 60);
  beats(w, 1400, ["a"]);
  assertEquals(w.told().length, 3);
  assertMatch(
    w.told()[1] ?? "",
    /^REMINDER \(CRITICAL\): a - no heartbeat .* \(ongoing for 600s\)$/,
  );
  assertMatch(w.told()[2] ?? "", /\(ongoing for 1200s\)$/);
});

Deno.test("an acknowledged alert is not reminded of until that is over", () => {
  const w = new Watchman(watchSettings({ renotifyMs: 600_000 }));
  beats(w, 60);
  beats(w, 100, ["a"]);
  const id = w.monitor.alerts?.ofHost("a")[0]?.id ?? "";
  w.say((monitor, nowMs) => monitor.acknowledge(id, nowMs + 1_800_000, "on it", nowMs));
  beats(w, 1900, ["a"]);
  assertEquals(w.told().length, 1);
  beats(w, 2600, ["a"]);
  assertEquals(w.told().length, 2);
});

Deno.test("a host that nobody watches is judged and shown, and nobody is told", () => {
  const w = new Watchman(watchSettings({
    isWatched: (host) => host !== "a",
    audienceOf: (host) => host === "a" ? [] : ["ops"],
  }));
  beats(w, 60);
  beats(w, 10_000, ["a"]);
  assertEquals(w.monitor.alerts?.counts().CRITICAL, 1);
  beats(w, 10_100);
  assertEquals(w.told(), []);
  assertEquals(w.monitor.alerts?.counts().CRITICAL, 0);
});

Deno.test("notify_every_miss tells of each missed interval, else there is one for an outage", () => {
  const w = new Watchman(watchSettings({ everyMiss: true }));
  beats(w, 60);
  beats(w, 101, ["a"]);
  assertEquals(w.told().length, 4);
  assertMatch(w.told()[1] ?? "", /^MISSED: a - no heartbeat for 20.*, 2 missed$/);
  assertMatch(w.told()[3] ?? "", /, 4 missed$/);
});

Deno.test("a host that says goodbye is not told of, and one that was down ends so", () => {
  const w = new Watchman();
  beats(w, 60);
  w.shutdown("b");
  beats(w, 200, ["a", "b"]);
  assertEquals(w.told().length, 1);
  w.shutdown("a");
  assertMatch(w.told()[1] ?? "", /^RECOVERED: a - shut down after /);
});

Deno.test("a paused host is not told of, and after it has a whole interval anew", () => {
  const w = new Watchman();
  beats(w, 60);
  const pause = { fromMs: w.nowMs, untilMs: w.nowMs + 600_000, reason: "new disk" };
  w.say((monitor, nowMs) => assert(monitor.pause("a", pause, nowMs)));
  assertEquals(w.monitor.host("a")?.state, "paused");
  beats(w, 671.5, ["a"]);
  assertEquals(w.told(), []);
  assertEquals(w.monitor.host("a")?.missed, 0);
  beats(w, 674, ["a"]);
  assertEquals(w.told().length, 1);
});

Deno.test("a pause holds at once, and is over at once", () => {
  const w = new Watchman();
  beats(w, 60);
  w.nowMs += 100;
  w.say((monitor, nowMs) =>
    monitor.pause("a", { fromMs: nowMs, untilMs: null, reason: "" }, nowMs)
  );
  assertEquals(w.monitor.host("a")?.state, "paused");
  w.nowMs += 1;
  w.say((monitor, nowMs) => monitor.pause("a", null, nowMs));
  assertEquals(w.monitor.host("a")?.state, "up");
});

Deno.test("who is resumed early is waited for from there", () => {
  const w = new Watchman();
  beats(w, 60);
  const pause = { fromMs: w.nowMs, untilMs: null, reason: "" };
  w.say((monitor, nowMs) => monitor.pause("a", pause, nowMs));
  beats(w, 5000, ["a"]);
  w.say((monitor, nowMs) => monitor.pause("a", null, nowMs));
  beats(w, 5011.75, ["a"]);
  assertEquals(w.told(), []);
  beats(w, 5014, ["a"]);
  assertEquals(w.told().length, 1);
});

Deno.test("the return of a host that was told is told in a pause, too, and paused time is named", () => {
  const w = new Watchman();
  beats(w, 60);
  beats(w, 100, ["a"]);
  const pause = { fromMs: w.nowMs, untilMs: w.nowMs + 7_200_000, reason: "repair" };
  w.say((monitor, nowMs) => monitor.pause("a", pause, nowMs));
  beats(w, 4000, ["a"]);
  assertEquals(w.told().length, 1);
  w.beat("a");
  assertMatch(
    w.told()[1] ?? "",
    /^RECOVERED: a - heartbeat is back after 1h 5m, of which 1h 5m paused$/,
  );
});

Deno.test("a day of beats with jitter within grace tells nobody anything", () => {
  const w = new Watchman(watchSettings({ flapThreshold: 6 }));
  const due = Array.from({ length: 50 }, (_, n) => n * 0.2);
  let seed = 1;
  const random = () => (seed = seed * 16_807 % 2_147_483_647) / 2_147_483_647;
  for (let second = 0; second < 86_400; second++) {
    w.until(second, (nowS) => {
      for (const [n, dueS] of due.entries()) {
        if (dueS > nowS) continue;
        w.beat(`host-${n}`);
        due[n] = nowS + 8 + random() * 3.9;
      }
    });
  }
  assertEquals(w.told(), []);
});

Deno.test("a pause without an end that is made a short one ends with that", () => {
  const w = new Watchman();
  beats(w, 60);
  w.say((monitor, nowMs) =>
    monitor.pause("a", { fromMs: nowMs, untilMs: null, reason: "" }, nowMs)
  );
  beats(w, 150, ["a"]);
  const short = { fromMs: w.nowMs, untilMs: w.nowMs + 60_000, reason: "" };
  w.say((monitor, nowMs) => monitor.pause("a", short, nowMs));
  beats(w, 300, ["a"]);
  assertEquals(w.told().length, 1);
});

Deno.test("hosts that nobody watches and that are down never make an incident of one that dies", () => {
  const unwatched = Array.from({ length: 8 }, (_, n) => `u${n}`);
  const w = new Watchman(watchSettings({
    isWatched: (host) => !host.startsWith("u"),
    audienceOf: (host) => host.startsWith("u") ? [] : ["ops"],
  }));
  for (const host of unwatched) w.beat(host);
  beats(w, 16_390);
  beats(w, 16_450, ["a"]);
  assertEquals(w.told().length, 1);
  assertMatch(w.told()[0] ?? "", /^CRITICAL: a - no heartbeat/);
});
