/** What the server hands to every door. */

import type { Beat } from "../wire/message.ts";

export interface Intake {
  /**
   * Takes a beat. The promise resolves when the beat is in the journal: answer then, not before. It
   * rejects when the server is stopping. Null means that the beat was refused: its host is new and
   * there are as many hosts as may be.
   */
  beat(beat: Beat): Promise<void> | null;
}

/** Bounds a door must keep; read anew for every message, because they can be reloaded. */
export interface DoorLimits {
  /** Largest body in bytes. */
  readonly maxBodyBytes: number;
  readonly maxHosts: number;
}
