/** Rules as a file has them, and what is judged by them. */

import fc from "fast-check";
import type { ThresholdRule, ThresholdTree } from "../../src/config/config.ts";
import type { Level } from "../../src/monitor/level.ts";
import { compileThresholds, type ThresholdOperator } from "../../src/monitor/threshold_rules.ts";
import { judge, type Reading } from "../../src/monitor/thresholds.ts";

/** A tree as it is written in the file; what has only fields of a rule is a rule. */
export type Written = { readonly [key: string]: Written | ThresholdRule | "off" };

const RULE_FIELDS = new Set(["warning", "critical", "operator", "hysteresis", "display"]);

export function treeOf(written: Written): ThresholdTree {
  return new Map(
    Object.entries(written).map(([key, node]) => {
      const isRule = node !== "off" && Object.keys(node).every((field) => RULE_FIELDS.has(field));
      return [key, node === "off" || isRule ? node as ThresholdRule : treeOf(node as Written)];
    }),
  );
}

export const rulesOf = (...layers: Written[]) => compileThresholds(layers.map(treeOf));
export const neverJudged = (): Level => "OK";

/** The readings of plugin `p` whose data has come once, with every metric at level `before`. */
export function judged(
  written: Written,
  data: Readonly<Record<string, unknown>>,
  before: Level = "OK",
): readonly Reading[] {
  return judge(rulesOf({ p: written }), "p", data, () => before);
}

export function only(readings: readonly Reading[]): Reading {
  const [reading] = readings;
  if (reading === undefined || readings.length > 1) throw new Error(`Got ${readings.length}`);
  return reading;
}

/** The level that one value has by one rule. */
export function levelOf(rule: ThresholdRule, value: unknown, before: Level = "OK"): Level {
  return only(judged({ m: rule }, { m: value }, before)).level;
}

/** The text that follows one value. */
export function displayed(
  display: string,
  data: Readonly<Record<string, unknown>>,
  metric = "m",
): string {
  return only(judged({ [metric]: { warning: 80, critical: 90, display } }, data)).display;
}

/** `path level` of each. */
export const said = (readings: readonly Reading[]) =>
  readings.map(({ path, level }) => `${path} ${level}`);

const operators = fc.constantFrom<ThresholdOperator>(">", ">=", "<", "<=", "==", "!=", "nagios");
export const anyLevel = fc.constantFrom<Level>("OK", "WARNING", "UNKNOWN", "CRITICAL");
export const anyValue = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.double({ noNaN: true }));
export const ruleFor = (hysteresis: fc.Arbitrary<number>): fc.Arbitrary<ThresholdRule> =>
  fc.record({
    warning: anyValue,
    critical: anyValue,
    operator: operators,
    hysteresis,
    display: fc.oneof(fc.string(), fc.constantFrom("{value}{output}{a}", "{x{status}}")),
  }, { requiredKeys: [] });
export const anyRule = ruleFor(fc.double({ min: 0, max: 1, noNaN: true }));
