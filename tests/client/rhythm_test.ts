import { assert, assertEquals } from "@std/assert";
import { type Moment, Rhythm } from "../../src/client/rhythm.ts";

const WALL_MS = 1_795_231_286_563;

/** Both clocks, `ms` after the start. */
function at(ms: number, sleptMs = 0): Moment {
  return { monotonicMs: 5000.5 + ms, wallMs: WALL_MS + ms + sleptMs };
}

/** Times of the beats when every timer is late by what `lateMs` says. */
function beats(intervalMs: number, untilMs: number, lateMs: (i: number) => number): number[] {
  const rhythm = new Rhythm(at(0), intervalMs);
  const times: number[] = [];
  for (let ms = 0, i = 0; ms < untilMs; i++) {
    if (rhythm.isDue(at(ms))) times.push(ms);
    ms += rhythm.waitMs(at(ms)) + lateMs(i);
  }
  return times;
}

Deno.test("the first beat is due at once, the next one an interval later and not before", () => {
  const rhythm = new Rhythm(at(0), 30_000);
  assert(rhythm.isDue(at(0)));
  assert(!rhythm.isDue(at(0)));
  assert(!rhythm.isDue(at(29_999)));
  assert(rhythm.isDue(at(30_000)));
});

Deno.test("late timers do not shift the beats after them: no drift in a day", () => {
  const dayMs = 86_400_000;
  const times = beats(30_000, dayMs, (i) => (i * 37) % 90);
  assertEquals(times.length, 2880);
  for (const [i, ms] of times.entries()) {
    assert(ms - i * 30_000 >= 0 && ms - i * 30_000 < 90, `beat ${i} at ${ms}`);
  }
});

Deno.test("a stall over several intervals gives one beat, then the grid goes on", () => {
  const rhythm = new Rhythm(at(0), 1000);
  assert(rhythm.isDue(at(0)));
  assert(rhythm.isDue(at(7350)));
  assert(!rhythm.isDue(at(7360)));
  assertEquals(rhythm.waitMs(at(7360)), 640);
  assert(rhythm.isDue(at(8000)));
});

Deno.test("after a sleep in which the monotonic clock stood still there is one beat at once", () => {
  const rhythm = new Rhythm(at(0), 30_000);
  assert(rhythm.isDue(at(0)));
  assert(!rhythm.isDue(at(5000)));
  const hourMs = 3_600_000;
  assert(rhythm.isDue(at(6000, hourMs)));
  assert(!rhythm.isDue(at(6001, hourMs)));
  assert(!rhythm.isDue(at(29_000, hourMs)));
  assert(rhythm.isDue(at(30_000, hourMs)));
});

Deno.test("a clock that is set back neither delays nor multiplies beats", () => {
  const rhythm = new Rhythm(at(0), 30_000);
  assert(rhythm.isDue(at(0)));
  assert(!rhythm.isDue(at(10_000, -3_600_000)));
  assert(rhythm.isDue(at(30_000, -3_600_000)));
  assert(!rhythm.isDue(at(30_001, -3_600_000)));
});

Deno.test("the wait is never 0 and never long, so that a sleep is noticed", () => {
  const rhythm = new Rhythm(at(0), 86_400_000);
  assert(rhythm.isDue(at(0)));
  assertEquals(rhythm.waitMs(at(0)), 5000);
  assertEquals(rhythm.waitMs(at(86_400_000)), 1);
});
