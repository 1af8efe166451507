/**
 * The state as it is now, from a copy of the store and the journal: a server may run meanwhile, and
 * is not disturbed.
 */

import { join } from "@std/path";
import { snapshotStore } from "../backup/snapshot.ts";
import { bucketOf } from "../history/bucket_of.ts";
import { decodeBucket, type HourFigures } from "../history/codec.ts";
import { BUCKETS_AT_ONCE } from "../history/store.ts";
import { Monitor } from "../monitor/monitor.ts";
import type { WatchSettings } from "../monitor/settings.ts";
import { KvStore } from "../store/kv.ts";
import { type JournalPlace, recover } from "../store/recovery.ts";

const DAY_HOURS = 24;
const HOUR_MS = 3_600_000;

/** An hour of a host. */
export interface HistoryRow {
  readonly host: string;
  /** When the hour began, epoch milliseconds. */
  readonly startMs: number;
  readonly figures: HourFigures;
}

export class StateCopy implements AsyncDisposable {
  readonly store: KvStore;
  readonly #stack: AsyncDisposableStack;

  private constructor(store: KvStore, stack: AsyncDisposableStack) {
    this.store = store;
    this.#stack = stack;
  }

  /** Copies the store at `path`. Rejects when there is none, or it cannot be read. */
  static async open(path: string): Promise<StateCopy> {
    await using stack = new AsyncDisposableStack();
    const dir = await Deno.makeTempDir({ prefix: "hbd-export-" });
    stack.defer(() => Deno.remove(dir, { recursive: true }));
    const copy = join(dir, "hbd.kv");
    await snapshotStore(path, copy);
    const store = stack.use(await KvStore.open(copy));
    return new StateCopy(store, stack.move());
  }

  /** A monitor with what the store and the journal know. */
  async monitor(settings: WatchSettings, journal: JournalPlace | null): Promise<Monitor> {
    const monitor = new Monitor(settings);
    await recover(monitor, this.store, journal, { onProblem: () => {}, onTorn: () => {} });
    return monitor;
  }

  /** The hours that are over, by days and hosts; times in epoch milliseconds. */
  async *history(
    host: string | null,
    sinceMs: number,
    untilMs: number,
  ): AsyncGenerator<HistoryRow> {
    const buckets = new Set<number>(host === null ? [] : [bucketOf(host)]);
    if (host === null) {
      for await (const hosts of this.store.loadHosts()) {
        for (const { name } of hosts) buckets.add(bucketOf(name));
      }
    }
    const numbers = [...buckets];
    for (const day of await this.store.historyDays()) {
      const dayMs = day * DAY_HOURS * HOUR_MS;
      if (dayMs + DAY_HOURS * HOUR_MS <= sinceMs || dayMs >= untilMs) continue;
      for (let n = 0; n < numbers.length; n += BUCKETS_AT_ONCE) {
        const some = await this.store.loadHistory(day, numbers.slice(n, n + BUCKETS_AT_ONCE));
        for (const bytes of some) {
          if (bytes === null) continue;
          for (const [name, hours] of decodeBucket(bytes)) {
            if (host !== null && name !== host) continue;
            for (const [hour, figures] of hours) {
              const startMs = dayMs + hour * HOUR_MS;
              if (startMs < sinceMs || startMs >= untilMs) continue;
              yield { host: name, startMs, figures };
            }
          }
        }
      }
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
