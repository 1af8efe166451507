/** What the web pages and the API may see of the server. */

import type { CommandQueue } from "../commands/queue.ts";
import type { UdpCounters } from "../doors/udp.ts";
import type { Problem } from "../health.ts";
import type { Sample } from "../monitor/history.ts";
import type { HostSnapshot, Totals } from "../monitor/snapshot.ts";
import type { ReceivedMessage } from "../monitor/outlet.ts";

/** What was counted since the start. */
export interface Counters {
  /** Messages refused because there were too many hosts. */
  readonly refused: number;
  readonly journalLinesLost: number;
  /** What came to nothing, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly udp: UdpCounters | null;
}

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
  counters(): Counters;
  /** The plugins of a host with their newest sample and how many are kept. */
  plugins(host: string): readonly { plugin: string; newest: Sample; count: number }[];
  /** Samples of a plugin, the newest first; null when there are none. */
  samples(host: string, plugin: string, limit: number): readonly Sample[] | null;
  readonly commands: Pick<CommandQueue, "add" | "list">;
  /** What must be shown to queue commands; null: nobody can. */
  commandToken(): string | null;
  /** True when a host signs, and so can be sent commands. */
  takesCommands(host: string): boolean;
}
