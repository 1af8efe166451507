/** What the outbox is told of a channel, and what it tells of one. */

import type { Level } from "../monitor/level.ts";
import type { Channel } from "./channel.ts";

/** A channel and what is sent there. */
export interface ChannelSetup {
  readonly channel: Channel;
  /** What is less bad is not sent there. */
  readonly minLevel: Level;
  /** The channel that gets it too when this one fails. */
  readonly fallback: string | null;
  /** What must not be seen in its errors. */
  readonly secrets?: readonly string[];
}

/** How a channel fares. Times are epoch milliseconds; nothing in it holds a secret. */
export interface ChannelStatus {
  readonly name: string;
  /** False: the configuration has no such channel any more, but something waits for it. */
  readonly isConfigured: boolean;
  readonly waiting: number;
  /** When the one that waits longest was queued. */
  readonly oldestMs: number | null;
  /** Notifications delivered since the start. */
  readonly sent: number;
  /** Tries that failed. */
  readonly failed: number;
  /** Notifications given up: too old, or refused. */
  readonly givenUp: number;
  /** Notifications dropped because too many waited. */
  readonly dropped: number;
  /** When the first of the tries failed that have all failed since; null when the last one worked. */
  readonly failingSinceMs: number | null;
  /** The last one, also when it is over. */
  readonly lastError: string | null;
  readonly lastErrorMs: number | null;
  readonly lastSentMs: number | null;
  /** What the provider said when it took the last one. */
  readonly lastAnswer: string | null;
  /** Null: nothing waits, or nothing keeps it from being tried. */
  readonly nextTryMs: number | null;
}
