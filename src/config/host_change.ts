/**
 * What people may change of a host while the server runs: all that stands below `hosts.<name>` in
 * the file but the secrets, under the same keys and by the same rules. Lists are always lists here.
 * `access/host_settings.ts` lays it over the configuration.
 */

import { z } from "zod";
import type { Config, HostConfig } from "./config.ts";
import { shortName } from "./keys.ts";
import { grace, interval, tolerance } from "./rhythm.ts";
import { cron, toHost, zone } from "./schema_hosts.ts";
import { literally } from "./secret_text.ts";

const MAX_NAMES = 1000;

const names = z.array(shortName).max(MAX_NAMES);

/** Null: back to what the configuration says. */
const changeable = <T extends z.ZodType>(type: T, help: string) =>
  type.nullable().optional().describe(`${help}; null is what the configuration says`);

/** A change of some keys of a host. */
export const hostChangeSchema = z.strictObject({
  interval: changeable(interval, `Seconds between beats, or "auto"`),
  tolerance: changeable(tolerance, "How late a beat may be, percent of the interval"),
  grace: changeable(grace, "How late a beat may be, seconds; replaces the tolerance"),
  cron: changeable(cron, "When beats are due, as crontabs have it, instead of an interval"),
  tz: changeable(zone, "Time zone of the schedule, an IANA name"),
  watch: changeable(z.boolean(), "False: nobody is notified of it"),
  group: changeable(shortName, "Hosts of one group that fall silent together are one incident"),
  threshold_config: changeable(names, "Names of sets of thresholds, from left to right"),
  notify: changeable(names, "Names of channels"),
  dyn: changeable(z.boolean(), "Whether its address is kept in the DNS"),
  owner: changeable(shortName, "The user whose host it is"),
  managers: changeable(names, "Users who may also send commands, pause and acknowledge"),
  monitors: changeable(names, "Users who may see it"),
});

/** Keys as in the file; null is back to what the configuration says. */
export type HostChange = z.output<typeof hostChangeSchema>;

/** What is the matter with a change that the schema has nothing against. */
export interface ChangeProblem {
  /** The key: "owner". */
  readonly field: keyof HostChange;
  /** With the name of the key, and what was found. */
  readonly message: string;
}

/** `change` over the one `before`, without nulls: of interval and cron the one that is said last. */
export function mergedChange(before: HostChange, change: HostChange): HostChange {
  const { interval, cron, tz, ...rest } = before;
  const isSaid = (value: unknown) => value !== null && value !== undefined;
  const merged = {
    ...rest,
    ...(isSaid(change.cron) ? {} : { interval }),
    ...(isSaid(change.interval) ? {} : { cron, tz }),
    ...change,
  };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => isSaid(value)));
}

/**
 * Finds names that stand for nothing (users, where there are any, channels, sets of thresholds), and
 * an interval beside a cron.
 */
export function changeProblems(
  change: HostChange,
  { users, notify, thresholdConfigs }: Pick<Config, "users" | "notify" | "thresholdConfigs">,
): readonly ChangeProblem[] {
  const check = (
    field: keyof HostChange,
    names: readonly string[] | null | undefined,
    known: { has(name: string): boolean },
    what: string,
  ): readonly ChangeProblem[] =>
    (names ?? []).filter((name) => !known.has(name)).map((name) => ({
      field,
      message: `${field} names no ${what}: got ${JSON.stringify(name)}`,
    }));
  const people = users.size === 0 ? { has: () => true } : users;
  const { owner, managers, monitors, interval, cron } = change;
  const isTwice = typeof cron === "string" && interval !== null && interval !== undefined;
  return [
    ...(isTwice
      ? [{ field: "interval", message: "interval cannot stand beside cron" } as const]
      : []),
    ...check("owner", typeof owner === "string" ? [owner] : [], people, "user"),
    ...check("managers", managers, people, "user"),
    ...check("monitors", monitors, people, "user"),
    ...check("notify", change.notify, notify.channels, "channel"),
    ...check("threshold_config", change.threshold_config, thresholdConfigs, "set of thresholds"),
  ];
}

/** The host as it is with the change; `base` is what the configuration says. */
export function withChange(base: HostConfig, change: HostChange): HostConfig {
  const stated = Object.entries(change).filter(([, value]) => value !== null);
  const changed = toHost(Object.fromEntries(stated), literally);
  // What is said here wins over the file: a tolerance over a grace there, an interval over a cron.
  const { graceS, cron, intervalS, ...rest } = base;
  const isTolerance = changed.tolerancePct !== undefined && changed.graceS === undefined;
  return {
    ...rest,
    ...(graceS !== undefined && !isTolerance && { graceS }),
    ...(cron !== undefined && changed.intervalS === undefined && { cron }),
    ...(intervalS !== undefined && changed.cron === undefined && { intervalS }),
    ...changed,
  };
}
