/**
 * What a door hands to the heart: one message, whatever dialect it came in.
 *
 * A message holds facts only (who, from where, what was said). When it arrived and whether it is
 * late is the monitor's business. `payloadText` is the payload as one line of JSON, so that the
 * journal and the logs can copy it without serializing the payload again.
 */

/** How a message reached the server. */
export type Transport = "http" | "udp";

/** Where a message stands in the series that its client counts. */
export interface SeriesPlace {
  /**
   * 1 to 64 characters. A new one says that `seq` begins anew. What stands before a dot names the
   * boot of the machine: when it stays, only the client was started again.
   */
  readonly bootId: string;
  /** Counts up by one with each message of the client; a whole number from 0 on. */
  readonly seq: number;
}

/** Who sent a message, and when. */
export interface Origin {
  /** Name of the host: 1 to 255 characters, no control characters. */
  readonly host: string;
  /** Address the message was sent from. */
  readonly ip: string;
  /** Port the message was sent from, 0 to 65535. */
  readonly port: number;
  readonly series: SeriesPlace | null;
  /** When it was sent, epoch milliseconds by the sender's clock. */
  readonly sentMs: number | null;
  /** What its client speaks, where that is the language of another server: `hilbert`, `nrdp` … */
  readonly dialect?: string;
}

/** A message that proves life. */
export interface BeatFacts extends Origin {
  readonly kind: "beat";
  /** The address the host says it has, from the payload's `ip`. */
  readonly reportedIp: string | null;
  /** Milliseconds until its next beat, where the message says so. */
  readonly intervalMs: number | null;
  /** Milliseconds allowed on top, where the message says so. */
  readonly graceMs: number | null;
  /** The round trip it measured last, milliseconds. */
  readonly rttMs: number | null;
  /** Version of the client's program. */
  readonly version: string | null;
  /** The run of its job that has ended well; empty: one that has no id. Not given: it tells of none. */
  readonly run?: string;
}

/** A run of the host's job has begun. */
export interface StartFacts extends Origin {
  readonly kind: "start";
  readonly happenedMs: number | null;
  /** Tells runs apart that go on at the same time; empty: it has no id. */
  readonly run: string;
}

/** The host lives, and says that it is down or that its job has failed. */
export interface FailFacts extends Origin {
  readonly kind: "fail";
  readonly happenedMs: number | null;
  /** What is wrong, in one line; empty: it does not say. */
  readonly reason: string;
  /** The run that has failed; empty: one that has no id. Not given: it tells of none. */
  readonly run?: string;
}

/** The host came up. */
export interface BootFacts extends Origin {
  readonly kind: "boot";
  /** When it did, epoch milliseconds by its own clock; null: just now. */
  readonly happenedMs: number | null;
}

/** The host goes down on purpose. */
export interface ShutdownFacts extends Origin {
  readonly kind: "shutdown";
  readonly happenedMs: number | null;
  /** Milliseconds after which its silence counts again; null: it does not. */
  readonly backInMs: number | null;
}

/** Something that people should know. */
export interface NoteFacts extends Origin {
  readonly kind: "note";
  readonly happenedMs: number | null;
  readonly text: string;
  /** As the sender put it, say `info` or `warning`. */
  readonly level: string | null;
}

/** What a plugin has measured. */
export interface MetricsFacts extends Origin {
  readonly kind: "metrics";
  readonly happenedMs: number | null;
  readonly plugin: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Milliseconds until the next sample. */
  readonly intervalMs: number | null;
}

/** What became of a command that the server had sent. */
export interface ResultFacts extends Origin {
  readonly kind: "result";
  /** Identifies the command. */
  readonly command: string;
  /** Its exit code, or null when it could not be run. */
  readonly exit: number | null;
  readonly output: string;
}

/** The facts of a message that a replay needs; all of them can be read back from the journal. */
export type MessageFacts =
  | BeatFacts
  | StartFacts
  | FailFacts
  | BootFacts
  | ShutdownFacts
  | NoteFacts
  | MetricsFacts
  | ResultFacts;

/** How a message came in. */
export interface Received {
  readonly transport: Transport;
  /** HTTP: the request target as the sender wrote it, with its query. UDP: the type of message. */
  readonly path: string;
  readonly payload: unknown;
  /** `payload` as JSON on a single line. */
  readonly payloadText: string;
  /** The sender has proven who it is: what it sent must not be taken twice. */
  readonly signed: boolean;
  /** The body was no JSON; the payload is then `{"_raw": "<the text>"}`. */
  readonly parseError: boolean;
}

export type Beat = BeatFacts & Received;
export type Message = MessageFacts & Received;
