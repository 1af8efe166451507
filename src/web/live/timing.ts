/** The time that the live updates go by, and work in slices between which beats are taken. */

/** A clock that never leaps, and timers. */
export interface Timing {
  nowMs(): number;
  /** Calls `then` once, `delayMs` from now. Returns what prevents that. */
  after(delayMs: number, then: () => void): () => void;
}

export const REAL_TIMING: Timing = {
  nowMs: () => performance.now(),
  after(delayMs, then) {
    const timer = setTimeout(then, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Longest slice, and the rest after it: the runtime looks at its sockets when nothing is ready. */
const SLICE_MS = 6;
const REST_MS = 1;

export class SlicedWork {
  #sinceMs = performance.now();

  /** True when others should have their turn. */
  isLong(): boolean {
    return performance.now() - this.#sinceMs >= SLICE_MS;
  }

  /** Lets others have their turn. */
  async rest(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    this.#sinceMs = performance.now();
  }

  async restIfLong(): Promise<void> {
    if (this.isLong()) await this.rest();
  }
}
