/**
 * When a channel that failed is tried again: soon at first, then ever more seldom, never twice at
 * the very same distance, so that many servers do not come back all at once.
 */

/** The bounds of the time between two tries, milliseconds. */
export interface BackoffLimits {
  readonly firstRetryMs: number;
  readonly maxRetryMs: number;
}

/** Share by which a delay may be longer than its own doubling says. */
const JITTER = 0.25;

/**
 * Milliseconds until the next try, from `firstRetryMs` to `maxRetryMs`.
 *
 * @param failures tries that failed one after the other, from 1
 * @param retryAfterMs what the provider asked for; never less than that, as far as the bounds go
 * @param random from 0 to 1
 */
export function retryDelayMs(
  failures: number,
  retryAfterMs: number | null,
  random: number,
  { firstRetryMs, maxRetryMs }: BackoffLimits,
): number {
  const doubled = firstRetryMs * 2 ** Math.max(0, failures - 1);
  const delayMs = Math.min(doubled, maxRetryMs / (1 + JITTER)) * (1 + JITTER * random);
  return Math.min(maxRetryMs, Math.max(firstRetryMs, delayMs, retryAfterMs ?? 0));
}
