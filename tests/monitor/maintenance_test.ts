/** Maintenance: whom the windows concern, and what they cover when clocks change. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { MaintenanceWindow } from "../../src/config/config.ts";
import { Maintenance } from "../../src/monitor/maintenance.ts";

type When = MaintenanceWindow["when"];

const BERLIN = "Europe/Berlin";
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

function windowOf(when: When, more: Partial<MaintenanceWindow> = {}): MaintenanceWindow {
  return { hosts: [], group: null, when, zone: BERLIN, reason: "work", ...more };
}

/** Minutes after midnight of `HH:MM`. */
function minutes(time: string): number {
  const [hour = "", minute = ""] = time.split(":");
  return Number(hour) * 60 + Number(minute);
}

/** `02:00-04:00` on every day, or on some (1 is Monday). */
function times(text: string, days?: readonly number[]): When {
  const [from = "", to = ""] = text.split("-");
  const span = { from: minutes(from), to: minutes(to) };
  return days === undefined ? { kind: "daily", ...span } : { kind: "weekly", days, ...span };
}

const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;

/** Until when a host is under maintenance, in UTC; null when it is not. */
function until(maintenance: Maintenance, moment: string, host = "web1", group?: string) {
  const active = maintenance.activeUntil(host, group ?? null, at(moment));
  return active === null ? null : Temporal.Instant.fromEpochMilliseconds(active.untilMs).toString();
}

/** Asserts that all of the time from `fromUtc` to `toUtc`, and nothing beside it, is a window. */
function assertCovers(when: When, fromUtc: string, toUtc: string): void {
  const maintenance = new Maintenance([windowOf(when)]);
  const last = Temporal.Instant.from(toUtc).subtract({ milliseconds: 1 }).toString();
  const before = Temporal.Instant.from(fromUtc).subtract({ milliseconds: 1 }).toString();
  assertEquals([until(maintenance, before), until(maintenance, toUtc)], [null, null]);
  const end = Temporal.Instant.from(toUtc).toString();
  assertEquals([until(maintenance, fromUtc), until(maintenance, last)], [end, end]);
  const covered = maintenance.overlapMs("web1", null, at(fromUtc) - HOUR_MS, at(toUtc) + HOUR_MS);
  assertEquals(covered, at(toUtc) - at(fromUtc));
}

Deno.test("without windows nobody is under maintenance", () => {
  const maintenance = new Maintenance([]);
  assertEquals(maintenance.activeUntil("web1", null, at("2026-06-01T00:00Z")), null);
  assertEquals(maintenance.overlapMs("web1", null, 0, at("2026-06-01T00:00Z")), 0);
});

Deno.test("a daily window lasts from its begin until just before its end, in its zone", () => {
  assertCovers(times("02:00-04:00"), "2026-06-10T00:00Z", "2026-06-10T02:00Z");
  assertCovers(times("02:00-04:00"), "2026-12-10T01:00Z", "2026-12-10T03:00Z");
  const inTokyo = windowOf(times("02:00-04:00"), { zone: "Asia/Tokyo" });
  assertEquals(
    until(new Maintenance([inTokyo]), "2026-06-09T18:00Z"),
    "2026-06-09T19:00:00Z",
  );
  const far = windowOf(times("00:30-00:45"), { zone: "Pacific/Kiritimati" });
  assertEquals(until(new Maintenance([far]), "2026-06-09T10:30Z"), "2026-06-09T10:45:00Z");
  const west = windowOf(times("23:30-23:15"), { zone: "Pacific/Niue" });
  assertEquals(until(new Maintenance([west]), "2026-06-11T10:14Z"), "2026-06-11T10:15:00Z");
});

Deno.test("a window over midnight ends on the next day", () => {
  assertCovers(times("22:00-02:00"), "2026-06-10T20:00Z", "2026-06-11T00:00Z");
  assertCovers(times("22:00-24:00"), "2026-06-10T20:00Z", "2026-06-10T22:00Z");
});

Deno.test("a weekly window begins on its days only, and may end on the day after", () => {
  // 2026-06-14 is a Sunday.
  assertCovers(times("02:00-04:00", [7]), "2026-06-14T00:00Z", "2026-06-14T02:00Z");
  assertCovers(times("22:00-02:00", [7]), "2026-06-14T20:00Z", "2026-06-15T00:00Z");
  const maintenance = new Maintenance([windowOf(times("22:00-02:00", [1, 3]))]);
  const nights = ["14", "15", "16", "17", "18"].map((day) =>
    until(maintenance, `2026-06-${day}T21:00Z`)
  );
  assertEquals(nights, [null, "2026-06-16T00:00:00Z", null, "2026-06-18T00:00:00Z", null]);
});

Deno.test("a one-off window is there once", () => {
  const when = { kind: "once", from: "2026-07-01T22:00", to: "2026-07-03T06:00:00" } as const;
  assertCovers(when, "2026-07-01T20:00Z", "2026-07-03T04:00Z");
  const maintenance = new Maintenance([windowOf(when)]);
  assertEquals(until(maintenance, "2027-07-02T00:00Z"), null);
  const reversed = { kind: "once", from: "2026-07-03T22:00", to: "2026-07-03T06:00" } as const;
  const never = new Maintenance([windowOf(reversed)]);
  assertEquals(never.overlapMs("web1", null, at("2026-07-01T00:00Z"), at("2026-08-01T00:00Z")), 0);
});

Deno.test("on the day on which clocks leap a window is shorter, and begins with the leap", () => {
  // At 02:00 clocks in Berlin go to 03:00, which is 01:00 UTC.
  assertCovers(times("01:00-04:00"), "2026-03-29T00:00Z", "2026-03-29T02:00Z");
  assertCovers(times("02:00-04:00"), "2026-03-29T01:00Z", "2026-03-29T02:00Z");
  assertCovers(times("02:30-04:00"), "2026-03-29T01:00Z", "2026-03-29T02:00Z");
  assertCovers(times("02:30-03:15"), "2026-03-29T01:00Z", "2026-03-29T01:15Z");
  assertCovers(times("01:30-02:00"), "2026-03-29T00:30Z", "2026-03-29T01:00Z");
  assertCovers(times("01:30-02:30"), "2026-03-29T00:30Z", "2026-03-29T01:30Z");
  const once = { kind: "once", from: "2026-03-29T02:30", to: "2026-03-29T03:30" } as const;
  assertCovers(once, "2026-03-29T01:00Z", "2026-03-29T01:30Z");
});

Deno.test("on the day on which an hour is repeated a window has both of them", () => {
  // At 03:00 clocks in Berlin go back to 02:00, which is 01:00 UTC.
  assertCovers(times("01:00-04:00"), "2026-10-24T23:00Z", "2026-10-25T03:00Z");
  assertCovers(times("02:00-04:00"), "2026-10-25T00:00Z", "2026-10-25T03:00Z");
  assertCovers(times("02:30-02:45"), "2026-10-25T00:30Z", "2026-10-25T01:45Z");
  assertCovers(times("22:00-02:30", [6]), "2026-10-24T20:00Z", "2026-10-25T01:30Z");
});

Deno.test("hosts are named, or fit a pattern, or are of the group", () => {
  const named = (hosts: readonly string[], group: string | null = null) => {
    const maintenance = new Maintenance([windowOf(times("00:00-24:00"), { hosts, group })]);
    return (host: string, of: string | null = null) =>
      maintenance.activeUntil(host, of, at("2026-06-10T12:00Z")) !== null;
  };
  const table: readonly [readonly string[], string, boolean][] = [
    [[], "anything", true],
    [["web1"], "web1", true],
    [["web1"], "web10", false],
    [["web1"], "Web1", false],
    [["db", "web*"], "web10", true],
    [["web*"], "web", true],
    [["web*"], "xweb1", false],
    [["*"], "anything", true],
    [["*.example.org"], "a.example.org", true],
    [["*.example.org"], "example.org", false],
    [["web*.de"], "web1.de", true],
    [["web*.de"], "web.de", true],
    [["we*eb"], "web", false],
    [["a*b*c"], "a-b-b-c", true],
    [["a*b*c"], "a-c", false],
    [["a*b*c"], "acbc", true],
    [["a*b*c"], "abxcx", false],
    [["a**c"], "ac", true],
    [["*a*"], "bab", true],
    [["*a*"], "bbb", false],
    [["w.b*"], "web1", false],
  ];
  for (const [hosts, host, expected] of table) {
    assertEquals(named(hosts)(host), expected, `${hosts} and ${host}`);
  }
  const ofGroup = named([], "rack1");
  assertEquals([ofGroup("a", "rack1"), ofGroup("a", "rack2"), ofGroup("a")], [true, false, false]);
  const both = named(["web*"], "rack1");
  assertEquals([both("web1"), both("db", "rack1"), both("db")], [true, true, false]);
});

Deno.test("a pattern full of asterisks is as fast as any", () => {
  const hosts = [`${"*a".repeat(2000)}*b`];
  const maintenance = new Maintenance([windowOf(times("00:00-24:00"), { hosts })]);
  const nowMs = at("2026-06-10T12:00Z");
  assertEquals(maintenance.activeUntil("a".repeat(20_000), null, nowMs), null);
  assert(maintenance.activeUntil(`${"a".repeat(20_000)}b`, null, nowMs) !== null);
});

Deno.test("windows that follow or overlap each other are one for whom they all concern", () => {
  const maintenance = new Maintenance([
    windowOf(times("01:00-02:00"), { hosts: ["web*"], reason: "backup" }),
    windowOf(times("02:00-03:00"), { hosts: ["web1", "db"], reason: "updates" }),
    windowOf(times("02:30-05:00"), { hosts: ["web1"], reason: "more" }),
    windowOf(times("05:00-06:00"), { hosts: ["db"] }),
    windowOf(times("05:01-06:00"), { hosts: ["web1"] }),
  ]);
  const active = (host: string, moment: string) => maintenance.activeUntil(host, null, at(moment));
  const moment = "2026-06-09T23:30Z";
  assertEquals(active("web1", moment), { untilMs: at("2026-06-10T03:00Z"), reason: "backup" });
  assertEquals(active("web2", moment), { untilMs: at("2026-06-10T00:00Z"), reason: "backup" });
  assertEquals(active("db", moment), null);
  const later = "2026-06-10T00:45Z";
  assertEquals(active("web1", later), { untilMs: at("2026-06-10T03:00Z"), reason: "updates" });
  assertEquals(active("db", later), { untilMs: at("2026-06-10T01:00Z"), reason: "updates" });
  assertEquals(active("web2", later), null);
});

Deno.test("a window that never ends answers the end of what was looked at, some 60 days on", () => {
  for (const text of ["00:00-24:00", "02:30-02:30"]) {
    const maintenance = new Maintenance([windowOf(times(text))]);
    for (const moment of ["2026-03-20T12:00Z", "2026-10-20T12:00Z", "2026-06-10T00:00Z"]) {
      const active = maintenance.activeUntil("web1", null, at(moment));
      const aheadMs = (active?.untilMs ?? 0) - at(moment);
      assert(aheadMs >= 59 * DAY_MS && aheadMs <= 61 * DAY_MS, `${text} at ${moment}: ${aheadMs}`);
    }
  }
  const year = { kind: "once", from: "2026-01-01T00:00", to: "2027-01-01T00:00" } as const;
  const maintenance = new Maintenance([windowOf(year)]);
  assertEquals(until(maintenance, "2026-01-01T00:00Z"), "2026-12-31T23:00:00Z");
});

Deno.test("overlap: what windows cover of a time, each moment once", () => {
  const maintenance = new Maintenance([
    windowOf(times("02:00-04:00")),
    windowOf(times("03:00-05:00")),
    windowOf(times("10:00-11:00"), { hosts: ["db"] }),
  ]);
  const overlap = (from: string, to: string, host = "web1") =>
    maintenance.overlapMs(host, null, at(from), at(to)) / MINUTE_MS;
  assertEquals(overlap("2026-06-10T00:00Z", "2026-06-11T00:00Z"), 180);
  assertEquals(overlap("2026-06-10T00:00Z", "2026-06-11T00:00Z", "db"), 240);
  assertEquals(overlap("2026-06-10T00:30Z", "2026-06-10T01:30Z"), 60);
  assertEquals(overlap("2026-06-10T02:30Z", "2026-06-10T09:00Z"), 30);
  assertEquals(overlap("2026-06-10T03:00Z", "2026-06-10T08:00Z"), 0);
  // Seven nights, one of them with an hour less.
  assertEquals(overlap("2026-03-26T12:00Z", "2026-04-02T12:00Z"), 7 * 180 - 60);
  assertEquals(overlap("2026-10-22T12:00Z", "2026-10-29T12:00Z"), 7 * 180 + 60);
  assertEquals(overlap("2026-06-11T00:00Z", "2026-06-10T00:00Z"), 0);
});

Deno.test("overlap of more than 92 days is that of the last 92", () => {
  const maintenance = new Maintenance([windowOf(times("00:00-24:00"))]);
  const toMs = at("2026-06-10T00:00Z");
  for (const fromMs of [0, -Infinity, toMs - 92 * DAY_MS]) {
    assertEquals(maintenance.overlapMs("web1", null, fromMs, toMs), 92 * DAY_MS);
  }
  assertEquals(maintenance.overlapMs("web1", null, toMs - DAY_MS, toMs), DAY_MS);
  assertEquals(maintenance.overlapMs("web1", null, NaN, toMs), 0);
  assertEquals(maintenance.activeUntil("web1", null, NaN), null);
});

Deno.test("a zone or a time that does not exist is refused at once", () => {
  const make = (window: MaintenanceWindow) => () => new Maintenance([window]);
  assertThrows(make(windowOf(times("02:00-04:00"), { zone: "Mars/Olympus" })), RangeError);
  assertThrows(make(windowOf({ kind: "once", from: "tomorrow", to: "2026-01-01" })), RangeError);
});

const span = fc.tuple(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 0, max: 1440 }));
const anyWindow = fc.record({
  hosts: fc.subarray(["a", "b", "*"]),
  group: fc.constantFrom(null, "g"),
  when: fc.tuple(span, fc.subarray([1, 2, 3, 4, 5, 6, 7])).map(([[from, to], days]): When =>
    days.length === 0 ? { kind: "daily", from, to } : { kind: "weekly", days, from, to }
  ),
  zone: fc.constantFrom(BERLIN, "UTC", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata"),
  reason: fc.constant("work"),
});
/** Around both changes of the clocks in Europe, and between them. */
const moment = fc.tuple(
  fc.constantFrom("2026-03-29T01:00Z", "2026-10-25T01:00Z", "2026-06-10T00:00Z"),
  fc.integer({ min: -72 * 60, max: 72 * 60 }),
).map(([near, offset]) => at(near) + offset * MINUTE_MS);

Deno.test("answers do not depend on what was asked before, in whatever order", () => {
  fc.assert(
    fc.property(
      fc.array(anyWindow, { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), moment), { maxLength: 10 }),
      (windows, questions) => {
        const one = new Maintenance(windows);
        for (const [host, nowMs] of questions) {
          const active = one.activeUntil(host, "g", nowMs);
          assertEquals(active, new Maintenance(windows).activeUntil(host, "g", nowMs));
          // Under maintenance is what the overlap counts, up to the end and not beyond.
          const overlapMs = one.overlapMs(host, "g", nowMs, active?.untilMs ?? nowMs + 1);
          assertEquals(overlapMs, active === null ? 0 : active.untilMs - nowMs);
          const isRow = active !== null && active.untilMs - nowMs < 59 * DAY_MS;
          if (isRow) assertEquals(one.activeUntil(host, "g", active.untilMs), null);
        }
      },
    ),
    { numRuns: 200 },
  );
});
