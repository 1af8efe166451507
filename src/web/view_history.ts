/** What the web shows of the past: events and messages, as the journal has them. */

import type { Principal } from "../access/principal.ts";

/** Something that happened to a host, as the journal has it. */
export interface PastEvent {
  readonly seq: number;
  readonly atMs: number;
  /** `up`, `down`, `boot`, `shutdown`, `note`, `pause` … */
  readonly kind: string;
  readonly host: string;
  /** In words; empty where the kind says it all. */
  readonly text: string;
}

/** A message, as the journal has it. */
export interface PastMessage {
  readonly seq: number;
  readonly atMs: number;
  readonly host: string;
  readonly sourceIp: string;
  readonly sourcePort: number;
  readonly transport: string;
  readonly path: string;
  readonly late: boolean;
  readonly parseError: boolean;
  /** The payload, JSON. */
  readonly payloadText: string;
}

/** What to look for, from the newest backwards. */
export interface PastQuery {
  /** Null: any. */
  readonly host: string | null;
  /** In any case of letters, anywhere in the line; null: any. */
  readonly text: string | null;
  /** Epoch milliseconds; null: as far as the journal goes. */
  readonly sinceMs: number | null;
  /** Only what is before that number; null: from the newest on. */
  readonly beforeSeq: number | null;
  readonly limit: number;
  /** Whether the asker may see what record `seq` of the journal says of `host`. */
  maySee(host: string, seq: number): boolean;
}

/** What was found, the newest first. */
export interface Past<T> {
  readonly found: readonly T[];
  /** False: it was not looked any further, though there is more. */
  readonly isComplete: boolean;
  /** `beforeSeq` with which to go on; null: there is nothing more. @default {after the last} */
  readonly nextSeq?: number | null;
}

/** The hosts at a past moment, for somebody. */
export interface ReplayQuery {
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly who: Principal;
  /** Who asks does not wait any more. */
  readonly signal: AbortSignal;
}

/** When the past begins, and when hosts went down. Epoch milliseconds. */
export interface Timeline {
  /** Null: the journal is empty. */
  readonly sinceMs: number | null;
  /** Some moments, with the number of hosts that went down about then; in rising order. */
  readonly downs: readonly { readonly atMs: number; readonly hosts: number }[];
  /** False: there were more than were looked for; the latest are told. */
  readonly isComplete: boolean;
}

/** The journal takes too long to read; the message says what to do. */
export class ReplayTooSlow extends Error {
  override readonly name = "ReplayTooSlow";
}
