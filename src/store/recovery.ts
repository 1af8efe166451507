/**
 * Brings the monitor back to where it was: the last checkpoint, then the journal from there.
 */

import { replay, type ReplayOptions } from "../journal/reader.ts";
import type { JournalRecord } from "../journal/line.ts";
import type { Monitor } from "../monitor/monitor.ts";
import type { Store } from "./store.ts";

/** Where the journal is; null when there is none. */
export interface JournalPlace {
  readonly dir: string;
  readonly file: string;
}

/** What was found. */
export interface Recovered {
  /** Records read back from the journal. */
  readonly replayed: number;
  /** Listening time of the last moment at which the server heard; null on the first run. */
  readonly listeningMs: number | null;
}

export interface RecoveryOptions extends ReplayOptions {
  /** Sees each record that is read back from the journal. */
  readonly onRecord?: (record: JournalRecord) => void;
}

/** Fills an empty monitor. Rejects when the store or the journal cannot be read. */
export async function recover(
  monitor: Monitor,
  store: Store,
  journal: JournalPlace | null,
  options: RecoveryOptions,
): Promise<Recovered> {
  const checkpoint = await store.loadCheckpoint();
  let listeningMs = await store.loadListening();
  const afterSeq = checkpoint?.monitor.seq ?? 0;
  if (checkpoint !== null) {
    monitor.recall.restoreSelf(checkpoint.monitor);
    listeningMs = Math.max(listeningMs ?? 0, monitor.listeningMs(checkpoint.atMs));
  }
  for await (const hosts of store.loadHosts()) monitor.recall.restore(hosts);
  monitor.recall.restoreAlerts(await store.loadAlerts());
  for await (const samples of store.loadSamples()) {
    for (const sample of samples) monitor.history.restore(sample);
  }

  let replayed = 0;
  if (journal !== null) {
    for await (const records of replay(journal.dir, journal.file, afterSeq, options)) {
      for (const record of records) {
        applyRecord(monitor, record);
        options.onRecord?.(record);
      }
      replayed += records.length;
      const lastMs = records.at(-1)?.atMs;
      if (lastMs !== undefined) {
        listeningMs = Math.max(listeningMs ?? 0, monitor.listeningMs(lastMs));
      }
    }
  }
  return { replayed, listeningMs };
}

/** Applies a record read back from the journal; nothing is judged by it. */
export function applyRecord(monitor: Monitor, record: JournalRecord): void {
  switch (record.kind) {
    case "message": {
      const { seq, message, late, atMs, signed } = record;
      return monitor.recall.replayMessage(seq, message, late, atMs, signed);
    }
    case "event":
      return monitor.recall.replayEvent(record);
    case "alert":
      return monitor.recall.replayAlertEvent(record.event);
    case "deaf":
      return monitor.recall.replayDeaf(record.seq, record, record.atMs);
  }
}
