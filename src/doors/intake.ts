/** What the server hands to every door. */

import type { Message } from "../wire/message.ts";

/**
 * Why a message was not taken:
 * - `full`: its host is one too many
 * - `replayed`: it is a copy of an old signed one
 * - `repeated`: it was taken before, and counts once; answer it as then, after `written()`
 */
export type Refusal = "full" | "replayed" | "repeated";

export interface Intake {
  /**
   * Takes a message that arrived at `receivedMs` (epoch milliseconds; now where it is left out).
   * The promise resolves when it is in the journal: answer then, not before. It rejects when the
   * server is stopping.
   */
  receive(message: Message, receivedMs?: number): Promise<void> | Refusal;
  /** Settles when all that was taken so far is in the journal. */
  written(): Promise<void>;
}

/** Bounds a door must keep; read anew for every message, because they can be reloaded. */
export interface DoorLimits {
  /** Largest body in bytes. */
  readonly maxBodyBytes: number;
  readonly maxHosts: number;
}
