/** Turns the configuration's thresholds, groups and channels into what the monitor judges by. */

import { Audience } from "./notify/audience.ts";
import type { Config, HostConfig } from "./config/config.ts";
import type { AlertSettings } from "./monitor/alerts/settings.ts";
import { Maintenance } from "./monitor/maintenance.ts";
import {
  compileThresholds,
  type RuleInput,
  type RuleInputTree,
  type RuleTree,
} from "./monitor/threshold_rules.ts";

/** The set of thresholds that is laid over the general ones for every host. */
const DEFAULT_SET = "default";

/** Lies below all thresholds: what checks of Nagios say of themselves counts unasked. */
const STATUS_CODE: RuleInput = { operator: "nagios", display: "{check_name}: {output}" };
const BUILT_IN: RuleInputTree = new Map([["nrdp", new Map([["status_code", STATUS_CODE]])]]);

/** The settings under `config` of the server on the machine called `hostname`. */
export function alertSettings(config: Config, hostname: string): AlertSettings {
  const { alerts, hosts, maintenance } = config;
  const audience = new Audience(config, `hbd@${hostname}`);
  const general = rulesOf(config, undefined);
  const rules = rulesOfHosts(config);
  const hasGroups = [...hosts.values()].some(({ group }) => group !== undefined);
  return {
    serverName: `hbd@${hostname}`,
    renotifyMs: alerts.renotifyS * 1000,
    everyMiss: alerts.everyMiss ?? false,
    flapThreshold: alerts.flapThreshold,
    incidentHosts: alerts.incidentHosts,
    incidentShare: alerts.incidentPct / 100,
    maintenance: new Maintenance(maintenance),
    isWatched: (host) => hosts.get(host)?.watch ?? true,
    audienceOf: (host) => audience.of(host),
    // Asked with every beat: without groups it must not even be a look into a map.
    groupOf: hasGroups ? (host) => hosts.get(host)?.group ?? null : () => null,
    rulesOf: (host) => rules.get(host) ?? general,
    judgesRtt: [general, ...rules.values()].some((tree) => tree?.entries.has("rtt") ?? false),
  };
}

/** The rules of the hosts that name sets of their own; those with the same sets share them. */
function rulesOfHosts(config: Config): ReadonlyMap<string, RuleTree> {
  const bySets = new Map<string, RuleTree | null>();
  const rules = new Map<string, RuleTree>();
  for (const [name, { thresholdConfig }] of config.hosts) {
    if (thresholdConfig === undefined) continue;
    const sets = thresholdConfig.join("\n");
    if (!bySets.has(sets)) bySets.set(sets, rulesOf(config, thresholdConfig));
    const tree = bySets.get(sets);
    if (tree) rules.set(name, tree);
  }
  return rules;
}

/** Null: nothing has a threshold. */
function rulesOf(
  { thresholds, thresholdConfigs }: Config,
  sets: HostConfig["thresholdConfig"] = [],
): RuleTree | null {
  const layers = [DEFAULT_SET, ...sets.filter((set) => set !== DEFAULT_SET)];
  const trees = [BUILT_IN, thresholds, ...layers.flatMap((set) => thresholdConfigs.get(set) ?? [])];
  const tree = compileThresholds(trees);
  return tree.entries.size === 0 ? null : tree;
}
