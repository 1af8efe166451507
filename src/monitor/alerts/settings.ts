/** By what alerts are judged and who is told: made from the configuration. */

import type { Maintenance } from "../maintenance.ts";
import type { RuleTree } from "../threshold_rules.ts";

export interface AlertSettings {
  /** The host name of alerts about this server itself. */
  readonly serverName: string;
  /** Time between two reminders, milliseconds; 0: none. */
  readonly renotifyMs: number;
  /** Tell of each missed interval, not only of the first. */
  readonly everyMiss: boolean;
  /** More changes than this within an hour are flapping; 0: never. */
  readonly flapThreshold: number;
  /** Hosts that fall silent together to be one incident; 0: never. */
  readonly incidentHosts: number;
  /** Share of those that should have beaten, 0 to 1. */
  readonly incidentShare: number;
  readonly maintenance: Maintenance;
  /** False: nobody is told of this host. */
  isWatched(host: string): boolean;
  /** Channels of those who are told of `host`; empty: nobody is. */
  audienceOf(host: string): readonly string[];
  groupOf(host: string): string | null;
  /** The thresholds of `host`; null: none. */
  rulesOf(host: string): RuleTree | null;
  /** True when the round trip of some host is judged. */
  readonly judgesRtt: boolean;
}
