/**
 * Judges what plugins measure by the rules: which numbers are in alert, how badly, and what is said
 * of them. Pure, and on the way of every sample: the data is walked along the rules, so whatever
 * has no rule costs next to nothing, and its depth is bounded by theirs.
 *
 * Judged are numbers, texts that are plain numbers ("85.5"), and booleans as 1 and 0. The level of
 * a metric depends on its value alone, and with hysteresis on the level before.
 */

import type { Level } from "./level.ts";
import {
  levelFor,
  type Rule,
  type RuleTree,
  thresholdOf,
  type ThresholdOperator,
} from "./threshold_rules.ts";
import { fillTemplate, formatValue, plainText } from "./threshold_text.ts";

/** A metric that was judged. */
export interface Reading {
  /** As notifications have it: `cpu_monitor.cpu_percent`, `disk_monitor./.percent`, `rtt.web1`. */
  readonly path: string;
  readonly level: Level;
  readonly value: number;
  /** The threshold of the level that was reached; null when OK, and of `nagios`. */
  readonly threshold: number | null;
  readonly operator: ThresholdOperator;
  /** The rule's template filled in; empty without one. */
  readonly display: string;
  /** What was stripped from the name until there was a rule; empty when the rule is its own. */
  readonly checkName: string;
  /** What the check said beside its status, on one line; null when it said nothing. */
  readonly output: string | null;
}

/** The level that the metric of this path has had so far; OK when it was not judged before. */
export type LevelOf = (path: string) => Level;

type Fields = Readonly<Record<string, unknown>>;

/** Readings of one sample at most; the rest of it is not judged. */
const MAX_READINGS = 500;

/** Names made up by a client become paths of alerts: longer ones are not judged. */
const MAX_NAME = 200;

/** Keys of data that only hold the things measured, and are not in paths. */
const CONTAINERS: ReadonlySet<string> = new Set(["partitions", "pools", "interfaces"]);

/** Rules of round trips by host; no plugin of this name is judged by them. */
const RTT = "rtt";

/** Rules below `rtt` for hosts without their own, in the order in which they are looked for. */
const ANY_HOST = ["*", "default"] as const;

const PLAIN_NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const LONGEST_NUMBER = 32;

const STATUS_CODE = "_status_code";

const NONE: readonly Reading[] = [];

/** One sample on its way through the rules. */
interface Sample {
  readonly data: Fields;
  readonly levelOf: LevelOf;
  readonly readings: Reading[];
  readonly paths: Set<string>;
}

/** Where a number was found. */
interface Place {
  readonly path: string;
  readonly key: string;
  readonly checkName: string;
  /** The object that it is in, and the whole data of the plugin. */
  readonly fields: Fields;
  readonly data: Fields;
}

/**
 * Judges the data of a plugin. Returns every metric that has a rule, those that are OK too, in the
 * order of the data and at most 500; of two with the same path only the first. Never throws.
 */
export function judge(
  rules: RuleTree,
  plugin: string,
  data: Fields,
  levelOf: LevelOf,
): readonly Reading[] {
  const tree = rules.entries.get(plugin);
  if (tree?.kind !== "tree" || plugin === RTT) return NONE;
  const sample: Sample = { data, levelOf, readings: [], paths: new Set() };
  walk(sample, tree, plugin, data);
  return sample.readings;
}

/**
 * Judges a round trip of `host`, milliseconds, by `rtt.<host>`, else by `rtt.*` or `rtt.default`.
 * Null when there is no rule.
 */
export function judgeRtt(
  rules: RuleTree,
  host: string,
  rttMs: number,
  levelOf: LevelOf,
): Reading | null {
  const tree = rules.entries.get(RTT);
  if (tree?.kind !== "tree" || !Number.isFinite(rttMs)) return null;
  const name = [host, ...ANY_HOST].find((name) => tree.entries.has(name));
  const rule = name === undefined ? undefined : tree.entries.get(name);
  if (rule?.kind !== "rule") return null;
  const path = `${RTT}.${host}`;
  return read(rule, rttMs, { path, key: RTT, checkName: "", fields: {}, data: {} }, levelOf);
}

function walk(sample: Sample, tree: RuleTree, path: string, fields: Fields): void {
  for (const key of Object.keys(fields)) {
    if (sample.readings.length >= MAX_READINGS) return;
    const value = fields[key];
    if (isFields(value)) {
      const inner = tree.entries.get(key);
      if (inner?.kind !== "tree") continue;
      walk(sample, inner, CONTAINERS.has(key) ? path : `${path}.${key}`, value);
      continue;
    }
    const number = numberOf(value);
    const found = number === null ? null : findRule(tree, key);
    if (number !== null && found !== null) judgeField(sample, found, number, path, key, fields);
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

/** Null for what is no finite number. */
function numberOf(value: unknown): number | null {
  let number = NaN;
  if (typeof value === "number") number = value;
  else if (typeof value === "boolean") number = value ? 1 : 0;
  else if (typeof value === "string" && value.length <= LONGEST_NUMBER) {
    if (PLAIN_NUMBER.test(value)) number = Number(value);
  }
  return Number.isFinite(number) ? number : null;
}

interface Found {
  readonly rule: Rule;
  /** Where in the key the name of the rule begins. */
  readonly from: number;
}

/** The rule of `key`, else the one of what is left of it without its first parts. */
function findRule({ entries, longest }: RuleTree, key: string): Found | null {
  let from = 0;
  if (key.length > longest) {
    // What is still longer than every name need not be looked up: keys may be very long.
    from = key.indexOf("_", key.length - longest - 1) + 1;
    if (from === 0 || key.length > MAX_NAME) return null;
  }
  while (true) {
    const node = entries.get(from === 0 ? key : key.slice(from));
    if (node?.kind === "off") return null;
    if (node?.kind === "rule") return { rule: node, from };
    const joint = key.indexOf("_", from);
    if (joint === -1) return null;
    from = joint + 1;
  }
}

function judgeField(
  { data, levelOf, readings, paths }: Sample,
  { rule, from }: Found,
  value: number,
  above: string,
  key: string,
  fields: Fields,
): void {
  const path = `${above}.${from === 0 ? key : plainText(key)}`;
  if (paths.has(path)) return;
  paths.add(path);
  const checkName = key.slice(0, Math.max(0, from - 1));
  readings.push(read(rule, value, { path, key, checkName, fields, data }, levelOf));
}

function read(rule: Rule, value: number, place: Place, levelOf: LevelOf): Reading {
  const level = levelFor(rule, value, rule.hasMemory ? levelOf(place.path) : "OK");
  const reading = {
    path: place.path,
    level,
    value,
    threshold: thresholdOf(rule, level),
    operator: rule.operator,
    checkName: plainText(place.checkName),
    output: outputOf(place),
  };
  return { ...reading, display: displayOf(rule, reading, place) };
}

/** `<check>_output` beside `<check>_status_code`, else `output`. */
function outputOf({ key, checkName, fields }: Place): string | null {
  let check = checkName;
  if (check === "" && key.endsWith(STATUS_CODE)) check = key.slice(0, -STATUS_CODE.length);
  const own = check === "" ? null : textOfField(fields, `${check}_output`);
  return own ?? textOfField(fields, "output");
}

/** Null when there is no such field, or nothing that could be shown in a line. */
function textOfField(fields: Fields, name: string): string | null {
  if (!Object.hasOwn(fields, name)) return null;
  const value = fields[name];
  if (typeof value === "number") return formatValue(value);
  if (typeof value === "boolean") return String(value);
  return typeof value === "string" ? plainText(value) : null;
}

function displayOf(rule: Rule, reading: Omit<Reading, "display">, place: Place): string {
  if (rule.display === null) return "";
  const { value, operator, level, checkName, output } = reading;
  return fillTemplate(rule.display, (name) => {
    switch (name) {
      case "value":
        return formatValue(value, operator);
      case "threshold_value": {
        // While all is well: the threshold that would be reached first.
        const threshold = reading.threshold ?? rule.warning?.limit ?? rule.critical?.limit;
        return threshold === undefined ? "" : formatValue(threshold);
      }
      case "op_symbol":
        return operator;
      case "check_name":
        return checkName;
      case "metric_name":
        return plainText(place.key);
      case "output":
        return output ?? "";
      case "status":
        return level;
      default:
        return textOfField(place.fields, name) ?? textOfField(place.data, name);
    }
  });
}
