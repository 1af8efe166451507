/**
 * Buckets of hourly figures in Deno KV, which takes values of 65,536 bytes: a longer bucket is cut
 * into parts.
 *
 *   ["history", day, bucket, 0] -> a byte with the number of parts, and the first of them
 *   ["history", day, bucket, 1] -> the second one, if there is one, and so on
 */

/** Bytes of one value at most, and of the values in one atomic write. */
const PART_BYTES = 60_000;
const WRITE_BYTES = 600_000;

/** Keys removed in one atomic write; their values are read with them. */
const REMOVED_AT_ONCE = 50;

export class KvHistory {
  readonly #kv: Deno.Kv;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /** See `HistoryStore`, here and below. */
  async load(day: number, buckets: readonly number[]): Promise<readonly (Uint8Array | null)[]> {
    const firsts = await this.#kv.getMany<Uint8Array[]>(
      buckets.map((bucket) => ["history", day, bucket, 0]),
    );
    const loaded: (Uint8Array | null)[] = [];
    for (const [index, { value }] of firsts.entries()) {
      loaded.push(value === null ? null : await this.#joined(day, buckets[index] ?? 0, value));
    }
    return loaded;
  }

  /** All in one atomic write, or what is too much for one bucket by bucket. */
  async save(day: number, buckets: ReadonlyMap<number, Uint8Array | null>): Promise<void> {
    let atomic = this.#kv.atomic();
    let size = 0;
    for (const [bucket, bytes] of buckets) {
      const parts = bytes === null ? [] : cut(bytes);
      const length = bytes?.length ?? 0;
      if (size > 0 && size + length > WRITE_BYTES) {
        await atomic.commit();
        atomic = this.#kv.atomic();
        size = 0;
      }
      size += length;
      for (const [n, part] of parts.entries()) atomic.set(["history", day, bucket, n], part);
      // What may be left of a longer one is not read: the first part says how many there are.
      atomic.delete(["history", day, bucket, parts.length]);
    }
    await atomic.commit();
  }

  /** From one day to the next, passing over what is in them. */
  async days(): Promise<readonly number[]> {
    const days: number[] = [];
    let next = 0;
    for (;;) {
      // Numbers come before booleans in the order of keys.
      const range = { start: ["history", next], end: ["history", false] };
      const found = await this.#kv.list(range, { limit: 1 }).next();
      const day = found.done === true ? undefined : found.value.key[1];
      if (typeof day !== "number") return days;
      days.push(day);
      next = day + 1;
    }
  }

  async removeDay(day: number): Promise<boolean> {
    const range = { prefix: ["history", day] };
    const found = await Array.fromAsync(this.#kv.list(range, { limit: REMOVED_AT_ONCE }));
    const atomic = this.#kv.atomic();
    for (const { key } of found) atomic.delete(key);
    await atomic.commit();
    return found.length === REMOVED_AT_ONCE;
  }

  async #joined(day: number, bucket: number, first: Uint8Array): Promise<Uint8Array> {
    const [count = 1] = first;
    if (count === 1) return first.subarray(1);
    const parts = [first.subarray(1)];
    for (let n = 1; n < count; n++) {
      const { value } = await this.#kv.get<Uint8Array>(["history", day, bucket, n]);
      if (value !== null) parts.push(value);
    }
    const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
}

function cut(bytes: Uint8Array): readonly Uint8Array[] {
  const count = Math.ceil((bytes.length + 1) / PART_BYTES);
  const whole = new Uint8Array(bytes.length + 1);
  whole[0] = count;
  whole.set(bytes, 1);
  // Copies: of a part of a larger array Deno KV would keep all of it.
  return Array.from({ length: count }, (_, n) => whole.slice(n * PART_BYTES, (n + 1) * PART_BYTES));
}
