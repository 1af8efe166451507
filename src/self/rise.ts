/**
 * A counter of losses that only ever grows: when it rises that is an episode, and it is over when
 * there was no rise for a while.
 *
 * A counter that is lower than before began anew (a socket that was opened again).
 */

export class Rise {
  readonly #holdMs: number;
  #count = 0;
  #lost = 0;
  #roseMs = -Infinity;

  /** `holdMs`: the episode is over after so long without a loss, milliseconds. */
  constructor(holdMs: number) {
    this.#holdMs = holdMs;
  }

  /**
   * What was lost in the episode that lasts; 0 when there is none. `count` is from 0 at the start;
   * null: nobody knows. `nowMs`: epoch milliseconds.
   */
  look(count: number | null, nowMs: number): number {
    // A clock that was set back must not keep it for long.
    if (Math.abs(nowMs - this.#roseMs) >= this.#holdMs) this.#lost = 0;
    if (count === null) return this.#lost;
    const more = count < this.#count ? count : count - this.#count;
    this.#count = count;
    if (more > 0) {
      this.#lost += more;
      this.#roseMs = nowMs;
    }
    return this.#lost;
  }
}
