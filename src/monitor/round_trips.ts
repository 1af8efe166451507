/**
 * The last round trips that clients measured. Only those that do measure take room: a row of a host
 * leads to a place of its own, and a place that is free is used again.
 */

/** Round trips remembered of each host. */
export const ROUND_TRIPS_KEPT = 24;

const NOWHERE = 0;

export class RoundTrips {
  /** Place of each row, from 1 on; 0: it has none. */
  #placeOf = new Uint32Array(0);
  #free: number[] = [];
  #places = 0;
  #values = new Float32Array(0);
  /** Round trips that were put at each place so far. */
  #seen = new Uint32Array(0);

  /** Remembers a round trip of `row`, milliseconds, forgetting the oldest when there are enough. */
  add(row: number, rttMs: number): void {
    const place = this.#placeFor(row);
    const seen = this.#seen[place] ?? 0;
    this.#values[place * ROUND_TRIPS_KEPT + seen % ROUND_TRIPS_KEPT] = rttMs;
    this.#seen[place] = seen + 1;
  }

  /** Those of `row`, the oldest first; null when none were measured. */
  record(row: number): Float32Array | null {
    const place = this.#placeOf[row] ?? NOWHERE;
    const seen = this.#seen[place] ?? 0;
    if (place === NOWHERE || seen === 0) return null;
    const first = place * ROUND_TRIPS_KEPT;
    const known = Math.min(seen, ROUND_TRIPS_KEPT);
    const oldest = seen - known;
    return Float32Array.from(
      { length: known },
      (_, n) => this.#values[first + (oldest + n) % ROUND_TRIPS_KEPT] ?? NaN,
    );
  }

  restore(row: number, values: Iterable<number>): void {
    this.clear(row);
    for (const rttMs of values) this.add(row, rttMs);
  }

  /** Forgets what is known of `row`, and frees its place. */
  clear(row: number): void {
    const place = this.#placeOf[row] ?? NOWHERE;
    if (place === NOWHERE) return;
    this.#placeOf[row] = NOWHERE;
    this.#seen[place] = 0;
    this.#free.push(place);
  }

  /** The place of `row`, from 1 on; 0: it has none. */
  placeOf(row: number): number {
    return this.#placeOf[row] ?? NOWHERE;
  }

  #placeFor(row: number): number {
    const known = this.#placeOf[row] ?? NOWHERE;
    if (known !== NOWHERE) return known;
    if (row >= this.#placeOf.length) {
      const capacity = Math.max(1024, row + 1, this.#placeOf.length * 2);
      this.#placeOf = grown(new Uint32Array(capacity), this.#placeOf);
    }
    const place = this.#free.pop() ?? ++this.#places;
    if (place >= this.#seen.length) {
      const capacity = Math.max(1024, this.#seen.length * 2);
      this.#seen = grown(new Uint32Array(capacity), this.#seen);
      this.#values = grown(new Float32Array(capacity * ROUND_TRIPS_KEPT), this.#values);
    }
    return this.#placeOf[row] = place;
  }
}

function grown<T extends { set(from: T): void }>(larger: T, from: T): T {
  larger.set(from);
  return larger;
}
