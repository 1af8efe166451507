/** What the web pages and the API may see of the server. */

import type { Access } from "../access/access.ts";
import type { ApiKeys } from "../access/api_keys.ts";
import type { Login } from "../access/login.ts";
import type { Sessions } from "../access/sessions.ts";
import type { Principal } from "../access/principal.ts";
import type { CommandQueue } from "../commands/queue.ts";
import type { Config } from "../config/config.ts";
import type { HostChange } from "../config/host_change.ts";
import type { DnsForced, DnsStatus } from "../dns/updater.ts";
import type { UdpCounters } from "../doors/udp.ts";
import type { Problem } from "../health.ts";
import type { HostHistory } from "../history/host_history.ts";
import type { AlertBook } from "../monitor/alerts/book.ts";
import type { AlertRecord } from "../monitor/alerts/record.ts";
import type { Pause } from "../monitor/events.ts";
import type { Sample } from "../monitor/history.ts";
import type { HostSlice, HostSnapshot, Totals } from "../monitor/snapshot.ts";
import type { ReceivedMessage } from "../monitor/outlet.ts";
import type { ChannelView } from "../notify/notifier.ts";
import type {
  Past,
  PastEvent,
  PastMessage,
  PastQuery,
  ReplayQuery,
  Timeline,
} from "./view_history.ts";

export type { ChannelView };

/** Something done over and over since the start, and how long that took, milliseconds. */
export interface Work {
  readonly count: number;
  readonly totalMs: number;
  /** The last time; 0 before the first. */
  readonly lastMs: number;
}

/** Writes to the journal. */
export interface JournalCounters extends Work {
  readonly bytes: number;
  /** Of the file that is being written. */
  readonly sizeBytes: number;
}

/** Checkpoints made in the store. */
export interface StoreCounters extends Work {
  readonly failures: number;
}

/** What was counted since the start. */
export interface Counters {
  /** Messages refused because there were too many hosts. */
  readonly refused: number;
  readonly journalLinesLost: number;
  /** What came to nothing, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly udp: UdpCounters | null;
  /** Null: it is disabled. */
  readonly journal: JournalCounters | null;
  readonly store: StoreCounters;
  /** How late the last look at the hosts was, milliseconds; null: not known. */
  readonly tickLagMs: number | null;
}

/** When a host must beat by a calendar. */
export interface HostSchedule {
  /** The pattern as crontabs have it. */
  readonly cron: string;
  /** Its time zone, an IANA name. */
  readonly tz: string;
  /** The next `count` times after `afterMs`, epoch milliseconds; fewer where there are no more. */
  readonly next: (afterMs: number, count: number) => readonly number[];
}

export interface View {
  readonly version: string;
  readonly startedMs: number;
  nowMs(): number;
  port(): number;
  totals(): Totals;
  host(name: string): HostSnapshot | null;
  /** Up to `limit` hosts from a place on (0: the first), and from where to go on. */
  hostsFrom(place: number, limit: number): HostSlice;
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
  /**
   * What is in force, with what was changed over the API laid over its hosts. The same object until
   * something changes: what is reckoned from it is kept by it.
   */
  config(): Config;
  /** Who may what, by that. */
  access(): Access;
  readonly sessions: Pick<Sessions, "find" | "end">;
  readonly apiKeys: Pick<ApiKeys, "find" | "listOf" | "create" | "revoke">;
  readonly login: Pick<Login, "login">;
  /**
   * Number of the last record of the journal before a host was made over the API: what is older is
   * of another one that had its name. 0: it was not made so.
   */
  madeAfter(host: string): number;
  /** The keys of a host that were changed over the API, as the file has them. */
  changedHere(host: string): readonly string[];
  /** When `host` must beat by a calendar; null: it beats at an interval. */
  schedule(host: string): HostSchedule | null;
  /**
   * Changes a host; settles when that is stored and in force. Rejects with TooManyChanges
   * (`access/host_settings.ts`), or when the store fails.
   */
  changeHost(host: string, change: HostChange): Promise<void>;
  /** Makes a host that has not beaten yet; rejects as `changeHost` does. `full`: max_hosts. */
  createHost(host: string, change: HostChange): Promise<"created" | "exists" | "full">;
  /** Forgets a host, what was changed of it, and its history. False: there is none. */
  dropHost(host: string): Promise<boolean>;
  /** The hours and the uptime of hosts. */
  readonly history: Pick<HostHistory, "report" | "uptime">;
  /** What happened to a host. */
  events(query: PastQuery): Promise<Past<PastEvent>>;
  /** What came in; null: there is no journal. */
  searchMessages(query: PastQuery): Promise<Past<PastMessage> | null>;
  /**
   * The hosts at a past moment: JSON text in parts; null: there is no journal. Rejects with
   * ReplayTooSlow, or TooManyWait (`journal/turns.ts`).
   */
  pastState(query: ReplayQuery): Promise<readonly Uint8Array[] | null>;
  /** When the past begins, and when hosts that `who` may see went down. Rejects likewise. */
  timeline(who: Principal, signal: AbortSignal): Promise<Timeline | null>;
  /** True when a host signs, and so can be sent commands. */
  takesCommands(host: string): boolean;
  /** Null: none are made. */
  alerts(): AlertBook | null;
  /** Number of the incident that a host belongs to; null: none. */
  incidentOf(host: string): string | null;
  /** Somebody looks after an alert until then (null: while it lasts). Null: it does not hold. */
  acknowledge(id: string, untilMs: number | null, note: string): AlertRecord | null;
  /** A host may be silent (null: not any more). False: there is no such host. */
  pause(host: string, pause: Pause | null): boolean;
  channels(): readonly ChannelView[];
  /** Settles with what the provider answered; rejects with an Error that says why it failed. */
  testChannel(channel: string): Promise<string>;
  /** What is known of the records of a host in the DNS. */
  dnsStatus(host: string): readonly DnsStatus[];
  /** Has the records of a host sent now. Never rejects. */
  forceDns(host: string): Promise<DnsForced>;
  /** The bytes of a backup, to be read or cancelled; null while another is being made. */
  backup(): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | null>;
}
