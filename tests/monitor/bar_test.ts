/** The bar shows what became of the last 60 intervals, and the last 24 round trips stand beside it. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type BarLetter, Bars } from "../../src/monitor/bars.ts";
import { bootOf, Driver, place, settings, shutdownOf } from "./support.ts";

function bar(d: Driver, host = "a"): string {
  return d.host(host).bar;
}

Deno.test("a beat is on time or late, and what it came too late for was missed before it", () => {
  const d = new Driver(settings(10));
  for (const atS of [0, 10, 21]) d.beat("a", atS);
  d.beat("a", 36);
  d.run(36, 71);
  assertEquals(bar(d), "ooomlmmm");
  d.beat("a", 71);
  assertEquals(bar(d), "ooomlmmml");
  assertEquals(d.host("a").missed, 4);
});

Deno.test("the last 60 are kept", () => {
  const d = new Driver(settings(10));
  for (let n = 0; n < 100; n++) d.beat("a", n * 10);
  assertEquals(bar(d), "o".repeat(60));
  d.beat("a", 1005);
  assertEquals(bar(d), "o".repeat(58) + "ml");
});

Deno.test("a deaf gap shows as many intervals as nobody could hear", () => {
  for (
    const [deafS, wanted] of [[4, "oo"], [5, "odo"], [24, "oddo"], [7200, `${"d".repeat(59)}o`]]
  ) {
    const d = new Driver(settings(10));
    d.beat("a", 0);
    d.deaf(Number(deafS), Number(deafS) + 3);
    d.beat("a", Number(deafS) + 4);
    assertEquals(bar(d), wanted, `${deafS} s`);
    d.beat("a", Number(deafS) + 14);
    assertEquals(bar(d), `${wanted}o`.slice(-60), `${deafS} s`);
  }
});

Deno.test("deaf time before a missed interval stands before it, and only once", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  d.run(0, 5);
  d.deaf(20, 25);
  d.run(25, 60);
  assertEquals(bar(d), "oddmmm");
  d.beat("a", 60);
  assertEquals(bar(d), "oddmmml");
});

Deno.test("a host that nobody waits for, or whose rhythm nobody knows, has no deaf intervals", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  d.send(shutdownOf("a"), 5);
  d.deaf(100, 105);
  d.send(bootOf("a"), 110);
  d.beat("a", 111);
  assertEquals(bar(d), "oo");
  const learning = new Driver(settings("auto"));
  learning.beat("a", 0);
  learning.deaf(100, 105);
  learning.beat("a", 106);
  assertEquals(bar(learning), "oo");
});

Deno.test("a clock that is set back makes no deaf intervals", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  d.deaf(-3600, -3595);
  d.beat("a", -3590);
  assertEquals(bar(d), "oo");
});

Deno.test("any letters come back in their order, also from the store", () => {
  const letter = fc.constantFrom<BarLetter>("o", "l", "m", "d");
  const pushes = fc.array(fc.tuple(letter, fc.integer({ min: 1, max: 70 })), { maxLength: 40 });
  fc.assert(fc.property(pushes, fc.nat(40), (list, storedAfter) => {
    const bars = new Bars();
    bars.grow(3);
    bars.push(0, "m", 60);
    bars.push(2, "l", 60);
    let all = "";
    for (const [n, [letter, times]] of list.entries()) {
      bars.push(1, letter, times);
      all += letter.repeat(Math.min(times, 60));
      if (n !== storedAfter) continue;
      const record = bars.record(1);
      bars.clear(1);
      assertEquals(bars.text(1), "");
      if (record !== null) bars.restore(1, record);
    }
    assertEquals(bars.text(1), all.slice(-60));
    assertEquals([bars.text(0), bars.text(2)], ["m".repeat(60), "l".repeat(60)]);
  }));
});

Deno.test("the last 24 round trips are kept, of those alone that measure them", () => {
  const d = new Driver(settings(10));
  for (let n = 0; n < 30; n++) {
    d.beat("a", n, { rttMs: n + 0.125, ...place("m.1", n) });
    d.beat("b", n, place("m.2", n));
    d.beat("c", n);
  }
  assertEquals(d.host("a").rtts, Array.from({ length: 24 }, (_, n) => n + 6.125));
  assertEquals([d.host("b").rtts, d.host("c").rtts], [[], []]);
});
