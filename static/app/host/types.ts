/** What the API says of one host beside what the WebSocket keeps up to date. See docs/API.md. */

import type { Alert, Host } from "../types.ts";

export type Role = "monitor" | "manager" | "owner";

/** A rule as it is in force for a metric. */
export interface Threshold {
  readonly warning: number | null;
  readonly critical: number | null;
  readonly operator: string;
}

/** By plugin, then by the path of the metric. */
export type Thresholds = Readonly<Record<string, Readonly<Record<string, Threshold>>>>;

/** As in force. */
export interface HostSettings {
  readonly interval: number | "auto";
  /** Percent. */
  readonly tolerance: number;
  /** Seconds; null: the tolerance counts. */
  readonly grace: number | null;
  /** Null: it beats at intervals. */
  readonly cron: string | null;
  readonly tz: string | null;
  readonly watch: boolean;
  readonly group: string | null;
  readonly threshold_config: readonly string[];
  /** Null: as everybody else's. */
  readonly notify: readonly string[] | null;
  readonly dyn: boolean;
  readonly owner: string | null;
  readonly managers: readonly string[];
  readonly monitors: readonly string[];
}

/** The calendar by which a host beats. */
export interface Schedule {
  readonly cron: string;
  /** An IANA time zone. */
  readonly tz: string;
  /** The next times at which a beat is expected, epoch seconds. */
  readonly next: readonly number[];
}

/** By what a ping finds its host: its name, or a secret that stands in its address. */
export type PingBy = "name" | "id" | "key";

export interface HostDetail extends Host {
  readonly role: Role;
  readonly settings: HostSettings;
  readonly changed_here: readonly string[];
  readonly thresholds: Thresholds;
  readonly next_expected: number | null;
  readonly schedule: Schedule | null;
  /** Null: pings that are not signed are not taken from it. */
  readonly ping_by: PingBy | null;
}

/** One sample of a plugin. */
export interface Sample {
  /** Epoch seconds. */
  readonly timestamp: number;
  readonly data: unknown;
}

/** The newest sample of each plugin. */
export interface PluginList {
  readonly plugins: Readonly<Record<string, Sample & { readonly sample_count: number }>>;
}

export interface Hour {
  /** Epoch seconds. */
  readonly start: number;
  readonly beats: number;
  readonly late: number;
  readonly missed: number;
  /** Seconds. */
  readonly up: number;
  readonly down: number;
  readonly deaf: number;
  /** Milliseconds. */
  readonly rtt_min: number | null;
  readonly rtt_avg: number | null;
  readonly rtt_max: number | null;
}

export const PERIODS = ["24h", "7d", "30d", "90d"] as const;
export type Period = (typeof PERIODS)[number];

export interface HostHistory {
  /** Percent of the time that is known; null: none of it is. */
  readonly uptime: Readonly<Record<Period, number | null>>;
  /** Share of the time of which nothing is known, 0 to 1. */
  readonly unknown: Readonly<Record<Period, number>>;
  readonly hours: readonly Hour[];
}

export interface HostAlerts {
  readonly incident: Alert | null;
  readonly alerts: readonly Alert[];
}

const RANK: readonly Role[] = ["monitor", "manager", "owner"];

/** Whether `role` allows what `needed` does. */
export function may(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && RANK.indexOf(role) >= RANK.indexOf(needed);
}
