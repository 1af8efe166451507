/**
 * Who has beaten lately and who should have: how many hosts beat last in each quarter second, and
 * how many are expected in each. Two counters move with a beat, so that "of all that should have
 * beaten since then, how many did?" is answered without looking at a single host.
 *
 * Times are listening time. Only hosts that are waited for are counted, and of those only the ones
 * that beat at least every two hours: the counters are rings.
 */

const SLOT_MS = 250;
const SLOTS = 1 << 16;
const NOWHERE = -1;

/** Half of what a ring covers, milliseconds: what is farther away could be taken for near. */
const HORIZON_MS = SLOT_MS * SLOTS / 2;

/** A window is not counted farther back than this, milliseconds. */
export const LONGEST_WINDOW_MS = 600_000;

export class Recency {
  readonly #beaten = new Int32Array(SLOTS);
  readonly #expected = new Int32Array(SLOTS);
  /** Where each row is counted. */
  #beatenIn = new Int32Array(0);
  #expectedIn = new Int32Array(0);

  /** `row` beat at `heardMs`, and is expected again by `expectedMs`. */
  wait(row: number, heardMs: number, expectedMs: number): void {
    if (row >= this.#beatenIn.length) this.#grow(row + 1);
    if (expectedMs - heardMs > HORIZON_MS || !(expectedMs < Infinity)) {
      this.forget(row);
      return;
    }
    move(this.#beaten, this.#beatenIn, row, slotOf(heardMs));
    move(this.#expected, this.#expectedIn, row, slotOf(expectedMs));
  }

  /** `row` is not waited for any more. */
  forget(row: number): void {
    if (row >= this.#beatenIn.length) return;
    move(this.#beaten, this.#beatenIn, row, NOWHERE);
    move(this.#expected, this.#expectedIn, row, NOWHERE);
  }

  /** Hosts that beat last from `fromMs` to `toMs`. */
  beaten(fromMs: number, toMs: number): number {
    return sum(this.#beaten, fromMs, toMs);
  }

  /** Hosts that were expected from `fromMs` to `toMs` and have not beaten since. */
  silent(fromMs: number, toMs: number): number {
    return sum(this.#expected, fromMs, toMs);
  }

  #grow(needed: number): void {
    const capacity = Math.max(1024, needed, this.#beatenIn.length * 2);
    this.#beatenIn = grown(this.#beatenIn, capacity);
    this.#expectedIn = grown(this.#expectedIn, capacity);
  }
}

function grown(places: Int32Array<ArrayBuffer>, capacity: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(capacity).fill(NOWHERE);
  larger.set(places);
  return larger;
}

function slotOf(ms: number): number {
  return Math.floor(ms / SLOT_MS) & (SLOTS - 1);
}

function move(counts: Int32Array, places: Int32Array, row: number, to: number): void {
  const from = places[row] ?? NOWHERE;
  if (from === to) return;
  if (from !== NOWHERE) counts[from] = (counts[from] ?? 0) - 1;
  if (to !== NOWHERE) counts[to] = (counts[to] ?? 0) + 1;
  places[row] = to;
}

function sum(counts: Int32Array, fromMs: number, toMs: number): number {
  const last = Math.floor(toMs / SLOT_MS);
  let total = 0;
  const first = Math.floor(Math.max(fromMs, toMs - LONGEST_WINDOW_MS) / SLOT_MS);
  for (let slot = first; slot <= last; slot++) {
    total += counts[slot & (SLOTS - 1)] ?? 0;
  }
  return total;
}
