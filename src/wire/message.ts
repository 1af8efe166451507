/**
 * What a door hands to the heart: one message, whatever dialect it came in.
 *
 * A message holds facts only (who, from where, what was said). When it arrived and whether it is
 * late is the monitor's business. `payloadText` is the payload as one line of JSON, so that the
 * journal and the logs can copy it without serializing the payload again.
 */

/** How a message reached the server. */
export type Transport = "http";

/** The facts of a beat that a replay needs; all of them can be read back from the journal. */
export interface BeatFacts {
  /** Name of the host that beats: 1 to 255 characters, no control characters. */
  readonly host: string;
  /** Address the message was sent from. */
  readonly ip: string;
  /** Port the message was sent from, 0 to 65535. */
  readonly port: number;
  /** The address the host says it has, from the payload's `ip`. */
  readonly reportedIp: string | null;
  /** Milliseconds until its next beat, where the message says so. */
  readonly intervalMs: number | null;
}

/** A message that proves life. */
export interface Beat extends BeatFacts {
  readonly kind: "beat";
  readonly transport: Transport;
  /** Request target as the sender wrote it, with its query. */
  readonly path: string;
  readonly payload: unknown;
  /** `payload` as JSON on a single line. */
  readonly payloadText: string;
  /** The body was no JSON; the payload is then `{"_raw": "<the text>"}`. */
  readonly parseError: boolean;
}
