/**
 * The samples of a plugin as metrics: numbers over time, and texts as they are now. Pure.
 *
 * Data may be nested (`partitions./.percent`); a number that stands in a text ("85.5") is a number,
 * as it is for thresholds. What programs of nagios say of their own bounds is drawn as thresholds.
 */

import type { Limit } from "../charts/range.ts";
import { type Unit, unitOf } from "../charts/units.ts";
import type { Sample, Threshold } from "./types.ts";

export interface NumberMetric {
  /** `partitions./.percent`. Unique within the plugin. */
  readonly path: string;
  readonly keys: readonly string[];
  readonly unit: Unit;
  /** Epoch seconds, rising; as many as `values`. */
  readonly times: readonly number[];
  /** Null: a gap, in which nothing came for long. */
  readonly values: readonly (number | null)[];
}

export interface TextMetric {
  readonly path: string;
  readonly text: string;
}

export interface Metrics {
  readonly numbers: readonly NumberMetric[];
  readonly texts: readonly TextMetric[];
}

/** More of one plugin is not drawn: nobody would look through it. */
export const MOST_METRICS = 400;

const DEEPEST = 8;

const PLAIN_NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Keys that only hold the things measured: thresholds are named without them, too. */
const CONTAINERS: ReadonlySet<string> = new Set(["partitions", "pools", "interfaces"]);

/** Nothing for so many times the usual distance is a gap in the line. */
const GAP = 3.5;

interface Line {
  readonly keys: readonly string[];
  readonly times: number[];
  readonly values: number[];
}

/** The metrics in `samples`, in any order of time. */
export function metricsOf(samples: readonly Sample[]): Metrics {
  const sorted = samples.toSorted((a, b) => a.timestamp - b.timestamp);
  const lines = new Map<string, Line>();
  for (const { timestamp, data } of sorted) {
    walk(data, [], (keys, leaf) => {
      const value = numberOf(leaf);
      if (value === null) return;
      const path = keys.join(".");
      let line = lines.get(path);
      if (line === undefined) {
        if (lines.size >= MOST_METRICS) return;
        lines.set(path, line = { keys, times: [], values: [] });
      }
      // Two with the same path: the first counts, as it does for thresholds.
      if (line.times.at(-1) === timestamp) return;
      line.times.push(timestamp);
      line.values.push(value);
    });
  }
  const texts: TextMetric[] = [];
  walk(sorted.at(-1)?.data, [], (keys, leaf) => {
    const path = keys.join(".");
    if (lines.has(path) || texts.length >= MOST_METRICS) return;
    texts.push({ path, text: textOf(leaf) });
  });
  return {
    numbers: [...lines].map(([path, { keys, times, values }]) => ({
      path,
      keys,
      unit: unitOf(keys),
      ...withGaps(times, values),
    })),
    texts,
  };
}

/** Puts a null where nothing came for much longer than usual, so that no line bridges it. */
export function withGaps(
  times: readonly number[],
  values: readonly number[],
): { readonly times: readonly number[]; readonly values: readonly (number | null)[] } {
  const steps = times.slice(1).map((time, i) => time - (times[i] ?? time));
  const usual = steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? 0;
  if (!steps.some((step) => step > GAP * usual)) return { times, values };
  const [allTimes, allValues]: [number[], (number | null)[]] = [[], []];
  for (const [i, time] of times.entries()) {
    const step = steps[i - 1] ?? 0;
    if (step > GAP * usual) {
      allTimes.push(time - step / 2);
      allValues.push(null);
    }
    allTimes.push(time);
    allValues.push(values[i] ?? null);
  }
  return { times: allTimes, values: allValues };
}

/** Names of counters since the boot, and of sizes that hardly ever change. */
const DULL_NAMES: readonly RegExp[] = [
  /^(?:bytes|packets)_(?:sent|recv)$/,
  /^(?:reads|writes|busy_ms|uptime_s|boot_time|dropped)$/,
  /^(?:read|write)_bytes$/,
  /^total_|_total(?:_mb)?$/,
];

/** True for what only ever rises since the boot, or never changes: less telling than the rest. */
export function isDull({ values, keys }: NumberMetric): boolean {
  const known = values.filter((value) => value !== null);
  const first = known[0];
  if (known.length > 2 && known.every((value) => value === first)) return true;
  const name = keys.at(-1) ?? "";
  return DULL_NAMES.some((dull) => dull.test(name));
}

/** What the rules of `thresholds` (of the plugin, by path) say of the metric `keys`. */
export function thresholdOf(
  thresholds: Readonly<Record<string, Threshold>> | undefined,
  keys: readonly string[],
): Threshold | null {
  if (thresholds === undefined) return null;
  const above = keys.slice(0, -1);
  const bare = above.filter((key) => !CONTAINERS.has(key));
  // A rule fits by the whole name, else by what is left of it without its first parts.
  let name = keys.at(-1) ?? "";
  while (true) {
    const found = thresholds[[...above, name].join(".")] ?? thresholds[[...bare, name].join(".")];
    if (found !== undefined) return found;
    const joint = name.indexOf("_");
    if (joint === -1) return null;
    name = name.slice(joint + 1);
  }
}

/** A rule as lines in a chart. */
export function limitsOf(threshold: Threshold | null): readonly Limit[] {
  return (["warning", "critical"] as const).flatMap((level) => {
    const value = threshold?.[level];
    return typeof value === "number" ? [{ level, value }] : [];
  });
}

const NO_BOUNDS: Threshold = { warning: null, critical: null, operator: ">" };

/** The suffixes of fields that tell of another field beside them. */
const ABOUT = ["_warn", "_crit", "_min", "_max", "_unit"];

/**
 * Takes out of `metrics` the fields that only say what bounds another one has (`load_1_warn` beside
 * `load_1`), and gives those bounds by the path of that other one.
 */
export function foldBounds(
  { numbers, texts }: Metrics,
): Metrics & { readonly bounds: ReadonlyMap<string, Threshold> } {
  const paths = new Set(numbers.map(({ path }) => path));
  const bounds = new Map<string, Threshold>();
  const isAbout = (path: string) =>
    ABOUT.some((end) => path.endsWith(end) && paths.has(path.slice(0, -end.length)));
  for (const { path, values } of numbers) {
    for (const [end, level] of [["_warn", "warning"], ["_crit", "critical"]] as const) {
      if (!path.endsWith(end) || !isAbout(path)) continue;
      const of = path.slice(0, -end.length);
      const known = bounds.get(of) ?? NO_BOUNDS;
      bounds.set(of, { ...known, [level]: values.at(-1) ?? null });
    }
  }
  return {
    numbers: numbers.filter(({ path }) => !isAbout(path)),
    texts: texts.filter(({ path }) => !isAbout(path)),
    bounds,
  };
}

/** Adds `newer` to `samples`, the newest first, each time once, at most `most`. */
export function mergeSamples(
  samples: readonly Sample[],
  newer: readonly Sample[],
  most: number,
): readonly Sample[] {
  const byTime = new Map(samples.map((sample) => [sample.timestamp, sample]));
  for (const sample of newer) byTime.set(sample.timestamp, sample);
  return [...byTime.values()].sort((a, b) => b.timestamp - a.timestamp).slice(0, most);
}

function walk(
  value: unknown,
  keys: readonly string[],
  take: (keys: readonly string[], leaf: unknown) => void,
): void {
  if (typeof value !== "object" || value === null) {
    if (keys.length > 0) take(keys, value);
    return;
  }
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) {
    return take(keys, value.join(", "));
  }
  if (keys.length >= DEEPEST) return take(keys, JSON.stringify(value));
  for (const [key, inner] of Object.entries(value)) walk(inner, [...keys, key], take);
}

function numberOf(value: unknown): number | null {
  const number = typeof value === "number"
    ? value
    : typeof value === "string" && value.length <= 32 && PLAIN_NUMBER.test(value)
    ? Number(value)
    : NaN;
  return Number.isFinite(number) ? number : null;
}

function textOf(value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value === null ? "–" : String(value);
}
