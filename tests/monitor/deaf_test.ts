/** Time in which the server did not listen counts against nobody; a host that died then is still found. */

import { assertEquals } from "@std/assert";
import { ListeningClock } from "../../src/monitor/listening_clock.ts";
import { Driver, settings, START_MS } from "./support.ts";

Deno.test("a deaf time moves the deadline: the next beat after it is in time", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  d.run(0, 8);
  d.deaf(22.5, 30.5);
  d.run(30.5, 40);
  // Beating every 10 s all the while: the beats at 10, 20 and 30 fell on deaf ears.
  assertEquals(d.beat("a", 40), false);
  assertEquals(d.said(), []);
});

Deno.test("a host that died meanwhile is reported one interval + grace after the server listens", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  d.run(0, 8);
  d.deaf(3600, 3608);
  d.run(3608, 3620);
  assertEquals(d.said(), []);
  assertEquals(d.host("a").deadlineMs, START_MS + 3_620_000);
  d.run(3620, 3621);
  assertEquals(d.said(), ["down a", "missed a"]);
});

Deno.test("several deaf times in one wait each give a whole interval anew", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  d.deaf(100, 108);
  d.deaf(100, 216);
  d.deaf(100, 325);
  d.run(325, 337);
  assertEquals(d.said(), []);
  d.run(337, 338);
  assertEquals(d.said(), ["down a", "missed a"]);
});

Deno.test("a host that was down before goes on missing in listened time only", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  d.run(0, 15);
  d.deaf(1000, 1015);
  d.run(1015, 1019.5);
  assertEquals(d.host("a").missed, 1);
  d.run(1019.5, 1020.5);
  assertEquals(d.host("a").missed, 2);
});

Deno.test("a clock set back or forward a little moves the deadlines with it", () => {
  for (const jumpS of [-3600, -1, 1.5]) {
    const d = new Driver(settings(10));
    d.beat("a", 0);
    d.run(0, 5);
    d.deaf(jumpS, 5 + jumpS, false);
    d.run(5 + jumpS, 12 + jumpS);
    assertEquals(d.said(), [], `jump of ${jumpS} s`);
    d.run(12 + jumpS, 13 + jumpS);
    assertEquals(d.said(), ["down a", "missed a"], `jump of ${jumpS} s`);
  }
});

Deno.test("a gap with deaf time in it is not learned from", () => {
  const d = new Driver(settings("auto"));
  for (const atS of [0, 10, 20, 30]) d.beat("a", atS);
  d.deaf(500, 535);
  d.beat("a", 545);
  d.deaf(500, 1050);
  d.beat("a", 1060);
  assertEquals(d.host("a").intervalMs, 10_000);
});

Deno.test("ListeningClock says nothing while both clocks go on together", () => {
  const clock = new ListeningClock(1_000_000, 50);
  for (let t = 250; t <= 10_000; t += 250) {
    assertEquals(clock.read(1_000_000 + t + (t % 3), 50 + t), null);
  }
});

Deno.test("ListeningClock counts a stall as deaf, and as lost beats only from two seconds on", () => {
  const clock = new ListeningClock(0, 0);
  assertEquals(clock.read(400, 400), null);
  assertEquals(clock.read(1900, 1900), { shiftMs: 1500, beatsLost: false });
  assertEquals(clock.read(4000, 4000), { shiftMs: 2100, beatsLost: true });
});

Deno.test("ListeningClock counts a suspend in which the monotonic clock stood still", () => {
  const clock = new ListeningClock(0, 0);
  assertEquals(clock.read(3_600_250, 250), { shiftMs: 3_600_000, beatsLost: true });
});

Deno.test("ListeningClock counts a suspend in which the monotonic clock went on", () => {
  const clock = new ListeningClock(0, 0);
  assertEquals(clock.read(3_600_000, 3_600_000), { shiftMs: 3_600_000, beatsLost: true });
});

Deno.test("ListeningClock sees the clock set back, and no lost beats in that", () => {
  const clock = new ListeningClock(10_000_000, 0);
  assertEquals(clock.read(10_000_250 - 3_600_000, 250), { shiftMs: -3_600_000, beatsLost: false });
});

Deno.test("ListeningClock sees a stall under a clock that was set back by as much", () => {
  const clock = new ListeningClock(10_000_000, 0);
  assertEquals(clock.read(10_000_000, 5000), { shiftMs: 0, beatsLost: true });
});
