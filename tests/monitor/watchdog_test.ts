import { assertEquals } from "@std/assert";
import { isOverdue, missedIntervals, nextCheckMs, stability } from "../../src/monitor/watchdog.ts";
import { Wheel } from "../../src/monitor/wheel.ts";

const TEN = { intervalMs: 10_000, graceMs: 2000 };

Deno.test("isOverdue() and missedIntervals() at the boundaries", () => {
  assertEquals([11_999, 12_000, 12_001].map((ms) => isOverdue(ms, TEN)), [false, false, true]);
  const missed = [0, 12_000, 12_001, 19_999, 20_000, 30_000].map((ms) => missedIntervals(ms, TEN));
  assertEquals(missed, [0, 0, 1, 1, 2, 3]);
});

Deno.test("nextCheckMs() is the deadline, then the end of each interval after it", () => {
  assertEquals([0, 1, 2].map((missed) => nextCheckMs(missed, TEN)), [12_000, 20_000, 30_000]);
});

Deno.test("stability() stays within 0 and 100", () => {
  assertEquals(stability(0, 0, 0), null);
  assertEquals(stability(4, 0, 0), 100);
  assertEquals(stability(1, 1, 500), 0);
});

Deno.test("Wheel hands a host out once, after its time and within a slot of it", () => {
  const wheel = new Wheel();
  const out: number[] = [];
  wheel.place(7, 1000);
  wheel.drain(1000, 10, (host) => out.push(host));
  assertEquals(out, []);
  wheel.drain(1250, 10, (host) => out.push(host));
  wheel.drain(5000, 10, (host) => out.push(host));
  assertEquals(out, [7]);
});

Deno.test("Wheel keeps a host where it is when its time moves away, and takes it nearer when it nears", () => {
  const wheel = new Wheel();
  const out: [number, number][] = [];
  wheel.place(1, 1000);
  wheel.place(1, 9000);
  wheel.place(2, 9000);
  wheel.place(2, 1000);
  for (let now = 0; now <= 12_000; now += 250) {
    wheel.drain(now, 10, (host) => out.push([host, now]));
  }
  assertEquals(out, [[2, 1250], [1, 1250]]);
});

Deno.test("Wheel crosses a long empty time at once and in order", () => {
  const wheel = new Wheel();
  const out: number[] = [];
  wheel.place(1, 1e12);
  wheel.place(2, 1e12 - 1e9);
  wheel.drain(1e12 + 1000, 10, (host) => out.push(host));
  assertEquals(out, [2, 1]);
});
