/**
 * What the monitor says happened. Outlets (journal, screen, later notifications) act on these.
 *
 * Every event has a sequence number from the same count as the beats: the journal is in their
 * order, and a replay skips what a host has already seen.
 */

interface EventBase {
  /** Position in the journal, counted from 1 over beats and events alike. */
  readonly seq: number;
  /** When the monitor noticed, epoch milliseconds. */
  readonly atMs: number;
}

/** Something that happened to one host. */
export interface HostEvent extends EventBase {
  /**
   * - `down`: the deadline passed without a beat
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
}

/** The server itself was not listening, or its clock jumped; no host is to blame for this time. */
export interface DeafEvent extends EventBase {
  readonly type: "deaf";
  /** By how much every deadline moves, milliseconds; negative when the clock was set back. */
  readonly shiftMs: number;
  /** Beats may have been lost meanwhile: hosts get a whole interval + grace anew. */
  readonly beatsLost: boolean;
}

export type MonitorEvent = HostEvent | DeafEvent;
