/**
 * Writes hourly figures of the past into the store a day at a time. What the store has of an hour
 * stays: it was there when that hour was watched.
 */

import { bucketOf } from "../history/bucket_of.ts";
import { figuresOf } from "../history/book.ts";
import { type DayFigures, decodeBucket, encodeBucket } from "../history/codec.ts";
import {
  BUCKET_BYTES,
  BUCKET_HOSTS,
  BUCKETS_AT_ONCE,
  type HistoryStore,
} from "../history/store.ts";
import type { NamedHour } from "../monitor/hour_view.ts";

const DAY_HOURS = 24;

export class DayHistory {
  readonly #store: HistoryStore;
  readonly #firstDay: number;
  readonly #hosts = new Map<string, DayFigures>();
  #day = -1;
  /** Days (since 1970) of which something was written. */
  readonly days = new Set<number>();

  /** Days before `firstDay` (since 1970) are not kept. */
  constructor(store: HistoryStore, firstDay: number) {
    this.#store = store;
    this.#firstDay = firstDay;
  }

  /** Adds an hour (since 1970). Hours come in rising order. */
  async add(hour: number, figures: readonly NamedHour[]): Promise<void> {
    const day = Math.floor(hour / DAY_HOURS);
    if (day < this.#firstDay) return;
    if (day !== this.#day) await this.flush();
    this.#day = day;
    for (const { host, figures: hourly } of figures) {
      const ofHost = this.#hosts.get(host) ?? new Map();
      this.#hosts.set(host, ofHost.set(hour % DAY_HOURS, figuresOf(hourly)));
    }
  }

  /** Writes what was added. */
  async flush(): Promise<void> {
    if (this.#hosts.size === 0) return;
    this.days.add(this.#day);
    const byBucket = Map.groupBy(this.#hosts, ([host]) => bucketOf(host));
    const numbers = [...byBucket.keys()];
    for (let n = 0; n < numbers.length; n += BUCKETS_AT_ONCE) {
      const some = numbers.slice(n, n + BUCKETS_AT_ONCE);
      const loaded = await this.#store.loadHistory(this.#day, some);
      const changed = new Map<number, Uint8Array>();
      for (const [index, number] of some.entries()) {
        const bytes = loaded[index] ?? null;
        const bucket = bytes === null ? new Map<string, DayFigures>() : decodeBucket(bytes);
        for (const [host, hours] of byBucket.get(number) ?? []) {
          const known = bucket.get(host);
          if (known === undefined && bucket.size >= BUCKET_HOSTS) continue;
          bucket.set(host, new Map([...hours, ...known ?? []]));
        }
        const encoded = encodeBucket(bucket);
        if (encoded.length <= BUCKET_BYTES) changed.set(number, encoded);
      }
      await this.#store.saveHistory(this.#day, changed);
    }
    this.#hosts.clear();
  }
}
