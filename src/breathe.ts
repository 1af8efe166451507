/** Long work on the main thread, in slices between which beats are taken. */

/** Longest slice, milliseconds. */
const SLICE_MS = 5;

/** Counts the time of one piece of long work. */
export class Breather {
  #sinceMs = performance.now();

  /** True when it is time to let others run. */
  isDue(): boolean {
    return performance.now() - this.#sinceMs >= SLICE_MS;
  }

  /** Lets others run, when it is time. */
  async breathe(): Promise<void> {
    if (!this.isDue()) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.#sinceMs = performance.now();
  }
}
