/**
 * The rules by which metrics are judged: trees as they are written, laid over each other and
 * compiled once, so that judging a sample compares numbers and looks names up, and nothing else;
 * and the level that a value has by one rule.
 *
 *   disk_monitor:                                   a plugin
 *     partitions:                                   a key of its data
 *       /:                                          a key in there
 *         percent: {warning: 80, critical: 90}      a rule, for a number
 *         free_gb: off                              no rule, whatever the layers below say
 */

import type { Level } from "./level.ts";
import { parseTemplate, type Template } from "./threshold_text.ts";

/** `nagios`: the value is the exit code of a check, 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. */
export type ThresholdOperator = ">" | ">=" | "<" | "<=" | "==" | "!=" | "nagios";

/** A rule as it is written; what is left out comes from the layer below, or is the default. */
export interface RuleInput {
  readonly warning?: number;
  readonly critical?: number;
  /** @default {">"} */
  readonly operator?: ThresholdOperator;
  /** Fraction of the threshold, 0 to 1. @default {0} */
  readonly hysteresis?: number;
  /** Template of the text that follows the value. */
  readonly display?: string;
}

/** Rules by plugin, then by the keys of its data. */
export type RuleInputTree = ReadonlyMap<string, RuleInputNode>;
export type RuleInputNode = RuleInput | "off" | RuleInputTree;

/** One threshold. */
export interface Bound {
  readonly limit: number;
  /** What the operator compares with while the metric is in this alert. */
  readonly release: number;
}

/** A rule, ready to judge by. */
export interface Rule {
  readonly kind: "rule";
  readonly operator: ThresholdOperator;
  /** Null: there is no such level; always so of `nagios`. */
  readonly warning: Bound | null;
  readonly critical: Bound | null;
  /** Whether the level depends on the one before. */
  readonly hasMemory: boolean;
  readonly display: Template | null;
}

/** Rules by key, ready to judge by. */
export interface RuleTree {
  readonly kind: "tree";
  readonly entries: ReadonlyMap<string, RuleNode>;
  /** Length of the longest key, UTF-16 code units. */
  readonly longest: number;
}

/** `off` is kept, because it also ends the search for a rule of a shorter name. */
export type RuleNode = Rule | RuleTree | { readonly kind: "off" };

/** Levels by exit code. */
const NAGIOS: readonly Level[] = ["OK", "WARNING", "CRITICAL", "UNKNOWN"];

/** Digits that releases are reckoned with: 1.1 with 0.1 is over at 0.99, not 0.9900000000000001. */
const DIGITS = 12;

/**
 * Lays `layers` over each other, the first at the bottom. A rule over a rule overrides the fields
 * that it names; `off` takes away what is below it; a rule over a subtree, or the other way round,
 * replaces it.
 */
export function compileThresholds(layers: readonly RuleInputTree[]): RuleTree {
  let whole: RuleInputTree = new Map();
  for (const layer of layers) whole = laid(whole, layer);
  return treeOf(whole);
}

/**
 * The level of a finite value, where the metric's level was `before`. An exit code beyond 0 to 3 is
 * UNKNOWN.
 */
export function levelFor(
  { operator, warning, critical }: Rule,
  value: number,
  before: Level,
): Level {
  if (operator === "nagios") return NAGIOS[value] ?? "UNKNOWN";
  if (isReached(critical, operator, value, before === "CRITICAL")) return "CRITICAL";
  // What is no longer CRITICAL is judged afresh: what kept it there must not make it a WARNING.
  if (isReached(warning, operator, value, before === "WARNING")) return "WARNING";
  return "OK";
}

function isReached(
  bound: Bound | null,
  operator: ThresholdOperator,
  value: number,
  wasReached: boolean,
): boolean {
  if (bound === null) return false;
  const limit = wasReached ? bound.release : bound.limit;
  switch (operator) {
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case "==":
      return value === limit;
    case "!=":
      return value !== limit;
    case "nagios":
      return false;
  }
}

/** The threshold of a level; null when OK, and of `nagios`. */
export function thresholdOf({ warning, critical }: Rule, level: Level): number | null {
  if (level === "CRITICAL") return critical?.limit ?? null;
  return level === "WARNING" ? warning?.limit ?? null : null;
}

function laid(below: RuleInputTree, above: RuleInputTree): RuleInputTree {
  const whole = new Map(below);
  for (const [key, node] of above) whole.set(key, laidNode(below.get(key), node));
  return whole;
}

function laidNode(below: RuleInputNode | undefined, above: RuleInputNode): RuleInputNode {
  if (isTree(above)) return laid(isTree(below) ? below : new Map(), above);
  if (above === "off" || below === undefined || below === "off" || isTree(below)) return above;
  return { ...below, ...above };
}

function isTree(node: RuleInputNode | undefined): node is RuleInputTree {
  return node instanceof Map;
}

function treeOf(inputs: RuleInputTree): RuleTree {
  const entries = new Map<string, RuleNode>();
  let longest = 0;
  for (const [key, input] of inputs) {
    entries.set(key, nodeOf(input));
    longest = Math.max(longest, key.length);
  }
  return { kind: "tree", entries, longest };
}

function nodeOf(input: RuleInputNode): RuleNode {
  if (input === "off") return { kind: "off" };
  return isTree(input) ? treeOf(input) : ruleOf(input);
}

function ruleOf({ warning, critical, operator = ">", hysteresis = 0, display }: RuleInput): Rule {
  const boundOf = (limit: number | undefined): Bound | null => {
    if (limit === undefined || operator === "nagios") return null;
    return { limit, release: releaseOf(limit, operator, hysteresis) };
  };
  const bounds = { warning: boundOf(warning), critical: boundOf(critical) };
  return {
    kind: "rule",
    operator,
    ...bounds,
    hasMemory: Object.values(bounds).some((bound) => bound?.release !== bound?.limit),
    display: display === undefined ? null : parseTemplate(display),
  };
}

function releaseOf(limit: number, operator: ThresholdOperator, hysteresis: number): number {
  // An infinite limit has no fraction.
  const distance = Number.isFinite(limit) ? Math.abs(limit) * hysteresis : 0;
  // Rounding must never make it harder to stay in alert than to get into it.
  switch (operator) {
    case ">":
    case ">=":
      return Math.min(limit, rounded(limit - distance));
    case "<":
    case "<=":
      return Math.max(limit, rounded(limit + distance));
    default:
      return limit;
  }
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
