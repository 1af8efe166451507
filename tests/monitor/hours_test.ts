/** Hourly figures: every moment of a host is up, down, or nobody's; whatever happens, and whenever. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type HostHour, HOUR_MS } from "../../src/monitor/hour_table.ts";
import { Driver, place, settings, shutdownOf, START_MS } from "./support.ts";

/** The support's second 0 is at a full hour. */
const FIRST_HOUR = START_MS / HOUR_MS;
const HOUR_S = 3600;

function hoursOf(d: Driver, name: string, atS: number): readonly HostHour[] {
  return d.monitor.hours.of(name, START_MS + atS * 1000);
}

function sums(hours: readonly HostHour[]) {
  const sum = { beats: 0, late: 0, missed: 0, up: 0, down: 0, deaf: 0 };
  for (const { beats, late, missed, upMs, downMs, deafMs } of hours) {
    sum.beats += beats;
    sum.late += late;
    sum.missed += missed;
    sum.up += upMs / 1000;
    sum.down += downMs / 1000;
    sum.deaf += deafMs / 1000;
  }
  return sum;
}

/** Beats of `name` every 10 s after `fromS` up to `toS`, with the ticks between them. */
function beats(d: Driver, name: string, fromS: number, toS: number): void {
  for (let atS = fromS + 10; atS <= toS; atS += 10) {
    d.tick(atS);
    d.beat(name, atS);
  }
}

Deno.test("a host that beats is up from its first beat on, cut at full hours", () => {
  const d = new Driver(settings(10));
  d.beat("a", 1800);
  beats(d, "a", 1800, 2 * HOUR_S);
  const [first, second, third] = hoursOf(d, "a", 2 * HOUR_S);
  assertEquals([first?.hour, first?.upMs, first?.beats], [FIRST_HOUR, 1_800_000, 180]);
  assertEquals([second?.hour, second?.upMs, second?.beats], [FIRST_HOUR + 1, HOUR_MS, 360]);
  assertEquals([third?.beats, third?.upMs], [1, 0]);
});

Deno.test("a silent host is down from when it was found so, in every hour until it is back", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  beats(d, "a", 0, 1000);
  d.run(1000, HOUR_S + 700);
  assertEquals(d.host("a").state, "down");
  d.beat("a", HOUR_S + 700);
  const [first, second] = hoursOf(d, "a", HOUR_S + 1000);
  assertEquals([first?.upMs, first?.downMs], [1_012_250, HOUR_MS - 1_012_250]);
  assertEquals([second?.upMs, second?.downMs, second?.late], [300_000, 700_000, 1]);
  assertEquals(first === undefined || second === undefined, false);
  assertEquals((first?.missed ?? 0) + (second?.missed ?? 0), d.host("a").missed);
});

Deno.test("deaf time is neither up nor down, and neither is time after a goodbye", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  beats(d, "a", 0, 600);
  d.deaf(900, 1500);
  beats(d, "a", 1500, 1800);
  d.send(shutdownOf("a"), 1800);
  const { up, down, deaf } = sums(hoursOf(d, "a", HOUR_S));
  assertEquals([up, down, deaf], [900, 0, 900]);
});

Deno.test("paused time is neither up nor down; deaf time in it counts as paused", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  beats(d, "a", 0, 600);
  const ms = (atS: number) => START_MS + atS * 1000;
  d.monitor.pause("a", { fromMs: ms(600), untilMs: ms(1200), reason: "" }, ms(600));
  d.deaf(300, 1300);
  beats(d, "a", 1300, 1800);
  const { up, down, deaf } = sums(hoursOf(d, "a", 1800));
  assertEquals([up, down, deaf], [1100, 0, 100]);
});

Deno.test("of several pauses in an hour each counts, however many are remembered", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  const ms = (atS: number) => START_MS + atS * 1000;
  for (let n = 0; n < 30; n++) {
    const [fromS, toS] = [n * 100 + 10, n * 100 + 60];
    beats(d, "a", n * 100, fromS);
    d.monitor.pause("a", { fromMs: ms(fromS), untilMs: ms(toS), reason: "" }, ms(fromS));
    beats(d, "a", fromS, toS + 40);
  }
  const { up, down, deaf } = sums(hoursOf(d, "a", 3000));
  assertEquals([up, down, deaf], [1500, 0, 0]);
});

Deno.test("round trips of an hour have their least, mean and most", () => {
  const d = new Driver(settings(10));
  for (const [n, rttMs] of [10, 30, 20].entries()) {
    d.beat("a", n * 10, { rttMs, ...place("m.1", n) });
  }
  d.beat("b", 5);
  const [hour] = hoursOf(d, "a", 100);
  assertEquals(hour?.rtt, { count: 3, minMs: 10, maxMs: 30, sumMs: 60 });
  assertEquals(hoursOf(d, "b", 100)[0]?.rtt, null);
});

Deno.test("a finished hour is there for every host that was watched, until it is written", () => {
  const d = new Driver(settings(10, 20, { never: {} }));
  d.beat("silent", 0);
  d.beat("gone", 0);
  d.send(shutdownOf("gone"), 10);
  d.tick(13);
  d.tick(HOUR_S + 1);
  const nowMs = START_MS + HOUR_S * 1000 + 1000;
  const { hours } = d.monitor;
  assertEquals(hours.finished(nowMs), [FIRST_HOUR]);
  assertEquals(hours.finished(nowMs - 2000), []);
  const rows = Array.from({ length: hours.rows }, (_, row) => row);
  const taken = hours.take(FIRST_HOUR, rows, nowMs);
  assertEquals(taken.map(({ host, figures: { upMs, downMs } }) => [host, upMs, downMs]), [
    ["silent", 13_000, HOUR_MS - 13_000],
    ["gone", 10_000, 0],
  ]);
  // Asking again gives the same.
  assertEquals(hours.take(FIRST_HOUR, rows, nowMs + 60_000), taken);
  hours.written(FIRST_HOUR);
  assertEquals(hours.finished(nowMs), []);
  assertEquals(hours.take(FIRST_HOUR, rows, nowMs), []);
  assertEquals(hours.of("silent", nowMs).map(({ downMs }) => downMs), [1000]);
});

Deno.test("hours that nobody writes are bounded: the last ones stay", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  for (let hour = 1; hour < 50; hour++) d.tick(hour * HOUR_S);
  assertEquals(hoursOf(d, "a", 49 * HOUR_S + 10).map(({ hour }) => hour - FIRST_HOUR), [
    47,
    48,
    49,
  ]);
});

Deno.test("a clock that was years ahead for a while spoils no hour after it", () => {
  const d = new Driver(settings(10));
  const years = 10 * 365 * 86_400;
  d.beat("a", 0);
  beats(d, "a", 0, 100);
  d.deaf(years, 100 + years);
  beats(d, "a", 100 + years, 200 + years);
  d.monitor.hours.written(FIRST_HOUR + 1);
  d.deaf(-years, 200);
  beats(d, "a", 200, 300);
  const { beats: counted, up } = sums(hoursOf(d, "a", 300));
  assert(counted >= 10, `${counted} beats`);
  assert(up >= 100 && up <= 300, `${up} s up`);
});

Deno.test("where the clock is set back, an hour stays an hour", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  beats(d, "a", 0, 3000);
  d.run(3000, 3100);
  d.deaf(-1800, 1300);
  beats(d, "a", 1300, HOUR_S - 10);
  const { up, down, deaf } = sums(hoursOf(d, "a", HOUR_S - 10));
  assert(up + down + deaf <= HOUR_S, `${up} + ${down} + ${deaf}`);
});

/** What may happen next, and after how many seconds. */
const step = fc.record({
  gapS: fc.oneof(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 4000 })),
  what: fc.oneof(
    { weight: 8, arbitrary: fc.constant("beat" as const) },
    { weight: 2, arbitrary: fc.constantFrom("deaf", "shutdown", "pause", "resume") },
  ),
});

Deno.test("up + down + unknown is the time that passed, second by second as a clerk would book it", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const d = new Driver(settings(10));
      const told = { up: 0, down: 0, deaf: 0 };
      let [atS, pauseUntilS, writtenHour] = [0, 0, FIRST_HOUR - 1];
      const written: HostHour[] = [];
      /** Books the seconds up to `toS` as whatever the host was in each of them. */
      const pass = (toS: number, isDeaf: boolean) => {
        for (; atS < toS; atS++) {
          // What it is beside paused, which is only as new as the last tick.
          const { up, down } = d.monitor.totals().states;
          const isWaitedFor = up + down > 0 && atS >= pauseUntilS;
          if (isWaitedFor && isDeaf) told.deaf++;
          else if (isWaitedFor) told[up > 0 ? "up" : "down"]++;
          if (isDeaf) continue;
          d.tick(atS + 1);
          write(START_MS + (atS + 1) * 1000);
        }
      };
      /** As the server writes hours that are over. */
      const write = (nowMs: number) => {
        for (const hour of d.monitor.hours.finished(nowMs)) {
          written.push(...d.monitor.hours.take(hour, [0], nowMs).map(({ figures }) => figures));
          d.monitor.hours.written(hour);
          assert(hour > writtenHour);
          writtenHour = hour;
        }
      };
      for (const { gapS, what } of steps) {
        if (what === "deaf") {
          pass(atS + gapS, true);
          d.deaf(gapS, atS);
          continue;
        }
        pass(atS + gapS, false);
        const ms = START_MS + atS * 1000;
        if (what === "beat") d.beat("a", atS);
        else if (what === "shutdown") d.send(shutdownOf("a"), atS);
        else if (what === "pause" && d.monitor.host("a") !== null) {
          pauseUntilS = atS + 500;
          d.monitor.pause("a", { fromMs: ms, untilMs: ms + 500_000, reason: "" }, ms);
        } else if (what === "resume" && d.monitor.host("a") !== null) {
          pauseUntilS = atS;
          d.monitor.pause("a", null, ms);
        }
      }
      const hours = [...written, ...hoursOf(d, "a", atS)];
      const { up, down, deaf, beats: counted, late, missed } = sums(hours);
      // Deaf time over several full hours belongs to hours that nobody heard of.
      assert(deaf <= told.deaf);
      assertEquals([up, down], [told.up, told.down]);
      const host = d.monitor.host("a");
      if (deaf === told.deaf) assert(up + down + deaf <= atS);
      assertEquals([counted, late, missed], [host?.total ?? 0, host?.late ?? 0, host?.missed ?? 0]);
      for (const { upMs, downMs, deafMs } of hours) assert(upMs + downMs + deafMs <= HOUR_MS);
    }),
    { numRuns: 100 },
  );
});
