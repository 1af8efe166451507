/** What the web pages and the API may see of the server. */

import type { Problem } from "../health.ts";
import type { HostSnapshot, Totals } from "../monitor/snapshot.ts";
import type { ReceivedMessage } from "../monitor/outlet.ts";

export interface View {
  readonly version: string;
  readonly startedMs: number;
  nowMs(): number;
  port(): number;
  totals(): Totals;
  host(name: string): HostSnapshot | null;
  /** Up to `limit` hosts from number `first` on, in an order that stays while the server runs. */
  hosts(first: number, limit: number): readonly HostSnapshot[];
  /** Up to `limit` hosts that are down. */
  downHosts(limit: number): readonly HostSnapshot[];
  messages(): readonly ReceivedMessage[];
  /** What does not work now; empty when all is well. */
  problems(): readonly Problem[];
  /** Beats refused, and journal lines given up, since the start. */
  counters(): { readonly refused: number; readonly journalLinesLost: number };
}
