/**
 * Which hosts and metrics change all the time: each change is noted, and more than so many within
 * an hour are flapping, until nothing has changed for a quarter of an hour.
 */

const HOUR_MS = 3_600_000;

/** Quiet for this long, it has settled. */
export const SETTLED_MS = 900_000;

/** Changes remembered of one, and how many are remembered; the one noted longest ago goes first. */
const CHANGES_KEPT = 100;
const KEPT = 100_000;

export class Flapping {
  /** When each changed, the oldest first. In the order of their last change. */
  readonly #changes = new Map<string, number[]>();

  /** Notes a change of `key`. Returns the changes of the last hour, with this one. */
  note(key: string, nowMs: number): readonly number[] {
    const recent = this.changes(key, nowMs).slice(1 - CHANGES_KEPT);
    recent.push(nowMs);
    this.#changes.delete(key);
    this.#changes.set(key, recent);
    if (this.#changes.size > KEPT) {
      for (const oldest of this.#changes.keys()) {
        this.#changes.delete(oldest);
        break;
      }
    }
    return recent;
  }

  /** The changes of `key` within the last hour. */
  changes(key: string, nowMs: number): number[] {
    return (this.#changes.get(key) ?? []).filter((atMs) => nowMs - atMs < HOUR_MS);
  }

  /** Puts back what was known of `key`. */
  restore(key: string, changesMs: readonly number[]): void {
    this.#changes.set(key, [...changesMs]);
  }

  /** Forgets the changes of `key`. */
  forget(key: string): void {
    this.#changes.delete(key);
  }

  /** From when on `key` has settled if it does not change again. */
  settlesMs(key: string): number {
    return (this.#changes.get(key)?.at(-1) ?? -Infinity) + SETTLED_MS;
  }
}
