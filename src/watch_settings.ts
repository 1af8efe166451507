/** Turns the configuration's seconds and percentages into what the monitor judges by. */

import type { Config, HostConfig } from "./config/config.ts";
import { createSchedule, type CronSchedule } from "./config/schedule.ts";
import type { Grace, HostSettings, WatchSettings } from "./monitor/settings.ts";

/** Where a scheduled host names no grace of its own: an hour at most. */
const LONGEST_SCHEDULED_GRACE_MS = 3_600_000;

/** The monitor's settings under `config`. */
export function watchSettings(config: Config): WatchSettings {
  const { intervalS, tolerancePct, graceS, maxHosts, maxSamples } = config;
  return {
    intervalMs: milliseconds(intervalS),
    graceMs: graceOf(graceS ?? undefined, tolerancePct) ?? (() => 0),
    maxHosts,
    maxSamples,
    hosts: new Map([...config.hosts].map(([name, host]) => [name, hostSettings(host, config)])),
  };
}

/** When a host must beat by a calendar; null: it has none. */
export function scheduleOf({ cron, zone = "UTC" }: HostConfig): CronSchedule | null {
  return cron === undefined ? null : createSchedule(cron, zone);
}

function hostSettings(host: HostConfig, general: Config): HostSettings {
  const { intervalS, tolerancePct, graceS } = host;
  const schedule = scheduleOf(host);
  const graceMs = graceOf(graceS, tolerancePct) ??
    (schedule === null ? undefined : scheduledGrace(general));
  return {
    ...(intervalS === undefined ? {} : { intervalMs: milliseconds(intervalS) }),
    ...(graceMs === undefined ? {} : { graceMs }),
    ...(schedule === null ? {} : { schedule }),
    // No run takes no time at all: without a grace it is the beat alone that must be in time.
    ...(graceS === undefined || graceS === 0 ? {} : { runLimitMs: graceS * 1000 }),
  };
}

/** A fifth of a month is too long to wait for a job that did not run. */
function scheduledGrace({ graceS, tolerancePct }: Config): Grace {
  const general = graceOf(graceS ?? undefined, tolerancePct) ?? (() => 0);
  return (intervalMs) => Math.min(general(intervalMs), LONGEST_SCHEDULED_GRACE_MS);
}

function milliseconds(intervalS: number | "auto"): number | "auto" {
  return intervalS === "auto" ? "auto" : intervalS * 1000;
}

function graceOf(graceS: number | undefined, tolerancePct: number | undefined): Grace | undefined {
  if (graceS !== undefined) return () => graceS * 1000;
  if (tolerancePct !== undefined) return (intervalMs) => intervalMs * tolerancePct / 100;
  return undefined;
}
