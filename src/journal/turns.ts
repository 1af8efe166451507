/**
 * Lets long work that anybody may ask for be done a little at a time: some of it now, some waits for
 * its turn, and what is more than that is refused. However many ask, beats go on.
 */

/** Too much waits already; the message says what to do. */
export class TooManyWait extends Error {
  override readonly name = "TooManyWait";
}

export class Turns {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #working = 0;

  /** At most `atOnce` tasks are under way, and `waiting` wait. */
  constructor(atOnce: number, waiting: number) {
    this.#atOnce = atOnce;
    this.#mostWaiting = waiting;
  }

  /** Settles as `task` does, which begins when it is its turn. Rejects with TooManyWait. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#working < this.#atOnce) this.#working++;
    else {
      if (this.#waiting.length >= this.#mostWaiting) {
        throw new TooManyWait("Too many searches wait: try again in a few seconds");
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      // Whoever was before leaves its place to this one.
      await promise;
    }
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#working--;
      else next();
    }
  }
}
