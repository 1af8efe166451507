/**
 * Where the state is kept between two runs. Written behind, in checkpoints; the journal covers what
 * happened since the last one.
 *
 * Samples and hosts are saved first and the rest (`CheckpointRecord`) last, so its `seq` never
 * promises more than is there. A host may then be newer than it: each knows the last number applied
 * to it.
 */

import type { RecordStore } from "../access/records.ts";
import type { CommandStore } from "../commands/queue.ts";
import type { DnsStore } from "../dns/state.ts";
import type { HistoryStore } from "../history/store.ts";
import type { AlertRecord } from "../monitor/alerts/record.ts";
import type { SampleRecord } from "../monitor/history.ts";
import type { HostRecord } from "../monitor/host_table.ts";
import type { MonitorRecord } from "../monitor/recall.ts";
import type { OutboxStore } from "../notify/item.ts";

/** Everything with a number up to `monitor.seq` is in the store. */
export interface CheckpointRecord {
  readonly monitor: MonitorRecord;
  /** When it was made, epoch milliseconds. */
  readonly atMs: number;
}

/** All methods reject with an Error when the store fails; no single record is half-written then. */
export interface Store
  extends CommandStore, DnsStore, OutboxStore, RecordStore, HistoryStore, AsyncDisposable {
  /** Saves hosts, replacing what is known of them. */
  saveHosts(hosts: readonly HostRecord[]): Promise<void>;
  /** Forgets hosts and their samples. */
  removeHosts(names: readonly string[]): Promise<void>;
  saveCheckpoint(checkpoint: CheckpointRecord): Promise<void>;
  /** The last checkpoint, or null when there was none. */
  loadCheckpoint(): Promise<CheckpointRecord | null>;
  /** All hosts, in batches, in no order. */
  loadHosts(): AsyncIterable<readonly HostRecord[]>;
  /** Saves samples; one takes the place of another with the same host, plugin and slot. */
  saveSamples(samples: readonly SampleRecord[]): Promise<void>;
  /** All samples, in batches, in no order. */
  loadSamples(): AsyncIterable<readonly SampleRecord[]>;
  /** Saves alerts by their number; null: it is to be forgotten. */
  saveAlerts(alerts: ReadonlyMap<string, AlertRecord | null>): Promise<void>;
  /** All alerts, in no order. */
  loadAlerts(): Promise<readonly AlertRecord[]>;
  /** Notes how far listening time (see the monitor) has come, milliseconds. */
  saveListening(heardMs: number): Promise<void>;
  /** The listening time noted last, or null. */
  loadListening(): Promise<number | null>;
  close(): Promise<void>;
}

/** Hosts handed over in one batch: a few milliseconds of work. */
export const HOSTS_PER_BATCH = 250;
