/** Turns the configuration's seconds and percentages into what the monitor judges by. */

import type { Config, HostConfig } from "./config/config.ts";
import type { Grace, HostSettings, WatchSettings } from "./monitor/settings.ts";

/** The monitor's settings under `config`. */
export function watchSettings(config: Config): WatchSettings {
  const { intervalS, tolerancePct, graceS, maxHosts, maxSamples } = config;
  return {
    intervalMs: milliseconds(intervalS),
    graceMs: graceOf(graceS ?? undefined, tolerancePct) ?? (() => 0),
    maxHosts,
    maxSamples,
    hosts: new Map([...config.hosts].map(([name, host]) => [name, hostSettings(host)])),
  };
}

function hostSettings({ intervalS, tolerancePct, graceS }: HostConfig): HostSettings {
  const graceMs = graceOf(graceS, tolerancePct);
  return {
    ...(intervalS === undefined ? {} : { intervalMs: milliseconds(intervalS) }),
    ...(graceMs === undefined ? {} : { graceMs }),
  };
}

function milliseconds(intervalS: number | "auto"): number | "auto" {
  return intervalS === "auto" ? "auto" : intervalS * 1000;
}

function graceOf(graceS: number | undefined, tolerancePct: number | undefined): Grace | undefined {
  if (graceS !== undefined) return () => graceS * 1000;
  if (tolerancePct !== undefined) return (intervalMs) => intervalMs * tolerancePct / 100;
  return undefined;
}
