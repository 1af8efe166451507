/** What a notification is, and what a channel must do with it. */

import type { Level } from "../monitor/level.ts";

/** One message to people. */
export interface Notification {
  /** The same however often it is sent: a provider that knows it can tell a copy. */
  readonly id: string;
  readonly kind: "alert" | "reminder" | "recovery" | "test";
  /** How bad it is; of a recovery: how bad it was. */
  readonly level: Level;
  readonly host: string;
  /** The metric's path, say `cpu_monitor.cpu_percent`; null when the host itself is meant. */
  readonly metric: string | null;
  /** `[CRITICAL] web1`; a single line. */
  readonly title: string;
  /** What happened and the evidence, several lines. */
  readonly body: string;
  /** Where to read more; null without a `base_url`. */
  readonly url: string | null;
  /** When it happened, epoch milliseconds. */
  readonly atMs: number;
}

export interface SendErrorOptions extends ErrorOptions {
  /** The provider said when to come back, milliseconds. */
  readonly retryAfterMs?: number;
  /** This very message was refused for what it is: it need not be sent again. */
  readonly isRefused?: boolean;
}

/** A notification could not be delivered; the message says why, without secrets. */
export class SendError extends Error {
  override readonly name = "SendError";
  readonly retryAfterMs: number | null;
  readonly isRefused: boolean;

  constructor(message: string, options: SendErrorOptions = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.isRefused = options.isRefused ?? false;
  }
}

/** A way to reach people. */
export interface Channel {
  /**
   * Sends it once. Settles with what the provider answered, in one line, or rejects with a
   * SendError; soon after `signal` is aborted in any case.
   */
  send(notification: Notification, signal: AbortSignal): Promise<string>;
}
