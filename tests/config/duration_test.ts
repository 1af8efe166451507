import { assertEquals, assertMatch } from "@std/assert";
import { parseDuration } from "../../src/config/duration.ts";

/** Seconds of a duration; null when it is none. */
function secondsOf(value: unknown): number | null {
  const parsed = parseDuration(value);
  return parsed.ok ? parsed.ms / 1000 : null;
}

Deno.test("a duration is a number of seconds or a text with units, the largest first", () => {
  const table: readonly (readonly [unknown, number])[] = [
    [90, 90],
    [1.5, 1.5],
    ["90s", 90],
    ["15m", 900],
    ["2h", 7200],
    ["1h30m", 5400],
    ["7d", 604_800],
    ["1d2h3m4s", 93_784],
    ["366d", 31_622_400],
    [31_622_400, 31_622_400],
  ];
  for (const [value, durationS] of table) assertEquals(secondsOf(value), durationS, String(value));
});

Deno.test("what is no duration from a second to 366 days is refused, and said what would be right", () => {
  const wrong = [
    ...[0, -1, 0.5, NaN, Infinity, 31_622_401, null, true, [], {}, undefined, ["2h"]],
    ...["", "90", "2 h", "2H", "1.5h", "30m1h", "1h1h", "h", "-2h", "2h ", "\n2h", "367d", "0s"],
    "9".repeat(400) + "d",
  ];
  for (const value of wrong) {
    const parsed = parseDuration(value);
    assertMatch(
      parsed.ok ? "" : parsed.problem,
      /^must be a number of seconds or a text like "90s"/,
    );
  }
  const long = parseDuration("x".repeat(10_000));
  assertEquals(!long.ok && long.problem.length < 250, true);
});
