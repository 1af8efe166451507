/**
 * What is to be looked at again, and when: a heap. An entry is a hint alone. Whoever takes it looks
 * at the state and may find that there is nothing to do any more, so nothing is ever taken out.
 */

interface Entry {
  readonly dueMs: number;
  readonly key: string;
}

export class Timetable {
  readonly #heap: Entry[] = [];

  /** Notes that `key` is to be looked at from `dueMs` on; Infinity is never. */
  add(dueMs: number, key: string): void {
    if (dueMs === Infinity) return;
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.dueMs <= dueMs) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = { dueMs, key };
  }

  /** Takes the next key that is due by `nowMs`, or null. */
  take(nowMs: number): string | null {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.dueMs > nowMs) return null;
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) this.#sink(last);
    return first.key;
  }

  #sink(entry: Entry): void {
    const heap = this.#heap;
    let at = 0;
    while (true) {
      let child = 2 * at + 1;
      let below = heap[child];
      const right = heap[child + 1];
      if (below !== undefined && right !== undefined && right.dueMs < below.dueMs) {
        below = right;
        child++;
      }
      if (below === undefined || below.dueMs >= entry.dueMs) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = entry;
  }
}
