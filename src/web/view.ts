/** What the web pages and the API may see of the server. */

import type { HostSnapshot, Totals } from "../monitor/snapshot.ts";
import type { ReceivedMessage } from "../monitor/outlet.ts";

/** A part of the server that does not work at the moment, while the rest goes on. */
export interface Problem {
  /** `journal`, `store`, `beat_log` or `logfile`. */
  readonly part: string;
  readonly message: string;
  /** Since when, epoch milliseconds. */
  readonly sinceMs: number;
}

export interface View {
  readonly version: string;
  readonly startedMs: number;
  nowMs(): number;
  port(): number;
  totals(): Totals;
  host(name: string): HostSnapshot | null;
  /** Up to `limit` hosts from number `first` on, in the order in which they first appeared. */
  hosts(first: number, limit: number): readonly HostSnapshot[];
  messages(): readonly ReceivedMessage[];
  /** What does not work now; empty when all is well. */
  problems(): readonly Problem[];
  /** Beats refused, and journal lines given up, since the start. */
  counters(): { readonly refused: number; readonly journalLinesLost: number };
}
