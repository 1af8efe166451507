/**
 * When to try again what failed, and when a failure is worth an alert.
 *
 * Times are of the wall clock, which may be set: a time that is further ahead than it can have been
 * meant counts as now (`aheadMs`).
 */

/** Time before the first retry and the longest between two, milliseconds. */
export const FIRST_RETRY_MS = 2000;
export const LONGEST_RETRY_MS = 600_000;

/** So many failures in a row, or for so long, are trouble. */
const TROUBLE_FAILURES = 3;
const TROUBLE_MS = 60_000;

/** Wait after `failures` in a row, milliseconds. `random`: 0 to 1, spreads what failed together. */
export function backOffMs(failures: number, random: number): number {
  const middleMs = FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20);
  const spreadMs = middleMs * (0.5 + random);
  return Math.min(Math.max(spreadMs, FIRST_RETRY_MS), LONGEST_RETRY_MS);
}

/** Milliseconds from `nowMs` to `atMs`; 0 when it is over, or more than `mostMs` away. */
export function aheadMs(atMs: number, nowMs: number, mostMs: number): number {
  const leftMs = atMs - nowMs;
  return leftMs > 0 && leftMs <= mostMs ? leftMs : 0;
}

/** The failures in a row of one thing. */
export class Trials {
  #failures = 0;
  #sinceMs = 0;
  #nextTryMs = 0;
  #error: string | null = null;
  #isTrouble = false;

  /** Why it failed last; null when it did not. */
  get error(): string | null {
    return this.#error;
  }

  /** Epoch milliseconds; in the past when nothing is to be waited for. */
  get nextTryMs(): number {
    return this.#nextTryMs;
  }

  /** It has failed three times, or for a minute. */
  get isTrouble(): boolean {
    return this.#isTrouble;
  }

  /** Notes a failure. Returns true when it is trouble from now on. */
  failed(error: string, nowMs: number, random: number): boolean {
    if (this.#failures++ === 0) this.#sinceMs = nowMs;
    this.#error = error;
    this.#nextTryMs = nowMs + backOffMs(this.#failures, random);
    const wasTrouble = this.#isTrouble;
    this.#isTrouble ||= this.#failures >= TROUBLE_FAILURES || nowMs - this.#sinceMs >= TROUBLE_MS;
    return this.#isTrouble && !wasTrouble;
  }

  /** Notes that it worked. */
  worked(): void {
    this.#failures = 0;
    this.#nextTryMs = 0;
    this.#error = null;
    this.#isTrouble = false;
  }

  /** Lets it be tried at once; its failures still count. */
  hurry(): void {
    this.#nextTryMs = 0;
  }
}
