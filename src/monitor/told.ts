/**
 * Messages that were told already. A client that gets no answer sends them again, and says when they
 * happened: the same host, type and moment is the same message.
 */

/** Messages remembered; the oldest are forgotten. */
const KEPT = 100_000;

export class Told {
  readonly #keys = new Set<string>();

  /** Returns false when it was told before. `happenedMs` is by the sender's clock. */
  tell(row: number, kind: string, happenedMs: number): boolean {
    const key = `${row} ${kind} ${happenedMs}`;
    if (this.#keys.has(key)) return false;
    this.#keys.add(key);
    for (const oldest of this.#keys) {
      if (this.#keys.size <= KEPT) break;
      this.#keys.delete(oldest);
    }
    return true;
  }
}
