/** When what failed is tried again. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { aheadMs, backOffMs, Trials } from "../../src/dns/trials.ts";

Deno.test("retries come after 2 seconds to 10 minutes, about twice as long each time", () => {
  const middle = Array.from({ length: 11 }, (_, n) => backOffMs(n + 1, 0.5) / 1000);
  assertEquals(middle, [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e9 }),
      fc.double({ min: 0, max: 1 }),
      (failures, random) => {
        const ms = backOffMs(failures, Number.isNaN(random) ? 0 : random);
        assert(ms >= 2000 && ms <= 600_000, `${ms}`);
      },
    ),
  );
});

Deno.test("a time that is too far ahead to have been meant is now", () => {
  assertEquals([aheadMs(5, 3, 10), aheadMs(3, 5, 10), aheadMs(13, 3, 10), aheadMs(14, 3, 10)], [
    2,
    0,
    10,
    0,
  ]);
  assertEquals(aheadMs(-Infinity, 3, 10), 0);
});

Deno.test("trouble is the third failure, or the first after a minute, until it works", () => {
  const trials = new Trials();
  assertEquals([1, 2, 3, 4].map(() => trials.failed("no", 1000, 0.5)), [false, false, true, false]);
  assertEquals([trials.isTrouble, trials.error, trials.nextTryMs], [true, "no", 17_000]);
  trials.hurry();
  assertEquals([trials.isTrouble, trials.error, trials.nextTryMs], [true, "no", 0]);
  trials.worked();
  assertEquals([trials.isTrouble, trials.error], [false, null]);
  assertEquals([1000, 61_000].map((nowMs) => trials.failed("no", nowMs, 0.5)), [false, true]);
});
