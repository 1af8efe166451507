/** Moments as people write them. */

import { assertEquals } from "@std/assert";
import { parseMoment } from "../../src/config/moment.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12, 0, 0);

Deno.test("a moment is a time, a date, seconds since 1970, or how long ago", () => {
  const local = (hour: number) => new Date(2026, 10, 1, hour).getTime();
  assertEquals(parseMoment("now", NOW_MS), NOW_MS);
  assertEquals(parseMoment("2h", NOW_MS), NOW_MS - 7_200_000);
  assertEquals(parseMoment("30d", NOW_MS), NOW_MS - 30 * 86_400_000);
  assertEquals(parseMoment("1h30m", NOW_MS), NOW_MS - 5_400_000);
  assertEquals(parseMoment("1774701296.5", NOW_MS), 1_774_701_296_500);
  assertEquals(parseMoment("2026-11-01T22:00Z", NOW_MS), Date.UTC(2026, 10, 1, 22));
  assertEquals(parseMoment("2026-11-01T22:00:30+01:00", NOW_MS), Date.UTC(2026, 10, 1, 21, 0, 30));
  assertEquals(parseMoment("2026-11-01T22:00", NOW_MS), local(22));
  assertEquals(parseMoment("2026-11-01 22:00", NOW_MS), local(22));
  assertEquals(parseMoment("2026-11-01", NOW_MS), local(0));
});

Deno.test("what is no moment is none", () => {
  const wrong = [
    "",
    "yesterday",
    "2026-02-31",
    "2026-13-01",
    "2026-11-01T25:00",
    "12",
    "-5",
    "1e9",
  ];
  for (const text of wrong) assertEquals(parseMoment(text, NOW_MS), null, text);
});
