/**
 * When the next beat is due: on a grid laid down at the start, so that neither a late timer nor
 * slow work ever shifts the beats after it. Grid points that passed meanwhile are left out, not
 * caught up with: after a sleep of the machine there is one beat at once, then the grid goes on.
 *
 * The grid is in monotonic time, which stands still on some platforms while the machine sleeps; a
 * wall clock that has jumped ahead of it tells of the sleep. No timers here: the caller says what
 * time it is.
 */

/** Longest wait before somebody looks at the clocks again, so that a sleep is soon noticed. */
const MAX_WAIT_MS = 5000;

/** Both clocks at one moment. */
export interface Moment {
  /** Milliseconds of a clock that is never set, from any beginning. */
  readonly monotonicMs: number;
  /** Epoch milliseconds of the machine's clock. */
  readonly wallMs: number;
}

/** The moment that it is. */
export function now(): Moment {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}

export class Rhythm {
  readonly #intervalMs: number;
  readonly #startMs: number;
  #dueMs: number;
  /** When the last look was. */
  #last: Moment;

  /** The first beat is due at `start`, the others every `intervalMs` after it. */
  constructor(start: Moment, intervalMs: number) {
    this.#intervalMs = intervalMs;
    this.#startMs = start.monotonicMs;
    this.#dueMs = start.monotonicMs;
    this.#last = start;
  }

  /** True when a beat is due now; the next one is then the first grid point after now. */
  isDue(moment: Moment): boolean {
    const slept = this.#sleptMs(moment) >= Math.min(this.#intervalMs, MAX_WAIT_MS);
    this.#last = moment;
    if (moment.monotonicMs < this.#dueMs && !slept) return false;
    const passed = Math.floor((moment.monotonicMs - this.#startMs) / this.#intervalMs);
    this.#dueMs = this.#startMs + (passed + 1) * this.#intervalMs;
    return true;
  }

  /** Milliseconds after which to ask again, above 0. */
  waitMs({ monotonicMs }: Moment): number {
    return Math.max(1, Math.min(Math.ceil(this.#dueMs - monotonicMs), MAX_WAIT_MS));
  }

  /** How far the wall clock went ahead of the monotonic one since the last look. */
  #sleptMs({ monotonicMs, wallMs }: Moment): number {
    return (wallMs - this.#last.wallMs) - (monotonicMs - this.#last.monotonicMs);
  }
}
