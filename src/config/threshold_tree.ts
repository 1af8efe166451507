/**
 * Reads trees of threshold rules as they stand in the file. A mapping that has nothing but keys of
 * a rule with plain values is a rule; any other is a subtree, by the keys of a plugin's data.
 *
 *   disk_monitor:
 *     partitions:
 *       /: {percent: {warning: 80, critical: 90}, free_gb: off}
 *
 * Deep and wide trees are refused: aliases could make a small file into an endless one.
 */

import { z } from "zod";
import type { ThresholdNode, ThresholdRule, ThresholdTree } from "./config.ts";
import { complain, inner, keysOf } from "./keys.ts";

const MAX_DEPTH = 16;
const MAX_NODES = 100_000;

const OPERATORS = [">", ">=", "<", "<=", "==", "!=", "nagios"] as const;
const WANTS_OPERATOR = `one of ${OPERATORS.map((operator) => `"${operator}"`).join(", ")}`;

const ruleShape = {
  warning: inner(z.number().optional(), "a number"),
  critical: inner(z.number().optional(), "a number"),
  operator: inner(z.enum(OPERATORS).optional(), WANTS_OPERATOR),
  hysteresis: inner(
    z.number().min(0).max(1).optional(),
    "a fraction of the threshold from 0 to 1, say 0.1",
  ),
  display: inner(
    z.string().max(1000).optional(),
    "a text of at most 1000 characters (a template)",
  ),
};
const ruleSchema = z.strictObject(ruleShape);

/** The keys of a rule. */
export const RULE_KEYS = keysOf(ruleShape);

/** What an entry of a tree must be. */
export const WANTS_THRESHOLDS =
  'a rule such as {warning: 80, critical: 90}, a mapping of such, or "off"';

type Path = readonly string[];

interface Reading {
  readonly ctx: z.core.$RefinementCtx;
  /** Whether rules are laid over others, which may have what these leave out. */
  readonly isLayer: boolean;
  nodes: number;
}

/**
 * The type of a tree in the schema.
 *
 * @param isLayer its rules may leave out anything, as they are laid over others
 */
export function thresholdTree({ isLayer }: { readonly isLayer: boolean }) {
  return z.unknown().transform((value, ctx): ThresholdTree => {
    if (value === null || value === undefined) return new Map();
    if (value instanceof Map) return readTree(value, [], { ctx, isLayer, nodes: 0 });
    ctx.addIssue({ code: "custom", input: value });
    return z.NEVER;
  }).default(new Map());
}

function readTree(map: ReadonlyMap<string, unknown>, path: Path, reading: Reading): ThresholdTree {
  const tree = new Map<string, ThresholdNode>();
  if (path.length >= MAX_DEPTH) {
    complain(reading.ctx, path, `is nested too deep: at most ${MAX_DEPTH} levels are allowed`);
    return tree;
  }
  for (const [name, value] of map) {
    reading.nodes += 1;
    if (reading.nodes === MAX_NODES) {
      complain(reading.ctx, [], `has too many entries: at most ${MAX_NODES} are allowed`);
    }
    if (reading.nodes >= MAX_NODES) break;
    const node = readNode(value, [...path, name], reading);
    if (node !== null) tree.set(name, node);
  }
  return tree;
}

function readNode(value: unknown, path: Path, reading: Reading): ThresholdNode | null {
  if (value === "off" || value === false) return "off";
  if (value === null) return new Map();
  if (!(value instanceof Map)) {
    reading.ctx.addIssue({ code: "custom", path: [...path], input: value });
    return null;
  }
  return isMeantAsRule(value) ? readRule(value, path, reading) : readTree(value, path, reading);
}

/** Also true of a rule with an unknown key, so that the complaint is about that key. */
function isMeantAsRule(map: ReadonlyMap<string, unknown>): boolean {
  const entries = [...map];
  return entries.some(([name]) => RULE_KEYS.has(name)) &&
    entries.every(([, value]) => typeof value !== "object" || value === null);
}

function readRule(
  map: ReadonlyMap<string, unknown>,
  path: Path,
  { ctx, isLayer }: Reading,
): ThresholdRule | null {
  const result = ruleSchema.safeParse(Object.fromEntries(map), { reportInput: true });
  if (!result.success) {
    for (const issue of result.error.issues) {
      ctx.addIssue({ ...issue, path: [...path, ...issue.path] });
    }
    return null;
  }
  // Keys that are not there must not be there as undefined.
  const rule = result.data as ThresholdRule;
  const { warning, critical, operator } = rule;
  if (!isLayer && warning === undefined && critical === undefined && operator !== "nagios") {
    complain(ctx, path, 'needs a "warning" or a "critical" threshold');
  }
  const compared = operator ?? (isLayer ? "==" : ">");
  if (warning === undefined || critical === undefined) return rule;
  if (compared.startsWith("<") && critical > warning) {
    complain(
      ctx,
      [...path, "critical"],
      `must not be above warning (${warning}) where the operator is "${compared}": got ${critical}`,
    );
  }
  if (compared.startsWith(">") && critical < warning) {
    complain(
      ctx,
      [...path, "critical"],
      `must not be below warning (${warning}) where the operator is "${compared}": got ${critical}`,
    );
  }
  return rule;
}
