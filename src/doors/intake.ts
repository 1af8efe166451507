/** What the server hands to every door. */

import type { Message } from "../wire/message.ts";

/** Why a message was not taken: its host is one too many, or it is a copy of an old signed one. */
export type Refusal = "full" | "replayed";

export interface Intake {
  /**
   * Takes a message that arrived at `receivedMs` (epoch milliseconds; now where it is left out). The
   * promise resolves when it is in the journal: answer then, not before. It rejects when the server
   * is stopping. A message that was taken before counts once, and is answered again.
   */
  receive(message: Message, receivedMs?: number): Promise<void> | Refusal;
}

/** Bounds a door must keep; read anew for every message, because they can be reloaded. */
export interface DoorLimits {
  /** Largest body in bytes. */
  readonly maxBodyBytes: number;
  readonly maxHosts: number;
}
