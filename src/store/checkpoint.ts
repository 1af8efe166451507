/**
 * Copies the monitor into the store, a batch of changed hosts at a time, while it goes on working.
 *
 * What the checkpoint promises (`monitor.record()`) is taken before the first host is copied and
 * saved after the last: a host that changes in between is only newer than promised, and replaying
 * the journal passes over what it has already seen.
 */

import type { Monitor } from "../monitor/monitor.ts";
import { HOSTS_PER_BATCH, type Store } from "./store.ts";

/**
 * Makes a checkpoint. Returns the number up to which everything is in the store. When the store
 * fails, or `signal` is aborted on the way, it rejects, and the hosts that are not in the store
 * stay marked as changed.
 */
export async function checkpoint(
  monitor: Monitor,
  store: Store,
  nowMs: number,
  signal?: AbortSignal,
): Promise<number> {
  const record = monitor.record();
  const rows = monitor.takeChanged();
  const samples = monitor.history.takeChanged();
  let done = 0;
  let samplesDone = 0;
  try {
    while (samplesDone < samples.length) {
      signal?.throwIfAborted();
      const batch = samples.slice(samplesDone, samplesDone + HOSTS_PER_BATCH);
      await store.saveSamples(batch);
      samplesDone += batch.length;
    }
    while (done < rows.length) {
      signal?.throwIfAborted();
      const batch = rows.slice(done, done + HOSTS_PER_BATCH);
      await store.saveHosts(batch.map((row) => monitor.hostRecord(row)));
      done += batch.length;
    }
    await store.saveCheckpoint({ monitor: record, atMs: nowMs });
  } catch (error) {
    monitor.putBackChanged(rows.slice(done));
    monitor.history.putBackChanged(samples.slice(samplesDone));
    throw error;
  }
  return record.seq;
}
