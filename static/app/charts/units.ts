/**
 * What the name of a metric tells of its unit, and how its values are written. The names are those
 * of the plugins (docs/PLUGINS.md); whatever is not known has no unit.
 */

import { amount, bytes, duration, milliseconds } from "../format.ts";

export type Unit = "percent" | "bytes" | "bytes_per_s" | "mb" | "gb" | "ms" | "s" | "per_s" | "";

const MIB = 1024 ** 2;

/** By the end of a name: the first that fits. */
const ENDS: readonly (readonly [RegExp, Unit])[] = [
  [/(?:^|_)(?:percent|pct)$/, "percent"],
  [/^(?:sent|recv)_per_s$|bytes_per_s$/, "bytes_per_s"],
  [/_per_s$/, "per_s"],
  [/(?:^|_)bytes(?:_total|_sent|_recv)?$/, "bytes"],
  [/_mb$/, "mb"],
  [/_gb$/, "gb"],
  [/(?:^|_)ms$/, "ms"],
  [/(?:^|_)(?:s|seconds)$/, "s"],
];

/** The unit of a metric by the last part of its name; of `cores.3`, the part before it. */
export function unitOf(keys: readonly string[]): Unit {
  const last = keys.at(-1) ?? "";
  if (keys.at(-2) === "cores") return "percent";
  return ENDS.find(([end]) => end.test(last))?.[1] ?? "";
}

/** A value as people read it: `79 %`, `1.5 GiB`, `12 ms`. */
export function valueText(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  switch (unit) {
    case "percent":
      return `${Number(value.toFixed(Math.abs(value) < 10 ? 2 : 1))} %`;
    case "bytes":
      return bytes(Math.round(value));
    case "bytes_per_s":
      return `${bytes(Math.round(value))}/s`;
    case "mb":
      return bytes(Math.round(value * MIB));
    case "gb":
      return bytes(Math.round(value * MIB * 1024));
    case "ms":
      return milliseconds(value);
    case "s":
      return duration(value);
    case "per_s":
      return `${amount(value)}/s`;
    case "":
      return amount(value);
  }
}
