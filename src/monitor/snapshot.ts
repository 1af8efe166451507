/** What the monitor lets others see: copies, true for the moment at which they were asked for. */

import type { ClientSnapshot } from "./client_table.ts";
import type { HostState, HostTable } from "./host_table.ts";
import type { ReportSnapshot } from "./reports.ts";
import { type Rhythm, stability } from "./watchdog.ts";

/** One host. Times are epoch milliseconds, durations milliseconds. */
export interface HostSnapshot {
  readonly name: string;
  /** `paused` is shown whatever else it is: nothing is expected of it. */
  readonly state: HostState | "paused";
  readonly total: number;
  readonly late: number;
  readonly missed: number;
  /** Percent, 0 to 100; null before the first beat. */
  readonly stability: number | null;
  /** Null while it is still to be learned; so are `graceMs` and `deadlineMs`. */
  readonly intervalMs: number | null;
  readonly graceMs: number | null;
  readonly lastBeatMs: number | null;
  readonly deadlineMs: number | null;
  /** Addresses its beats came from, the latest first. */
  readonly addresses: readonly string[];
  /** The address it says it has. */
  readonly reportedIp: string | null;
  /** What its client tells of itself; null when it only beats. */
  readonly client: ClientSnapshot | null;
  /** Until when it is paused (Infinity: no end is known); null: it is not. */
  readonly pausedUntilMs: number | null;
  /**
   * What became of the last 60 intervals, the oldest first, a letter each: `o` on time, `l` late,
   * `m` missed, `d` not heard because the server was deaf. Shorter while there were fewer.
   */
  readonly bar: string;
  /** The last 24 round trips that its client measured, milliseconds, the oldest first. */
  readonly rtts: readonly number[];
  /** What it reports beside being alive; null: nothing. */
  readonly report: ReportSnapshot | null;
}

/** Some of all hosts. */
export interface HostSlice {
  readonly hosts: HostSnapshot[];
  /** From where the next ones come; null: there are no more. */
  readonly next: number | null;
}

/** All hosts taken together. */
export interface Totals {
  readonly hosts: number;
  /** Hosts that are down now. */
  readonly down: number;
  /** Hosts in each state; `paused` are those that somebody paused, whatever else they are. */
  readonly states: Readonly<Record<HostState | "paused", number>>;
  readonly total: number;
  readonly late: number;
  readonly missed: number;
  readonly stability: number | null;
  readonly lastBeatMs: number | null;
  /** Address the last beat came from. */
  readonly lastClient: string | null;
}

/** The snapshot of a row; its silence counts from `waitingSinceMs`, epoch milliseconds. */
export function snapshotOf(
  hosts: HostTable,
  row: number,
  rhythm: Rhythm | null,
  waitingSinceMs: number,
  others: Pick<HostSnapshot, "client" | "bar" | "rtts" | "report">,
): HostSnapshot {
  const total = hosts.total[row] ?? 0;
  const late = hosts.late[row] ?? 0;
  const missed = hosts.missed[row] ?? 0;
  const state = hosts.stateName(row);
  const isWaitedFor = rhythm !== null && state !== "new" && Number.isFinite(waitingSinceMs);
  return {
    name: hosts.names[row] ?? "",
    state,
    total,
    late,
    missed,
    stability: stability(total, late, missed),
    intervalMs: rhythm?.intervalMs ?? null,
    graceMs: rhythm?.graceMs ?? null,
    lastBeatMs: total > 0 ? hosts.lastBeatMs[row] ?? null : null,
    deadlineMs: isWaitedFor ? waitingSinceMs + rhythm.intervalMs + rhythm.graceMs : null,
    addresses: hosts.addresses(row),
    reportedIp: hosts.reportedIp(row),
    pausedUntilMs: null,
    ...others,
  };
}
