/** The keys of the slider of the past. */

import { assertEquals } from "@std/assert";
import { momentAfter, stepOf } from "../../static/app/live/steps.ts";

Deno.test("steps are such that people think in, and fit the span", () => {
  assertEquals([10, 3600, 86_400, 30 * 86_400, 1e9].map(stepOf), [1, 15, 300, 10_800, 86_400]);
});

Deno.test("keys go by steps, with shift by bigger ones, and never out of the span", () => {
  const press = (key: string, isBig = false, atS = 5000) =>
    momentAfter(key, isBig, atS, 1000, 1000 + 86_400);
  assertEquals(press("ArrowRight"), 5300);
  assertEquals(press("ArrowLeft"), 4700);
  assertEquals(press("ArrowLeft", true), 1400);
  assertEquals(press("PageDown"), 1400);
  assertEquals(press("ArrowLeft", true, 1500), 1000);
  assertEquals(press("End"), 87_400);
  assertEquals(press("ArrowUp", false, 87_399), 87_400);
  assertEquals(press("Home"), 1000);
  assertEquals(press("a"), null);
});
