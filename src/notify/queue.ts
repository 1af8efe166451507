/**
 * The entries that wait for one channel, in the order in which they came, and how many that may be.
 * Of one that is on its way nothing is changed by others.
 */

import type { OutboxItem } from "./item.ts";
import type { Entry } from "./writer.ts";

/** Notifications that wait for one channel at most. */
export const LANE_LIMIT = 2000;

/** Ids of what was here that are remembered, waiting or not. */
const REMEMBERED = 2 * LANE_LIMIT;

/** An entry that is not in the store yet. */
export function newEntry(item: OutboxItem): Entry {
  return { item, state: "new", isGone: false, refusals: 0 };
}

export class Queue {
  readonly #entries: Entry[] = [];
  readonly #ids = new Set<string>();

  get length(): number {
    return this.#entries.length;
  }

  /** The one that is next. */
  get head(): Entry | undefined {
    return this.#entries[0];
  }

  /** When the one that waits longest was queued, epoch milliseconds; null when nothing waits. */
  get oldestMs(): number | null {
    let oldestMs = Infinity;
    for (const { item } of this.#entries) oldestMs = Math.min(oldestMs, item.queuedMs);
    return oldestMs === Infinity ? null : oldestMs;
  }

  /** All of them as they are now. */
  entries(): readonly Entry[] {
    return [...this.#entries];
  }

  /** True when one with this id waits here, or did not long ago. */
  knows(id: string): boolean {
    return this.#ids.has(id) || this.#entries.some(({ item }) => item.notification.id === id);
  }

  /**
   * Puts one at the end. Returns the one that must go because too many wait, which is still here:
   * the oldest reminder, or else the oldest, but never `onItsWay`.
   */
  push(entry: Entry, onItsWay: Entry | null): Entry | null {
    this.#entries.push(entry);
    this.#ids.add(entry.item.notification.id);
    for (const id of this.#ids) {
      if (this.#ids.size <= REMEMBERED) break;
      this.#ids.delete(id);
    }
    if (this.#entries.length <= LANE_LIMIT) return null;
    const free = this.#entries.filter((other) => other !== onItsWay);
    return free.find(({ item }) => item.notification.kind === "reminder") ?? free[0] ?? null;
  }

  remove(entry: Entry): void {
    const index = this.#entries.indexOf(entry);
    if (index >= 0) this.#entries.splice(index, 1);
  }
}
