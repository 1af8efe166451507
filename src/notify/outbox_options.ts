/** What the outbox is made of, and what of that has a default. */

import type { ChannelSetup } from "./channel_status.ts";
import type { OutboxStore } from "./item.ts";

/** The defaults of `OutboxOptions`. */
export const DEFAULTS = {
  random: Math.random,
  firstRetryMs: 2000,
  maxRetryMs: 3_600_000,
  attemptMs: 30_000,
  tickMs: 500,
  storeRetryMs: 1000,
  storePatienceMs: Infinity,
};

export interface OutboxOptions {
  readonly store: OutboxStore;
  /** Epoch milliseconds; what is due is decided by it. */
  readonly nowMs: () => number;
  /** From 0 to 1. @default {Math.random} */
  readonly random?: () => number;
  /**
   * Called when a channel begins to fail and when something is given up, with the error; and with
   * null when the channel works again. Texts are without secrets.
   */
  readonly onTrouble: (channel: string, error: Error | null) => void;
  /** The shortest time between two tries. @default {2000} */
  readonly firstRetryMs?: number;
  /** The longest. @default {3_600_000} */
  readonly maxRetryMs?: number;
  /** Limit of one try. @default {30_000} */
  readonly attemptMs?: number;
  /** Real time between two looks at the clock while something waits. @default {500} */
  readonly tickMs?: number;
  /** Time between two tries to write to a store that fails. @default {1000} */
  readonly storeRetryMs?: number;
  /**
   * How long a notification waits for a store that fails or hangs before it is sent without being
   * kept there. @default {Infinity}
   */
  readonly storePatienceMs?: number;
}

export interface OutboxSettings {
  readonly channels: ReadonlyMap<string, ChannelSetup>;
  /** Age at which a notification that cannot be delivered is given up. */
  readonly giveUpMs: number;
  /** How long a channel fails until its fallback gets what waits. */
  readonly fallbackAfterMs: number;
}
