/**
 * How far a chart reaches: all values, and the thresholds as long as they don't press the values
 * flat. Pure.
 */

import type { Unit } from "./units.ts";

/** A threshold is left out of a chart when it is so many times further away than all values. */
const TOO_FAR = 5;

/** A chart spans at least this part of its values. */
const LEAST_SPAN = 0.04;

/** Of a threshold: its limit, and by which shape and word it is drawn. */
export interface Limit {
  readonly level: "warning" | "critical";
  readonly value: number;
}

export interface ChartRange {
  readonly min: number;
  readonly max: number;
  /** The thresholds that lie within. */
  readonly limits: readonly Limit[];
  /** Those that are too far away to be drawn. */
  readonly beyond: readonly Limit[];
}

/** The range of `values` with `limits`; shares in percent always show the whole from 0 to 100. */
export function chartRange(
  values: readonly (number | null)[],
  limits: readonly Limit[],
  unit: Unit,
): ChartRange {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (value === null) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  if (min > max) [min, max] = [0, 1];
  if (unit === "percent" && min >= 0 && max <= 100) {
    return { ...split(limits, (value) => value >= 0 && value <= 100), min: 0, max: 100 };
  }
  // A hair's breadth of movement must not look like a landslide.
  const size = Math.max(Math.abs(min), Math.abs(max));
  if (max - min < LEAST_SPAN * size) {
    const room = (LEAST_SPAN * size - (max - min)) / 2;
    [min, max] = [min - room, max + room];
  }
  // What is far from zero beside its own movement is shown from its lowest, all else from zero.
  if (min >= 0 && min < 0.75 * max) min = 0;
  const reach = Math.max(max - min, Math.abs(max), Math.abs(min), Number.EPSILON);
  const { limits: near, beyond } = split(
    limits,
    (value) => value >= min - TOO_FAR * reach && value <= max + TOO_FAR * reach,
  );
  for (const { value } of near) [min, max] = [Math.min(min, value), Math.max(max, value)];
  const room = (max - min || Math.abs(max) || 1) * 0.08;
  return { min: min === 0 ? 0 : min - room, max: max + room, limits: near, beyond };
}

function split(limits: readonly Limit[], isNear: (value: number) => boolean) {
  const known = limits.filter(({ value }) => Number.isFinite(value));
  return {
    limits: known.filter(({ value }) => isNear(value)),
    beyond: known.filter(({ value }) => !isNear(value)),
  };
}
