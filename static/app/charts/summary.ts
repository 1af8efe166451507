/** What a chart says, in numbers: for those who do not see it, and for those in a hurry. */

import { type Unit, valueText } from "./units.ts";

export interface Figures {
  readonly min: number;
  readonly avg: number;
  readonly max: number;
  readonly last: number;
  readonly count: number;
}

/** Null without a single value. */
export function figuresOf(values: readonly (number | null)[]): Figures | null {
  let [min, max, sum, count, last] = [Infinity, -Infinity, 0, 0, NaN];
  for (const value of values) {
    if (value === null) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    last = value;
    count++;
  }
  // A mean of equal values must not differ from them by an error of the last digit.
  const avg = Math.min(max, Math.max(min, sum / count));
  return count === 0 ? null : { min, avg, max, last, count };
}

/** `last 3 %, lowest 1 %, mean 2 %, highest 5 %, 40 values`. */
export function figuresText(figures: Figures | null, unit: Unit): string {
  if (figures === null) return "no values";
  const { min, avg, max, last, count } = figures;
  const said = (value: number) => valueText(value, unit);
  if (count === 1) return `one value, ${said(last)}`;
  return `last ${said(last)}, lowest ${said(min)}, mean ${said(avg)}, highest ${said(max)}, ` +
    `${count} values`;
}
