/** By what the monitor judges: made from the configuration, replaced whole when that is reloaded. */

import type { AlertSettings } from "./alerts/settings.ts";
import type { Schedule } from "./calendar.ts";

/** Time allowed on top of an interval, as a function of it; both in milliseconds. */
export type Grace = (intervalMs: number) => number;

/** What one host is expected to do; what is left out follows the general settings. */
export interface HostSettings {
  readonly intervalMs?: number | "auto";
  readonly graceMs?: Grace;
  /** When its beats are due, instead of an interval, whatever its messages state. */
  readonly schedule?: Schedule;
  /** How long a run of its job may take, milliseconds; not given: until its next beat is due. */
  readonly runLimitMs?: number;
}

export interface WatchSettings {
  /** Expected where neither the message nor the host's own settings say; `auto` learns it. */
  readonly intervalMs: number | "auto";
  readonly graceMs: Grace;
  /** Hosts that are kept at most; a beat from one more is refused. */
  readonly maxHosts: number;
  /** Samples kept of each plugin of each host. */
  readonly maxSamples: number;
  /** Settings of single hosts by name. They are known before their first beat. */
  readonly hosts: ReadonlyMap<string, HostSettings>;
  /** Left out: nothing is made of what is found, and nobody is told. */
  readonly alerts?: AlertSettings;
}
