/**
 * How long hosts were down within a window of time. Time in which the server was deaf is no time at
 * all: it is reckoned in the time that it listened.
 */

export class DownTime {
  /** Since when hosts are down, listening time. */
  readonly #downSince = new Map<string, number>();
  readonly #downMs = new Map<string, number>();
  #deafMs = 0;
  /** When the window begins, listening time; before that nothing counts. */
  #begin: number;

  /** @param sinceMs when the window begins, epoch milliseconds */
  constructor(sinceMs: number) {
    this.#begin = sinceMs;
  }

  down(host: string, atMs: number): void {
    if (!this.#downSince.has(host)) this.#downSince.set(host, atMs - this.#deafMs);
  }

  /** `host` is not down any more, or nobody waits for it. */
  over(host: string, atMs: number): void {
    const since = this.#downSince.get(host);
    if (since === undefined) return;
    this.#downSince.delete(host);
    const ms = atMs - this.#deafMs - Math.max(since, this.#begin);
    if (ms > 0) this.#downMs.set(host, (this.#downMs.get(host) ?? 0) + ms);
  }

  /** The server was deaf for `shiftMs`, which ended at `atMs`. */
  deaf(shiftMs: number, atMs: number): void {
    const wallBegin = this.#begin + this.#deafMs;
    this.#deafMs += shiftMs;
    // Where the window begins later, this moves its beginning, too.
    if (wallBegin >= atMs) this.#begin -= shiftMs;
    else if (wallBegin > atMs - shiftMs) this.#begin = atMs - this.#deafMs;
  }

  /** All that was down until `atMs`, milliseconds by host. */
  total(atMs: number): ReadonlyMap<string, number> {
    for (const host of [...this.#downSince.keys()]) this.over(host, atMs);
    return this.#downMs;
  }
}
