/** Where hourly figures are kept: for each day some buckets of bytes (`codec.ts`). */

/** Buckets of a day: by a hash of their names all hosts are divided among so many. */
export const BUCKETS = 4096;

/**
 * Hosts in one bucket, and its bytes, at most: more than ten million hosts come to. Only names that
 * somebody made up to fall into one bucket come to more, and those are left out.
 */
export const BUCKET_HOSTS = 4000;
export const BUCKET_BYTES = 700_000;

/** Buckets loaded or saved in one go, at most. */
export const BUCKETS_AT_ONCE = 10;

/** All methods reject with an Error when the store fails; no bucket is half-written then. */
export interface HistoryStore {
  /**
   * Buckets (at most ten) of a day, in their order; null: there is none. A day is a number of days
   * since 1970-01-01.
   */
  loadHistory(day: number, buckets: readonly number[]): Promise<readonly (Uint8Array | null)[]>;
  /** Saves buckets (at most ten) of a day, replacing what was there; null: it is to be forgotten. */
  saveHistory(day: number, buckets: ReadonlyMap<number, Uint8Array | null>): Promise<void>;
  /** The days of which there is something, in rising order. */
  historyDays(): Promise<readonly number[]>;
  /** Forgets some buckets of a day. Returns true when there are more. */
  removeHistoryDay(day: number): Promise<boolean>;
}
