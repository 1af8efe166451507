/**
 * Whether a channel works, since when it does not, and when it may be tried again. Times are epoch
 * milliseconds that others tell it; a clock that is set back costs no more than one delay.
 */

import { type BackoffLimits, retryDelayMs } from "./backoff.ts";
import type { SendError } from "./channel.ts";

export class Pace {
  readonly #limits: BackoffLimits;
  readonly #random: () => number;
  /** Tries that failed since the last one that did not, or since it was begun anew. */
  #failures = 0;
  #failingSinceMs: number | null = null;
  #lastError: string | null = null;
  #lastErrorMs: number | null = null;
  #nextTryMs = 0;
  #delayMs = 0;

  constructor(limits: BackoffLimits, random: () => number) {
    this.#limits = limits;
    this.#random = random;
  }

  /** When the first of the tries failed that have all failed since; null when the last one worked. */
  get failingSinceMs(): number | null {
    return this.#failingSinceMs;
  }

  /** The last one, also when it is over. */
  get lastError(): string | null {
    return this.#lastError;
  }

  get lastErrorMs(): number | null {
    return this.#lastErrorMs;
  }

  /** When it may be tried again; null when it may at any time. */
  get nextTryMs(): number | null {
    return this.#delayMs === 0 ? null : this.#nextTryMs;
  }

  /** True when it may be tried now. */
  isDue(nowMs: number): boolean {
    this.#nextTryMs = Math.min(this.#nextTryMs, nowMs + this.#delayMs);
    if (this.#failingSinceMs !== null) this.#failingSinceMs = Math.min(this.#failingSinceMs, nowMs);
    return nowMs >= this.#nextTryMs;
  }

  /**
   * A try failed. The next one is after a delay, but not long after `latestMs`, when that is still
   * to come. Returns true when the one before had worked.
   */
  failed(error: SendError, nowMs: number, latestMs: number): boolean {
    const isFirst = this.#failingSinceMs === null;
    this.#failures++;
    this.#failingSinceMs ??= nowMs;
    this.#lastError = error.message;
    this.#lastErrorMs = nowMs;
    const delayMs = retryDelayMs(this.#failures, error.retryAfterMs, this.#random(), this.#limits);
    const lastChanceMs = Math.max(this.#limits.firstRetryMs, latestMs - nowMs);
    this.#delayMs = error.retryAfterMs === null ? Math.min(delayMs, lastChanceMs) : delayMs;
    this.#nextTryMs = nowMs + this.#delayMs;
    return isFirst;
  }

  /** A try worked. Returns true when the one before had failed. */
  worked(): boolean {
    const wasFailing = this.#failingSinceMs !== null;
    this.#failingSinceMs = null;
    this.again();
    return wasFailing;
  }

  /** There is reason to try again at once, though nothing has worked yet. */
  again(): void {
    this.#failures = 0;
    this.#delayMs = 0;
    this.#nextTryMs = 0;
  }
}
