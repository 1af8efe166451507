/** The thresholds of a host as the API tells them: one flat list of metrics for each plugin. */

import type { Config } from "../config/config.ts";
import { compileThresholds, type RuleNode, type RuleTree } from "../monitor/threshold_rules.ts";

/** A threshold of one metric; null: there is no such level. */
interface ThresholdJson {
  readonly warning: number | null;
  readonly critical: number | null;
  readonly operator: string;
}

type Flat = Readonly<Record<string, Readonly<Record<string, ThresholdJson>>>>;

/** The set of thresholds that is laid over the general ones for every host. */
const DEFAULT_SET = "default";

/** Metrics told of one host. */
const MOST = 2000;

/** By the sets that a host names, for one state of the configuration. */
const MADE = new WeakMap<Config, Map<string, Flat>>();

/** The thresholds in force for a host with these sets, by plugin, then by path of the metric. */
export function thresholdsJson(config: Config, sets: readonly string[]): Flat {
  let bySets = MADE.get(config);
  if (bySets === undefined) MADE.set(config, bySets = new Map());
  const key = JSON.stringify(sets);
  let flat = bySets.get(key);
  if (flat === undefined) bySets.set(key, flat = flatOf(config, sets));
  return flat;
}

function flatOf({ thresholds, thresholdConfigs }: Config, sets: readonly string[]): Flat {
  const layers = [DEFAULT_SET, ...sets.filter((set) => set !== DEFAULT_SET)];
  const trees = [thresholds, ...layers.flatMap((set) => thresholdConfigs.get(set) ?? [])];
  const flat: Record<string, Record<string, ThresholdJson>> = Object.create(null);
  let room = MOST;
  for (const [plugin, node] of compileThresholds(trees).entries) {
    const metrics: Record<string, ThresholdJson> = Object.create(null);
    for (const [path, rule] of metricsOf(node, "")) {
      if (room-- <= 0) break;
      metrics[path] = rule;
    }
    if (Object.keys(metrics).length > 0) flat[plugin] = metrics;
  }
  return flat;
}

function* metricsOf(node: RuleNode | RuleTree, path: string): Iterable<[string, ThresholdJson]> {
  if (node.kind === "off") return;
  if (node.kind === "rule") {
    const { operator, warning, critical } = node;
    yield [path, { warning: warning?.limit ?? null, critical: critical?.limit ?? null, operator }];
    return;
  }
  for (const [key, child] of node.entries) {
    yield* metricsOf(child, path === "" ? key : `${path}.${key}`);
  }
}
