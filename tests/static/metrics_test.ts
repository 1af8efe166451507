/** Samples of plugins become metrics for charts, with the thresholds that apply to them. */

import { assert, assertEquals } from "@std/assert";
import {
  foldBounds,
  isDull,
  limitsOf,
  mergeSamples,
  metricsOf,
  MOST_METRICS,
  thresholdOf,
  withGaps,
} from "../../static/app/host/metrics.ts";

const rule = (warning: number | null, critical: number | null) => ({
  warning,
  critical,
  operator: ">",
});

Deno.test("nested numbers are metrics by their path, the oldest value first", () => {
  const { numbers } = metricsOf([
    { timestamp: 20, data: { partitions: { "/": { percent: 80 } }, cores: [1, 2] } },
    { timestamp: 10, data: { partitions: { "/": { percent: 79 } } } },
  ]);
  assertEquals(
    numbers.map(({ path, unit, times, values }) => ({ path, unit, times, values })),
    [
      { path: "partitions./.percent", unit: "percent", times: [10, 20], values: [79, 80] },
      { path: "cores.0", unit: "percent", times: [20], values: [1] },
      { path: "cores.1", unit: "percent", times: [20], values: [2] },
    ],
  );
});

Deno.test("a number in a text is a number, all else is text as it is now", () => {
  const { numbers, texts } = metricsOf([
    { timestamp: 2, data: { load: "1.5", os: "linux", ok: true, users: ["ann", "bob"], no: null } },
    { timestamp: 1, data: { os: "old", gone: "x" } },
  ]);
  assertEquals(numbers.map(({ path, values }) => [path, values]), [["load", [1.5]]]);
  assertEquals(texts.map(({ path, text }) => `${path}=${text}`), [
    "os=linux",
    "ok=yes",
    "users=ann, bob",
    "no=–",
  ]);
});

Deno.test("what a client makes up cannot make the page endless", () => {
  const data = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`m${i}`, i]));
  let deep: unknown = 1;
  for (let i = 0; i < 1000; i++) deep = { a: deep };
  const { numbers, texts } = metricsOf([{ timestamp: 1, data: { ...data, deep } }]);
  assertEquals(numbers.length, MOST_METRICS);
  assert(texts.length <= MOST_METRICS);
  assertEquals(metricsOf([{ timestamp: 1, data: null }, { timestamp: 2, data: "text" }]), {
    numbers: [],
    texts: [],
  });
});

Deno.test("no line bridges a time in which nothing came", () => {
  const times = [0, 10, 20, 30, 200, 210, 220];
  const gapped = withGaps(times, times);
  assertEquals(gapped.values, [0, 10, 20, 30, null, 200, 210, 220]);
  assertEquals(gapped.times, [0, 10, 20, 30, 115, 200, 210, 220]);
  const even = [0, 10, 21, 30];
  assertEquals(withGaps(even, even), { times: even, values: even });
});

Deno.test("a threshold is found as the server finds it", () => {
  const rules = {
    cpu_percent: rule(80, 90),
    "partitions./.percent": rule(70, null),
    "./home.percent": rule(1, 2),
    status_code: rule(null, null),
  };
  assertEquals(thresholdOf(rules, ["cpu_percent"])?.warning, 80);
  assertEquals(thresholdOf(rules, ["partitions", "/", "percent"])?.warning, 70);
  assertEquals(thresholdOf(rules, ["partitions", "/home", "percent"]), null);
  assertEquals(thresholdOf(rules, ["check_disk_root_status_code"])?.warning, null);
  assertEquals(thresholdOf(rules, ["partitions", "/", "free_gb"]), null);
  assertEquals(thresholdOf(undefined, ["cpu_percent"]), null);
});

Deno.test("only levels that there are become lines", () => {
  assertEquals(limitsOf(rule(80, null)), [{ level: "warning", value: 80 }]);
  assertEquals(limitsOf(rule(0, 5)), [
    { level: "warning", value: 0 },
    { level: "critical", value: 5 },
  ]);
  assertEquals(limitsOf(null), []);
});

Deno.test("bounds that a check tells of itself are lines, not charts", () => {
  const { numbers, texts, bounds } = foldBounds(metricsOf([{
    timestamp: 1,
    data: {
      disk_root: 10,
      disk_root_warn: 80,
      disk_root_crit: 90,
      disk_root_unit: "MB",
      other_warn: 3,
    },
  }]));
  assertEquals(numbers.map(({ path }) => path), ["disk_root", "other_warn"]);
  assertEquals(texts, []);
  assertEquals(bounds.get("disk_root"), rule(80, 90));
});

Deno.test("counters and constants are dull, what moves is not", () => {
  const dull = (data: readonly object[]) =>
    metricsOf(data.map((data, i) => ({ timestamp: i, data }))).numbers
      .filter(isDull).map(({ path }) => path);
  assertEquals(dull([{ a: 1, b: 1 }, { a: 1, b: 2 }, { a: 1, b: 1 }]), ["a"]);
  assertEquals(dull([{ reads: 1, reads_per_s: 2, bytes_sent: 5, errors_total: 0, percent: 3 }]), [
    "reads",
    "bytes_sent",
    "errors_total",
  ]);
});

Deno.test("newer samples are put on top, each time once, the oldest go", () => {
  const at = (timestamp: number) => ({ timestamp, data: { v: timestamp } });
  const merged = mergeSamples([at(3), at(2), at(1)], [at(5), at(4), at(3)], 4);
  assertEquals(merged.map(({ timestamp }) => timestamp), [5, 4, 3, 2]);
});
