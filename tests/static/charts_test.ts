/** What charts say in words, how far they reach, and the units of metrics. */

import { assert, assertEquals } from "@std/assert";
import { chartRange } from "../../static/app/charts/range.ts";
import { figuresOf, figuresText } from "../../static/app/charts/summary.ts";
import { unitOf, valueText } from "../../static/app/charts/units.ts";

Deno.test("a chart is also told in numbers", () => {
  assertEquals(figuresOf([null, 3, 1, null, 2, null]), {
    min: 1,
    avg: 2,
    max: 3,
    last: 2,
    count: 3,
  });
  assertEquals(
    figuresText(figuresOf([1, 3]), "percent"),
    "last 3 %, lowest 1 %, mean 2 %, highest 3 %, 2 values",
  );
  assertEquals(figuresText(figuresOf([5]), "ms"), "one value, 5.0 ms");
  assertEquals(figuresText(figuresOf([null]), ""), "no values");
});

Deno.test("the mean of equal values is that value", () => {
  assertEquals(figuresOf([0.1, 0.1, 0.1])?.avg, 0.1);
});

Deno.test("percent goes from 0 to 100", () => {
  const { min, max } = chartRange([40, 41], [{ level: "warning", value: 80 }], "percent");
  assertEquals([min, max], [0, 100]);
});

Deno.test("a percentage over 100 is drawn all the same", () => {
  const { max } = chartRange([40, 130], [], "percent");
  assert(max >= 130);
});

Deno.test("thresholds lie within the chart, unless they would press the values flat", () => {
  const near = { level: "critical", value: 50 } as const;
  const far = { level: "critical", value: 5000 } as const;
  const one = chartRange([1, 10], [near], "");
  assert(one.max > 50);
  assertEquals(one.limits, [near]);
  const other = chartRange([1, 10], [far], "");
  assert(other.max < 20);
  assertEquals([other.limits, other.beyond], [[], [far]]);
});

Deno.test("equal values, no values and zeros have a range, too", () => {
  for (const values of [[5, 5], [], [0, 0], [-3, -3], [null]]) {
    const { min, max } = chartRange(values, [], "");
    assert(min < max, `${values}: ${min} to ${max}`);
  }
});

Deno.test("a hair's breadth of movement looks like one", () => {
  const { min, max } = chartRange([76.4, 76.41], [], "gb");
  assert(max - min > 2, `${min} to ${max}`);
  assert(min > 60);
});

Deno.test("a metric's name tells its unit", () => {
  const units = ["cpu_percent", "total_gb", "free_mb", "sent_per_s", "read_bytes_per_s", "reads"];
  assertEquals(units.map((name) => unitOf([name])), [
    "percent",
    "gb",
    "mb",
    "bytes_per_s",
    "bytes_per_s",
    "",
  ]);
  assertEquals(unitOf(["cores", "3"]), "percent");
  assertEquals(unitOf(["size_bytes"]), "bytes");
  assertEquals(unitOf(["uptime_s"]), "s");
  assertEquals(unitOf(["rtt_avg_ms"]), "ms");
});

Deno.test("values are written with their units", () => {
  assertEquals(valueText(79, "percent"), "79 %");
  assertEquals(valueText(97.87, "gb"), "97.9 GiB");
  assertEquals(valueText(2048, "mb"), "2 GiB");
  assertEquals(valueText(null, "ms"), "–");
  assertEquals(valueText(NaN, ""), "–");
});
