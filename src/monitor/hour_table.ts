/**
 * What happened within one hour (UTC) to each host: a column for each figure, by the host's row.
 * Round trips are by places of their own (`round_trips.ts`): most hosts measure none.
 */

/** Milliseconds of an hour. */
export const HOUR_MS = 3_600_000;

/** The hour that `atMs` is in, hours since 1970-01-01T00:00Z. */
export function hourOf(atMs: number): number {
  return Math.floor(atMs / HOUR_MS);
}

/** Round trips of an hour, milliseconds. */
export interface HourRoundTrips {
  readonly count: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly sumMs: number;
}

/** One hour of one host. Up, down and deaf time, milliseconds, are at most an hour together. */
export interface HostHour {
  /** Hours since 1970-01-01T00:00Z. */
  readonly hour: number;
  readonly beats: number;
  readonly late: number;
  readonly missed: number;
  readonly upMs: number;
  readonly downMs: number;
  /** The server did not hear: whether the host was up nobody knows. */
  readonly deafMs: number;
  /** Null: none were measured. */
  readonly rtt: HourRoundTrips | null;
}

/** An hour as the store keeps it: the figures in the order of `HostHour`, round trips if any. */
export type HourRecord = readonly number[];

export class HourTable {
  readonly hour: number;
  readonly startMs: number;
  readonly endMs: number;
  beats: Uint32Array;
  late: Uint32Array;
  missed: Uint32Array;
  upMs: Uint32Array;
  downMs: Uint32Array;
  deafMs: Uint32Array;
  #rttCount = new Uint32Array(0);
  #rttMin = new Float32Array(0);
  #rttMax = new Float32Array(0);
  #rttSum = new Float64Array(0);

  constructor(hour: number, capacity: number) {
    this.hour = hour;
    this.startMs = hour * HOUR_MS;
    this.endMs = this.startMs + HOUR_MS;
    this.beats = new Uint32Array(capacity);
    this.late = new Uint32Array(capacity);
    this.missed = new Uint32Array(capacity);
    this.upMs = new Uint32Array(capacity);
    this.downMs = new Uint32Array(capacity);
    this.deafMs = new Uint32Array(capacity);
  }

  /** A round trip of the host at `place`. */
  addRoundTrip(place: number, rttMs: number): void {
    if (place >= this.#rttCount.length) this.#growPlaces(place + 1);
    const count = this.#rttCount[place] ?? 0;
    this.#rttMin[place] = count === 0 ? rttMs : Math.min(this.#rttMin[place] ?? 0, rttMs);
    this.#rttMax[place] = count === 0 ? rttMs : Math.max(this.#rttMax[place] ?? 0, rttMs);
    this.#rttSum[place] = (this.#rttSum[place] ?? 0) + rttMs;
    this.#rttCount[place] = count + 1;
  }

  /** What is booked of `row`. */
  get(row: number, place: number): HostHour {
    const count = this.#rttCount[place] ?? 0;
    return {
      hour: this.hour,
      beats: this.beats[row] ?? 0,
      late: this.late[row] ?? 0,
      missed: this.missed[row] ?? 0,
      upMs: this.upMs[row] ?? 0,
      downMs: this.downMs[row] ?? 0,
      deafMs: this.deafMs[row] ?? 0,
      rtt: count === 0 ? null : {
        count,
        minMs: this.#rttMin[place] ?? 0,
        maxMs: this.#rttMax[place] ?? 0,
        sumMs: this.#rttSum[place] ?? 0,
      },
    };
  }

  /** Null: nothing is booked of `row`. */
  record(row: number, place: number): HourRecord | null {
    const { hour, beats, late, missed, upMs, downMs, deafMs, rtt } = this.get(row, place);
    const figures = [beats, late, missed, upMs, downMs, deafMs];
    if (rtt !== null) return [hour, ...figures, rtt.count, rtt.minMs, rtt.maxMs, rtt.sumMs];
    return figures.some((figure) => figure > 0) ? [hour, ...figures] : null;
  }

  /** Puts a stored hour back. */
  restore(row: number, place: number, record: HourRecord): void {
    const [, beats = 0, late = 0, missed = 0, upMs = 0, downMs = 0, deafMs = 0, ...rtt] = record;
    this.beats[row] = beats;
    this.late[row] = late;
    this.missed[row] = missed;
    this.upMs[row] = upMs;
    this.downMs[row] = downMs;
    this.deafMs[row] = deafMs;
    const [count = 0, minMs = 0, maxMs = 0, sumMs = 0] = rtt;
    if (count === 0 || place === 0) return;
    if (place >= this.#rttCount.length) this.#growPlaces(place + 1);
    this.#rttCount[place] = count;
    this.#rttMin[place] = minMs;
    this.#rttMax[place] = maxMs;
    this.#rttSum[place] = sumMs;
  }

  /** Forgets what is booked of `row`. */
  clear(row: number, place: number): void {
    this.beats[row] = 0;
    this.late[row] = 0;
    this.missed[row] = 0;
    this.upMs[row] = 0;
    this.downMs[row] = 0;
    this.deafMs[row] = 0;
    if (place < this.#rttCount.length) this.#rttCount[place] = 0;
    if (place < this.#rttSum.length) this.#rttSum[place] = 0;
  }

  /** Makes room for `capacity` rows. */
  grow(capacity: number): void {
    this.beats = grown(new Uint32Array(capacity), this.beats);
    this.late = grown(new Uint32Array(capacity), this.late);
    this.missed = grown(new Uint32Array(capacity), this.missed);
    this.upMs = grown(new Uint32Array(capacity), this.upMs);
    this.downMs = grown(new Uint32Array(capacity), this.downMs);
    this.deafMs = grown(new Uint32Array(capacity), this.deafMs);
  }

  #growPlaces(needed: number): void {
    const capacity = Math.max(1024, needed, this.#rttCount.length * 2);
    this.#rttCount = grown(new Uint32Array(capacity), this.#rttCount);
    this.#rttMin = grown(new Float32Array(capacity), this.#rttMin);
    this.#rttMax = grown(new Float32Array(capacity), this.#rttMax);
    this.#rttSum = grown(new Float64Array(capacity), this.#rttSum);
  }
}

function grown<T extends { set(from: T): void }>(larger: T, from: T): T {
  larger.set(from);
  return larger;
}
