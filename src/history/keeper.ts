/**
 * Writes each hour that is over into the store, some minutes after its end and a few hosts at a
 * time, and forgets what is older than it should be kept.
 *
 * The monitor holds an hour until all of it is written: what fails is tried again, what a crash
 * interrupts is done again after it, and an hour that is written twice counts once.
 */

import type { HourView } from "../monitor/hour_view.ts";
import type { HistoryBook } from "./book.ts";
import { bucketOf } from "./bucket_of.ts";
import { BUCKET_HOSTS, BUCKETS, BUCKETS_AT_ONCE } from "./store.ts";

/** How often it is looked whether an hour is over. */
const LOOK_MS = 20_000;

/** What came in the last moment of an hour has been taken so long after it. */
const SETTLED_MS = 60_000;

/** Hosts taken in one go, unless a single bucket has more: a few milliseconds of work. */
const HOSTS_AT_ONCE = 600;

/** Rows whose bucket is found in one go, and the time others get in between. */
const ROWS_AT_ONCE = 10_000;
const PAUSE_MS = 1;

/** Time that a write gets at a stop: it may wait for hosts that are being forgotten. */
const LAST_WRITE_MS = 200;

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

export interface HistoryKeeperOptions {
  readonly hours: HourView;
  readonly book: HistoryBook;
  /** Epoch milliseconds. The monitor must know by then of any deafness before it (`Heart.nowMs`). */
  readonly nowMs: () => number;
  /** Days that are kept; 0: none. */
  readonly days: () => number;
  /** Writing fails with an error, or works (again): null. */
  readonly onTrouble: (error: Error | null) => void;
}

export class HistoryKeeper {
  readonly #options: HistoryKeeperOptions;
  #timer: ReturnType<typeof setInterval> | null = null;
  #working: Promise<void> | null = null;
  #stopped = false;
  #failing = false;
  /** What was forgotten last. */
  #forgotten = "";

  constructor(options: HistoryKeeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.work(), LOOK_MS);
  }

  /** Ends after the write that is going on, but soon; what is not written the checkpoint holds. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, LAST_WRITE_MS);
    await Promise.race([this.#working, limit.promise]);
    clearTimeout(timer);
  }

  /** Does what is due, unless that is under way already. Never rejects. */
  work(): Promise<void> {
    this.#working ??= this.#workNow().finally(() => {
      this.#working = null;
    });
    return this.#working;
  }

  async #workNow(): Promise<void> {
    const { hours, nowMs, days, onTrouble } = this.#options;
    try {
      const finished = hours.finished(nowMs() - SETTLED_MS);
      for (const hour of finished) {
        if (days() > 0 && !await this.#write(hour)) return;
        hours.written(hour);
      }
      await this.#forgetOld(finished.length > 0);
      if (this.#failing) onTrouble(null);
      this.#failing = false;
    } catch (error) {
      // The store may be closed by then.
      if (this.#stopped) return;
      this.#failing = true;
      onTrouble(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Returns false when it was stopped on the way. */
  async #write(hour: number): Promise<boolean> {
    const { hours, book, nowMs } = this.#options;
    const order = await this.#rowsByBucket();
    let last: number;
    for (let first = 0; first < BUCKETS; first = last) {
      last = first + 1;
      while (last < Math.min(first + BUCKETS_AT_ONCE, BUCKETS)) {
        if ((order.ends[last + 1] ?? 0) - (order.ends[first] ?? 0) > HOSTS_AT_ONCE) break;
        last++;
      }
      const [from, to] = [first, last];
      const rows = order.rows.subarray(order.ends[from] ?? 0, order.ends[to] ?? 0);
      if (rows.length === 0) continue;
      if (this.#stopped) return false;
      const taken = hours.take(hour, rows, nowMs()).filter(({ host }) => {
        // Another host may have come into the row meanwhile; it has no share in this hour.
        const bucket = bucketOf(host);
        return bucket >= from && bucket < to;
      });
      if (taken.length > 0) await book.add(hour, taken);
    }
    return !this.#stopped;
  }

  /**
   * The rows of all hosts by their buckets: those of bucket n are `ends[n]` to `ends[n + 1]`. Of a
   * bucket that is too full, the first ones (and one too many: the book tells of it); free rows are
   * in none.
   */
  async #rowsByBucket(): Promise<{ readonly rows: Uint32Array; readonly ends: Uint32Array }> {
    const { hours } = this.#options;
    const count = hours.rows;
    const buckets = new Uint16Array(count);
    const ends = new Uint32Array(BUCKETS + 1);
    for (let row = 0; row < count; row++) {
      if (row % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await pause();
      const name = hours.nameOf(row);
      const bucket = bucketOf(name);
      const isIn = name !== "" && (ends[bucket + 1] ?? 0) <= BUCKET_HOSTS;
      buckets[row] = isIn ? bucket : BUCKETS;
      if (isIn) ends[bucket + 1] = (ends[bucket + 1] ?? 0) + 1;
    }
    for (let n = 1; n <= BUCKETS; n++) ends[n] = (ends[n] ?? 0) + (ends[n - 1] ?? 0);
    const next = ends.slice();
    const rows = new Uint32Array(ends[BUCKETS] ?? 0);
    for (let row = 0; row < count; row++) {
      if (row % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await pause();
      const bucket = buckets[row] ?? BUCKETS;
      if (bucket === BUCKETS) continue;
      const at = next[bucket] ?? 0;
      rows[at] = row;
      next[bucket] = at + 1;
    }
    return { rows, ends };
  }

  /** Looks for old days when there is a new one, others are to be kept, or an hour `isNew`. */
  async #forgetOld(isNew: boolean): Promise<void> {
    const { book, nowMs, days } = this.#options;
    const today = Math.floor(nowMs() / HOUR_MS / DAY_HOURS);
    const what = `${days()} before ${today}`;
    if ((what === this.#forgotten && !isNew) || this.#stopped) return;
    await book.forgetOld(today, days(), () => !this.#stopped);
    if (!this.#stopped) this.#forgotten = what;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
