/** `interval: auto`. */

import { assertEquals } from "@std/assert";
import { learnedIntervalMs } from "../../src/monitor/learner.ts";
import { Driver, settings } from "./support.ts";

Deno.test("no interval and no alarm before three gaps are known", () => {
  const d = new Driver(settings("auto"));
  for (const atS of [0, 10, 20]) d.beat("a", atS);
  assertEquals(d.host("a").intervalMs, null);
  assertEquals(d.host("a").deadlineMs, null);
  d.run(20, 200);
  assertEquals(d.said(), []);
});

Deno.test("from the third gap on the host is watched by what was learned", () => {
  const d = new Driver(settings("auto"));
  for (const atS of [0, 10, 20, 30]) d.beat("a", atS);
  assertEquals(d.host("a").intervalMs, 10_000);
  d.run(30, 43);
  assertEquals(d.said(), ["down a", "missed a"]);
});

Deno.test("one lost beat is not taken for a new rhythm, wherever it falls", () => {
  for (let lost = 1; lost <= 8; lost++) {
    const d = new Driver(settings("auto"));
    for (let n = 0; n <= 9; n++) {
      if (n === lost) continue;
      d.beat("a", n * 10);
      const { intervalMs } = d.host("a");
      if (intervalMs !== null) assertEquals(intervalMs, 10_000, `beat ${lost} lost, at ${n}`);
    }
  }
});

Deno.test("a new rhythm, slower or faster, is followed within five beats", () => {
  for (const [before, after] of [[10, 60], [60, 10], [5, 7], [300, 2]] as const) {
    const d = new Driver(settings("auto"));
    let atS = 0;
    for (let n = 0; n < 10; n++) d.beat("a", atS += before);
    for (let n = 0; n < 5; n++) d.beat("a", atS += after);
    assertEquals(d.host("a").intervalMs, after * 1000, `${before} s to ${after} s`);
  }
});

Deno.test("a sender that beats unevenly is given its longer gaps", () => {
  const d = new Driver(settings("auto"));
  let atS = 0;
  for (let n = 0; n < 40; n++) {
    assertEquals(d.beat("a", atS += n % 2 === 0 ? 5 : 15), false, `beat ${n}`);
    d.tick(atS);
  }
  assertEquals(d.said(), []);
});

Deno.test("learnedIntervalMs() is the largest gap but one, and never under a second", () => {
  assertEquals(learnedIntervalMs([10, 20]), null);
  assertEquals(learnedIntervalMs([4000, 9000, 5000]), 5000);
  assertEquals(learnedIntervalMs([9000, 9000, 1000]), 9000);
  assertEquals(learnedIntervalMs([3, 2, 1]), 1000);
});
