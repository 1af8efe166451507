/**
 * Copies the monitor into the store, a batch of changed hosts at a time, while it goes on working.
 *
 * What the checkpoint promises (`monitor.recall.record()`) is taken before the first host is copied and
 * saved after the last: a host that changes in between is only newer than promised, and replaying
 * the journal passes over what it has already seen.
 */

import type { AlertRecord } from "../monitor/alerts/record.ts";
import type { Gone } from "../monitor/change_list.ts";
import type { HostRecord } from "../monitor/host_table.ts";
import type { Monitor } from "../monitor/monitor.ts";
import { HOSTS_PER_BATCH, type Store } from "./store.ts";

/**
 * Makes a checkpoint. Returns the number up to which everything is in the store. When the store
 * fails, or `signal` is aborted on the way, it rejects, and the hosts that are not in the store
 * stay marked as changed. `notificationsStored` settles when what people are to be told is stored,
 * `forgetHistory` when the hourly figures of hosts that are gone are, too.
 *
 * What is gone goes first: its journal lines are needed until the checkpoint is done, and a host
 * that has come anew under the same name is saved after that.
 */
export async function checkpoint(
  monitor: Monitor,
  store: Store,
  nowMs: number,
  signal?: AbortSignal,
  notificationsStored: () => Promise<void> = () => Promise.resolve(),
  forgetHistory: (gone: Gone) => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  const record = monitor.recall.record();
  const gone = monitor.recall.takeGone();
  const rows = monitor.recall.takeChanged();
  const samples = monitor.history.takeChanged();
  const alerts = monitor.alerts?.takeChanged() ?? new Map<string, AlertRecord | null>();
  let goneDone = false;
  let alertsDone = false;
  let done = 0;
  let samplesDone = 0;
  try {
    if (gone.size > 0) {
      const names = [...gone.keys()];
      for (let first = 0; first < names.length; first += HOSTS_PER_BATCH) {
        signal?.throwIfAborted();
        await store.removeHosts(names.slice(first, first + HOSTS_PER_BATCH));
      }
      await orAborted(forgetHistory(gone), signal);
    }
    goneDone = true;
    while (samplesDone < samples.length) {
      signal?.throwIfAborted();
      const batch = samples.slice(samplesDone, samplesDone + HOSTS_PER_BATCH);
      await store.saveSamples(batch);
      samplesDone += batch.length;
    }
    while (done < rows.length) {
      signal?.throwIfAborted();
      const batch = rows.slice(done, done + HOSTS_PER_BATCH);
      const records = batch.map((row) => monitor.recall.hostRecord(row));
      await store.saveHosts(records.filter((record): record is HostRecord => record !== null));
      done += batch.length;
    }
    await store.saveAlerts(alerts);
    alertsDone = true;
    // What the journal below this number tells of must be on its way to people before that number
    // says that nobody needs to read it again.
    await orAborted(notificationsStored(), signal);
    await store.saveCheckpoint({ monitor: record, atMs: nowMs });
  } catch (error) {
    if (!goneDone) monitor.recall.putBackGone(gone);
    monitor.recall.putBackChanged(rows.slice(done));
    monitor.history.putBackChanged(samples.slice(samplesDone));
    if (!alertsDone) monitor.alerts?.putBackChanged(alerts);
    throw error;
  }
  return record.seq;
}

/** Waits for `work`, which may take for ever, until `signal` is aborted. */
async function orAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return await work;
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
