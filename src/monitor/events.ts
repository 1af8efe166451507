/**
 * What the monitor says happened. Outlets (journal, screen, later notifications) act on these.
 *
 * Every event has a sequence number from the same count as the beats: the journal is in their
 * order, and a replay skips what a host has already seen.
 */

import type { AlertRecord, Evidence } from "./alerts/record.ts";
import type { Level } from "./level.ts";

interface EventBase {
  /** Position in the journal, counted from 1 over beats and events alike. */
  readonly seq: number;
  /** When the monitor noticed, epoch milliseconds. */
  readonly atMs: number;
}

/** Something that happened to one host. */
export interface HostEvent extends EventBase {
  /**
   * - `down`: the deadline passed without a beat, or it is down for a `reason`
   * - `missed`: one more full interval passed without a beat
   * - `up`: the first beat after `down`
   * - `reboot`: its machine was booted since its last message, and it did not say so
   */
  readonly type: "down" | "missed" | "up" | "reboot";
  readonly host: string;
  /** Time since the last beat in which the server was listening, milliseconds. */
  readonly silenceMs: number;
  /** Intervals missed in this silence so far. */
  readonly missed: number;
  /** What was expected; null where a host that was down is to be learned anew. */
  readonly intervalMs: number | null;
  readonly graceMs: number | null;
  /** It beats by a calendar, and was due after `intervalMs`. */
  readonly isScheduled?: true;
  /** Of `down`: what the host said of itself, or how long its run takes. Not given: it is silent. */
  readonly reason?: string;
}

/** The server itself was not listening, or its clock jumped; no host is to blame for this time. */
export interface DeafEvent extends EventBase {
  readonly type: "deaf";
  /** By how much every deadline moves, milliseconds; negative when the clock was set back. */
  readonly shiftMs: number;
  /** Beats may have been lost meanwhile: hosts get a whole interval + grace anew. */
  readonly beatsLost: boolean;
}

/** People are to be told. */
export interface NotifyEvent extends EventBase {
  readonly type: "notify";
  readonly kind: "alert" | "reminder" | "recovery";
  /** How bad it is; of a recovery: the worst that they were told. */
  readonly level: Level;
  /** Number of the alert. */
  readonly alert: string;
  readonly host: string;
  readonly metric: string | null;
  /** The message in one line: `CRITICAL: web1 - no heartbeat for 12.3s …`. */
  readonly text: string;
  readonly evidence: Evidence;
  /** Since when it holds or held, epoch milliseconds. */
  readonly sinceMs: number;
  /** By which channels. */
  readonly channels: readonly string[];
}

/** An alert began, changed or ended. */
export interface AlertEvent extends EventBase {
  readonly type: "alert";
  readonly alert: AlertRecord;
}

/** Hosts that are down belong to an incident. */
export interface GroupedEvent extends EventBase {
  readonly type: "grouped";
  /** Number of the incident. */
  readonly incident: string;
  readonly hosts: readonly string[];
}

/** Somebody paused a host, or ended that. */
export interface PauseEvent extends EventBase {
  readonly type: "pause";
  readonly host: string;
  /** Null: it is not paused any more. */
  readonly pause: Pause | null;
}

/** Somebody dropped a host: nothing of it is kept. If it beats again, it is a new one. */
export interface DropEvent extends EventBase {
  readonly type: "drop";
  readonly host: string;
  /** What it had counted: the sums over all hosts keep that. */
  readonly total: number;
  readonly late: number;
  readonly missed: number;
}

/** A time in which a host may be silent. Epoch milliseconds. */
export interface Pause {
  readonly fromMs: number;
  /** Null: until somebody ends it. */
  readonly untilMs: number | null;
  readonly reason: string;
}

/** What happened to alerts, and what people did to hosts. */
export type AlertBookEvent = NotifyEvent | AlertEvent | GroupedEvent | PauseEvent | DropEvent;

export type MonitorEvent = HostEvent | DeafEvent | AlertBookEvent;
