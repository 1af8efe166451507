/**
 * The hourly figures in the store. Buckets are read, changed and written again, so everything that
 * changes them waits for its turn here: one book for each store.
 *
 * Long work is cut into slices of some milliseconds; in between others may do theirs.
 */

import { Breather } from "../breathe.ts";
import type { Gone } from "../monitor/change_list.ts";
import { type HostHour, hourOf } from "../monitor/hour_table.ts";
import type { NamedHour } from "../monitor/hour_view.ts";
import { bucketOf } from "./bucket_of.ts";
import { type DayFigures, decodeBucket, encodeBucket, type HourFigures } from "./codec.ts";
import { BUCKET_BYTES, BUCKET_HOSTS, BUCKETS_AT_ONCE, type HistoryStore } from "./store.ts";

/** Hours of a day. */
const DAY_HOURS = 24;

type Bucket = Map<string, DayFigures>;

/** Figures of an hour; hours since 1970. */
export interface StoredHour extends HourFigures {
  readonly hour: number;
}

/** Says that a bucket cannot be read; its hours are then as if they had never been. */
export type OnDamaged = (day: number, bucket: number, error: unknown) => void;

/** Says that an hour does not go into a bucket, of some of its hosts or of all. */
export type OnFull = (day: number, bucket: number) => void;

export class HistoryBook {
  readonly #store: HistoryStore;
  readonly #onDamaged: OnDamaged;
  readonly #onFull: OnFull;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    store: HistoryStore,
    onDamaged: OnDamaged = () => {},
    onFull: OnFull = () => {},
  ) {
    this.#store = store;
    this.#onDamaged = onDamaged;
    this.#onFull = onFull;
  }

  /** Adds an hour of hosts that are in at most ten buckets, replacing what was there of it. */
  add(hour: number, figures: readonly NamedHour[]): Promise<void> {
    const day = Math.floor(hour / DAY_HOURS);
    const added = Map.groupBy(figures, ({ host }) => bucketOf(host));
    return this.#inTurn(() =>
      this.#change(day, [...added.keys()], (bucket, number) => {
        let isFull = false;
        for (const { host, figures } of added.get(number) ?? []) {
          if (!bucket.has(host)) {
            if (bucket.size >= BUCKET_HOSTS) {
              isFull = true;
              continue;
            }
            bucket.set(host, new Map());
          }
          bucket.get(host)?.set(hour % DAY_HOURS, figuresOf(figures));
        }
        if (isFull) this.#onFull(day, number);
        return true;
      })
    );
  }

  /** The hours of `host` from hour `from` on up to, not including, hour `to`; the oldest first. */
  async hours(host: string, from: number, to: number): Promise<readonly StoredHour[]> {
    const number = bucketOf(host);
    const hours: StoredHour[] = [];
    const breather = new Breather();
    for (let day = Math.floor(from / DAY_HOURS); day * DAY_HOURS < to; day++) {
      const [bytes = null] = await this.#store.loadHistory(day, [number]);
      if (bytes === null) continue;
      for (const [ofDay, figures] of this.#decode(day, number, bytes).get(host) ?? []) {
        const hour = day * DAY_HOURS + ofDay;
        if (hour >= from && hour < to) hours.push({ hour, ...figures });
      }
      await breather.breathe();
    }
    return hours;
  }

  /** Forgets hosts that were dropped: all hours before the one in which they were. */
  forget(gone: Gone): Promise<void> {
    return this.#inTurn(async () => {
      const names = Map.groupBy(gone.keys(), bucketOf);
      let lastMs = 0;
      for (const atMs of gone.values()) lastMs = Math.max(lastMs, atMs);
      const lastDay = hourOf(lastMs) / DAY_HOURS;
      for (const day of await this.#store.historyDays()) {
        if (day > lastDay) break;
        const numbers = [...names.keys()];
        for (let n = 0; n < numbers.length; n += BUCKETS_AT_ONCE) {
          await this.#change(day, numbers.slice(n, n + BUCKETS_AT_ONCE), (bucket, number) => {
            const forgotten = (names.get(number) ?? []).filter((name) =>
              forgetBefore(bucket, name, hourOf(gone.get(name) ?? 0) - day * DAY_HOURS)
            );
            return forgotten.length > 0;
          });
        }
      }
    });
  }

  /**
   * Forgets what is older than `kept` days before day `today`, days since 1970, or as much of it as
   * `goOn` lets it. A clock that is ahead for a while must not cost the history: time has come as far
   * as there is something of it, or a day further.
   */
  forgetOld(today: number, kept: number, goOn: () => boolean = () => true): Promise<void> {
    return this.#inTurn(async () => {
      const days = await this.#store.historyDays();
      const newest = days.at(-1) ?? today;
      const first = kept > 0 ? Math.min(today, newest + 1) - kept : Infinity;
      const breather = new Breather();
      for (const old of days) {
        if (old >= first) break;
        while (goOn() && await this.#store.removeHistoryDay(old)) await breather.breathe();
      }
    });
  }

  /** Reads some buckets of a day, and writes those that `change` has worked on. */
  async #change(
    day: number,
    numbers: readonly number[],
    change: (bucket: Bucket, number: number) => boolean,
  ): Promise<void> {
    const loaded = await this.#store.loadHistory(day, numbers);
    const changed = new Map<number, Uint8Array | null>();
    const breather = new Breather();
    for (const [index, number] of numbers.entries()) {
      const bytes = loaded[index] ?? null;
      const bucket: Bucket = bytes === null ? new Map() : this.#decode(day, number, bytes);
      if (!change(bucket, number)) continue;
      const encoded = bucket.size === 0 ? null : encodeBucket(bucket);
      if ((encoded?.length ?? 0) <= BUCKET_BYTES) changed.set(number, encoded);
      else this.#onFull(day, number);
      await breather.breathe();
    }
    if (changed.size > 0) await this.#store.saveHistory(day, changed);
  }

  #decode(day: number, number: number, bytes: Uint8Array): Bucket {
    try {
      return decodeBucket(bytes);
    } catch (error) {
      this.#onDamaged(day, number, error);
      return new Map();
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}

/** The figures of the monitor as they are kept. */
export function figuresOf({ hour: _hour, rtt, ...figures }: HostHour): HourFigures {
  return {
    ...figures,
    rtts: rtt?.count ?? 0,
    rttMinMs: rtt?.minMs ?? 0,
    rttAvgMs: rtt === null ? 0 : rtt.sumMs / rtt.count,
    rttMaxMs: rtt?.maxMs ?? 0,
  };
}

/** Forgets the hours of `name` before hour `hour` of the day of this bucket. False: there is none. */
function forgetBefore(bucket: Bucket, name: string, hour: number): boolean {
  const hours = bucket.get(name);
  const old = [...hours?.keys() ?? []].filter((ofDay) => ofDay < hour);
  for (const ofDay of old) hours?.delete(ofDay);
  if (hours?.size === 0) bucket.delete(name);
  return old.length > 0;
}
