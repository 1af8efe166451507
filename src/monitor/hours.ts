/**
 * The hourly figures of every host: beats, and how long it was up, down, or not heard because the
 * server was deaf.
 *
 * A beat moves counters alone. Time is booked when the state of a host changes; what has passed
 * since then is reckoned when somebody asks. So asking changes nothing, and a replay of the same
 * messages and events gives the same figures. An hour's table is dropped when it has been written
 * to the store; time in hours that have no table is nobody's business any more.
 *
 * Paused and deaf time is neither up nor down; nor is that of hosts nobody waits for.
 */

import { DeafSpans } from "./deaf_spans.ts";
import { type HostHour, HOUR_MS, hourOf, type HourRecord, HourTable } from "./hour_table.ts";
import type { Deafness } from "./listening_clock.ts";
import type { Span } from "./maintenance_windows.ts";

/** Hours held at once: the one going on and those that the store has not taken yet. */
const TABLES_KEPT = 3;

/** What the figures of all hosts have in common, for the store. */
export interface HoursRecord {
  /** The last hour that the store has, or -1. */
  readonly writtenHour: number;
  /** Hours of which there are figures. */
  readonly hours: readonly number[];
  readonly deaf: readonly Span[];
  /** When the clock was last set back, epoch milliseconds; 0: never. */
  readonly setBackMs: number;
}

/** The figures of one host, for the store. */
export interface HostHoursRecord {
  /** Since when it has been in its state, epoch milliseconds. */
  readonly sinceMs: number;
  /**
   * The last hour that the store's history had by then. A crash can come before a checkpoint that
   * says so, and the figures of that hour are not here any more. Missing: not known.
   */
  readonly writtenHour?: number;
  readonly hours: readonly HourRecord[];
}

export interface HoursOptions {
  /** What the time of `row` is now: up, down, or (null) neither. */
  readonly isUp: (row: number) => boolean | null;
  /** Where the round trips of `row` are; 0: it has none. */
  readonly placeOf: (row: number) => number;
  /** Milliseconds between two moments in which `row` might be silent. */
  readonly pausedMs: (row: number, fromMs: number, toMs: number) => number;
}

export class Hours {
  readonly #options: HoursOptions;
  readonly #deaf = new DeafSpans();
  /** In rising order of their hours. */
  #tables: HourTable[] = [];
  /** The table used last, and the time for which it is the right one. Null: there is none. */
  #current: HourTable | null = null;
  #startMs = 0;
  #endMs = 0;
  #sinceMs = new Float64Array(0);
  #capacity = 0;
  #writtenHour = -1;
  #setBackMs = 0;
  /** What the last reckoning came to. */
  #activeMs = 0;
  #unheardMs = 0;

  constructor(options: HoursOptions) {
    this.#options = options;
  }

  /** Time has come to `nowMs`: an hour that has begun is one to keep figures of. */
  turn(nowMs: number): void {
    this.#at(nowMs);
  }

  countBeat(row: number, isLate: boolean, nowMs: number): void {
    const table = this.#at(nowMs);
    if (table === null) return;
    table.beats[row] = (table.beats[row] ?? 0) + 1;
    if (isLate) table.late[row] = (table.late[row] ?? 0) + 1;
  }

  countMissed(row: number, more: number, nowMs: number): void {
    const table = this.#at(nowMs);
    if (table !== null) table.missed[row] = (table.missed[row] ?? 0) + more;
  }

  addRoundTrip(row: number, rttMs: number, nowMs: number): void {
    const place = this.#options.placeOf(row);
    if (place !== 0) this.#at(nowMs)?.addRoundTrip(place, rttMs);
  }

  /** The state of `row` is about to change at `nowMs`: books the time that it was in it. */
  book(row: number, nowMs: number): void {
    const sinceMs = this.#since(row, nowMs);
    const isUp = this.#options.isUp(row);
    this.#sinceMs[row] = nowMs;
    this.#at(nowMs);
    if (isUp === null) return;
    for (const table of this.#tables) {
      this.#reckon(table, row, sinceMs, nowMs);
      const column = isUp ? table.upMs : table.downMs;
      column[row] = (column[row] ?? 0) + this.#activeMs;
      table.deafMs[row] = (table.deafMs[row] ?? 0) + this.#unheardMs;
    }
  }

  /** The server did not hear for a while that ended at `nowMs`, or its clock was set. */
  deaf({ shiftMs }: Deafness, nowMs: number): void {
    if (shiftMs > 0) this.#deaf.add({ fromMs: nowMs - shiftMs, toMs: nowMs });
    if (shiftMs >= 0) return this.turn(nowMs);
    this.#setBackMs = nowMs;
    this.#deaf.cut(nowMs);
    // By a little: what comes now may be of an hour that is done.
    if (-shiftMs < HOUR_MS) return;
    // By more: the clock was wrong before.
    const hour = hourOf(nowMs);
    this.#tables = this.#tables.filter((table) => table.hour <= hour);
    this.#writtenHour = Math.min(this.#writtenHour, hour - 1);
    this.#forgetCurrent();
  }

  /** Hours that are over by `nowMs` and that the store has not taken, in rising order. */
  finished(nowMs: number): readonly number[] {
    return this.#tables.flatMap(({ hour, endMs }) => endMs <= nowMs ? [hour] : []);
  }

  /** The store has everything up to `hour`. */
  written(hour: number): void {
    this.#writtenHour = Math.max(this.#writtenHour, hour);
    this.#tables = this.#tables.filter((table) => table.hour > hour);
    const oldestMs = Math.min(
      (this.#writtenHour + 1) * HOUR_MS,
      this.#tables[0]?.startMs ?? Infinity,
    );
    this.#deaf.forget(oldestMs);
    this.#forgetCurrent();
  }

  /** The figures of `row` in `hour` as of `nowMs`; null when nothing is known. */
  get(row: number, hour: number, nowMs: number): HostHour | null {
    const table = this.#tables.find((other) => other.hour === hour);
    return table === undefined ? null : this.#get(table, row, nowMs);
  }

  /** The hours of `row` that the store has not taken, in rising order, as of `nowMs`. */
  all(row: number, nowMs: number): readonly HostHour[] {
    return this.#tables.flatMap((table) => this.#get(table, row, nowMs) ?? []);
  }

  record(): HoursRecord {
    return {
      writtenHour: this.#writtenHour,
      hours: this.#tables.map(({ hour }) => hour),
      deaf: this.#deaf.record(),
      setBackMs: this.#setBackMs,
    };
  }

  restore({ writtenHour, hours, deaf, setBackMs }: HoursRecord): void {
    this.#writtenHour = writtenHour;
    this.#setBackMs = setBackMs;
    this.#deaf.restore(deaf);
    for (const hour of hours) this.#tableOf(hour);
  }

  hostRecord(row: number): HostHoursRecord {
    const place = this.#options.placeOf(row);
    const hours = this.#tables.flatMap((table) => {
      const record = table.record(row, place);
      return record === null ? [] : [record];
    });
    return { sinceMs: this.#sinceMs[row] ?? 0, writtenHour: this.#writtenHour, hours };
  }

  restoreHost(row: number, { sinceMs, writtenHour = -1, hours }: HostHoursRecord): void {
    // A clock that was ahead then must not end the hours of now.
    if (this.#tables.some(({ hour }) => hour === writtenHour)) this.written(writtenHour);
    this.#sinceMs[row] = sinceMs;
    const place = this.#options.placeOf(row);
    for (const record of hours) this.#tableOf(record[0] ?? 0)?.restore(row, place, record);
  }

  /** Forgets what is known of `row`. */
  clear(row: number): void {
    const place = this.#options.placeOf(row);
    for (const table of this.#tables) table.clear(row, place);
    this.#sinceMs[row] = 0;
  }

  /** Makes room for `capacity` rows. */
  grow(capacity: number): void {
    this.#capacity = capacity;
    const sinceMs = new Float64Array(capacity);
    sinceMs.set(this.#sinceMs);
    this.#sinceMs = sinceMs;
    for (const table of this.#tables) table.grow(capacity);
  }

  #get(table: HourTable, row: number, nowMs: number): HostHour | null {
    const booked = table.get(row, this.#options.placeOf(row));
    const isUp = this.#options.isUp(row);
    let { upMs, downMs, deafMs } = booked;
    if (isUp !== null) {
      this.#reckon(table, row, this.#since(row, nowMs), nowMs);
      if (isUp) upMs += this.#activeMs;
      else downMs += this.#activeMs;
      deafMs += this.#unheardMs;
    }
    const isEmpty = booked.beats + booked.missed + upMs + downMs + deafMs === 0;
    return isEmpty && booked.rtt === null ? null : { ...booked, upMs, downMs, deafMs };
  }

  /** Since when `row` is in its state; where the clock was set back behind that, since then. */
  #since(row: number, nowMs: number): number {
    const sinceMs = this.#sinceMs[row] ?? 0;
    return sinceMs > nowMs ? Math.min(this.#setBackMs, nowMs) : sinceMs;
  }

  /** How much of the time from `sinceMs` to `nowMs` in the hour of `table` counts, and as what. */
  #reckon(table: HourTable, row: number, sinceMs: number, nowMs: number): void {
    const fromMs = Math.max(sinceMs, table.startMs);
    const toMs = Math.min(nowMs, table.endMs);
    this.#activeMs = 0;
    this.#unheardMs = 0;
    if (!(fromMs < toMs)) return;
    const { pausedMs } = this.#options;
    const paused = pausedMs(row, fromMs, toMs);
    let unheardMs = this.#deaf.overlapMs(fromMs, toMs);
    if (paused > 0 && unheardMs > 0) {
      for (const span of this.#deaf.between(fromMs, toMs)) {
        unheardMs -= pausedMs(row, span.fromMs, span.toMs);
      }
    }
    // Where the clock was set back, some time comes twice: an hour is an hour all the same.
    const booked = (table.upMs[row] ?? 0) + (table.downMs[row] ?? 0) + (table.deafMs[row] ?? 0);
    const roomMs = Math.max(0, HOUR_MS - booked);
    this.#unheardMs = Math.min(roomMs, Math.max(0, unheardMs));
    const activeMs = Math.max(0, toMs - fromMs - paused - this.#unheardMs);
    this.#activeMs = Math.min(roomMs - this.#unheardMs, activeMs);
  }

  #at(nowMs: number): HourTable | null {
    if (nowMs >= this.#startMs && nowMs < this.#endMs) return this.#current;
    const hour = hourOf(nowMs);
    const table = this.#tableOf(hour);
    this.#startMs = hour * HOUR_MS;
    this.#endMs = this.#startMs + HOUR_MS;
    return this.#current = table;
  }

  /** The table of `hour`, made if it is missing; null when the hour is done, or too long ago. */
  #tableOf(hour: number): HourTable | null {
    if (hour <= this.#writtenHour) return null;
    const known = this.#tables.find((table) => table.hour === hour);
    if (known !== undefined) return known;
    const isFull = this.#tables.length >= TABLES_KEPT;
    if (isFull && hour < (this.#tables[0]?.hour ?? Infinity)) return null;
    // An hour in which nothing came is one all the same.
    if (this.#tables.at(-1)?.hour === hour - 2) this.#add(hour - 1);
    return this.#add(hour);
  }

  #add(hour: number): HourTable {
    const table = new HourTable(hour, this.#capacity);
    const all = [...this.#tables, table].sort((a, b) => a.hour - b.hour);
    this.#tables = all.slice(-TABLES_KEPT);
    // The one that had to go may be the one used last.
    this.#forgetCurrent();
    return table;
  }

  #forgetCurrent(): void {
    this.#current = null;
    this.#startMs = 0;
    this.#endMs = 0;
  }
}
