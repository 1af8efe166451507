/**
 * The store on Deno KV (a SQLite file in the state folder). The only file that knows Deno KV.
 *
 *   ["host", name]   -> HostRecord
 *   ["sample", host, plugin, slot] -> SampleRecord, its text compressed when it is long
 *   ["history", day, bucket, part] -> bytes: see `kv_history.ts`
 *   ["alert", number]              -> AlertRecord
 *   ["command", host, id]          -> Command
 *   ["dns", name, type]            -> DnsRecord
 *   ["outbox", order]              -> OutboxItem
 *   ["outbox_watermark"]           -> number of a journal record
 *   ["record", kind, key]          -> what people made or changed, see access/records.ts
 *   ["checkpoint"]   -> CheckpointRecord
 *   ["listening"]    -> listening time, milliseconds
 *
 * Deno KV takes 1000 mutations, 800 KiB of values and 80 KiB of keys in one atomic write. A host is
 * about 400 bytes, so it is the names that fill one first when they are long, and what hosts report
 * of their jobs when they report much.
 */

import { deflateSync, inflateSync } from "node:zlib";
import type { Command } from "../commands/queue.ts";
import type { DnsRecord } from "../dns/state.ts";
import type { AlertRecord } from "../monitor/alerts/record.ts";
import type { SampleRecord } from "../monitor/history.ts";
import type { HostRecord } from "../monitor/host_table.ts";
import type { OutboxItem, StoredOutbox } from "../notify/item.ts";
import { KvHistory } from "./kv_history.ts";
import type { CheckpointRecord, Store } from "./store.ts";

/** Entries read at once: the most that Deno KV gives. */
const READ_BATCH = 1000;

/** Bytes of keys in one atomic write, and what a key takes at most: see the limits above. */
const KEY_BYTES = 80_000;
const UTF8_BYTES = 3;
const KEY_OVERHEAD = 16;

/** Bytes of reports in one atomic write: there is room for the rest of their hosts. */
const REPORT_BYTES = 300_000;

/**
 * Text of a sample from which on it is compressed, UTF-16 code units. Deno KV takes values of
 * 65,536 bytes. No datagram brings more text than that, and of that no more than 7 bits a byte are
 * information: compressed it fits.
 */
const COMPRESS_FROM = 8192;

/** Bytes of one sample at most, with what is around its text. */
const SAMPLE_BYTES = 65_000;

/** Keys removed in one atomic write: the longest of so many are less than what one takes. */
const REMOVED_AT_ONCE = 50;

/** Bytes of notifications in one atomic write, and how many: see the limits above. */
const OUTBOX_BYTES = 700_000;
const OUTBOX_MUTATIONS = 500;

/** Alerts in one atomic write. The longest, an incident with long host names, takes 40 KiB. */
const ALERT_MUTATIONS = 20;

/** A sample as it is written. */
type StoredSample = Omit<SampleRecord, "text"> & { readonly text: string | Uint8Array };

export class KvStore implements Store {
  readonly #kv: Deno.Kv;
  readonly #history: KvHistory;
  #closed = false;

  private constructor(kv: Deno.Kv) {
    this.#kv = kv;
    this.#history = new KvHistory(kv);
  }

  /** Opens or creates the database file. Rejects when it cannot be read or is no database. */
  static async open(path: string): Promise<KvStore> {
    return new KvStore(await Deno.openKv(path));
  }

  async saveHosts(hosts: readonly HostRecord[]): Promise<void> {
    let atomic = this.#kv.atomic();
    let keyBytes = 0;
    let reportBytes = 0;
    for (const host of hosts) {
      const [ofKey, ofReport] = [
        host.name.length * UTF8_BYTES + KEY_OVERHEAD,
        bytesOf(host.report),
      ];
      keyBytes += ofKey;
      reportBytes += ofReport;
      if (keyBytes > KEY_BYTES || reportBytes > REPORT_BYTES) {
        await atomic.commit();
        atomic = this.#kv.atomic();
        [keyBytes, reportBytes] = [ofKey, ofReport];
      }
      atomic.set(["host", host.name], host);
    }
    await atomic.commit();
  }

  async removeHosts(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const samples = this.#kv.list({ prefix: ["sample", name] }, { batchSize: REMOVED_AT_ONCE });
      let atomic = this.#kv.atomic().delete(["host", name]);
      let mutations = 1;
      for await (const { key } of samples) {
        atomic.delete(key);
        if (++mutations < REMOVED_AT_ONCE) continue;
        await atomic.commit();
        atomic = this.#kv.atomic();
        mutations = 0;
      }
      await atomic.commit();
    }
  }

  loadHistory(day: number, buckets: readonly number[]): Promise<readonly (Uint8Array | null)[]> {
    return this.#history.load(day, buckets);
  }

  saveHistory(day: number, buckets: ReadonlyMap<number, Uint8Array | null>): Promise<void> {
    return this.#history.save(day, buckets);
  }

  historyDays(): Promise<readonly number[]> {
    return this.#history.days();
  }

  removeHistoryDay(day: number): Promise<boolean> {
    return this.#history.removeDay(day);
  }

  async saveSamples(samples: readonly SampleRecord[]): Promise<void> {
    let atomic = this.#kv.atomic();
    // Keys and values counted together: far below what an atomic write takes.
    let bytes = 0;
    for (const sample of samples) {
      const stored = packed(sample);
      // A string takes at most two bytes a character as a value, and three as a part of a key.
      const textBytes = stored.text.length * (typeof stored.text === "string" ? 2 : 1);
      const size = textBytes + (sample.host.length + sample.plugin.length) * 2 * UTF8_BYTES;
      if (size > SAMPLE_BYTES) continue; // Deno KV takes no larger value: kept in memory alone.
      bytes += size;
      if (bytes > KEY_BYTES) {
        await atomic.commit();
        atomic = this.#kv.atomic();
        bytes = size;
      }
      atomic.set(["sample", sample.host, sample.plugin, sample.slot], stored);
    }
    await atomic.commit();
  }

  async *loadSamples(): AsyncIterable<readonly SampleRecord[]> {
    for await (const batch of this.#batches<StoredSample>("sample")) yield batch.map(unpacked);
  }

  async saveAlerts(alerts: ReadonlyMap<string, AlertRecord | null>): Promise<void> {
    let atomic = this.#kv.atomic();
    let mutations = 0;
    for (const [id, alert] of alerts) {
      if (mutations++ === ALERT_MUTATIONS) {
        await atomic.commit();
        atomic = this.#kv.atomic();
        mutations = 1;
      }
      if (alert === null) atomic.delete(["alert", id]);
      else atomic.set(["alert", id], alert);
    }
    await atomic.commit();
  }

  async loadAlerts(): Promise<readonly AlertRecord[]> {
    const alerts: AlertRecord[] = [];
    for await (const batch of this.#batches<AlertRecord>("alert")) alerts.push(...batch);
    return alerts;
  }

  async saveCommand(command: Command): Promise<void> {
    await this.#kv.set(["command", command.host, command.id], command);
  }

  async removeCommand({ host, id }: Command): Promise<void> {
    await this.#kv.delete(["command", host, id]);
  }

  async loadCommands(): Promise<readonly Command[]> {
    const commands: Command[] = [];
    for await (const batch of this.#batches<Command>("command")) commands.push(...batch);
    return commands;
  }

  async saveDnsRecord(record: DnsRecord): Promise<void> {
    await this.#kv.set(["dns", record.name, record.type], record);
  }

  async removeDnsRecord({ name, type }: Pick<DnsRecord, "name" | "type">): Promise<void> {
    await this.#kv.delete(["dns", name, type]);
  }

  async loadDnsRecords(): Promise<readonly DnsRecord[]> {
    const records: DnsRecord[] = [];
    for await (const batch of this.#batches<DnsRecord>("dns")) records.push(...batch);
    return records;
  }

  /** In one atomic write, or, of what is too much for one, with the watermark in the last. */
  async saveOutbox(items: readonly OutboxItem[], watermark: number): Promise<void> {
    let atomic = this.#kv.atomic();
    let bytes = 0;
    let mutations = 0;
    for (const item of items) {
      const size = outboxBytes(item);
      if (bytes + size > OUTBOX_BYTES || mutations === OUTBOX_MUTATIONS) {
        await atomic.commit();
        atomic = this.#kv.atomic();
        bytes = 0;
        mutations = 0;
      }
      bytes += size;
      mutations++;
      atomic.set(["outbox", item.order], item);
    }
    await atomic.set(["outbox_watermark"], watermark).commit();
  }

  async removeOutbox(items: readonly OutboxItem[]): Promise<void> {
    for (let n = 0; n < items.length; n += OUTBOX_MUTATIONS) {
      const atomic = this.#kv.atomic();
      for (const { order } of items.slice(n, n + OUTBOX_MUTATIONS)) {
        atomic.delete(["outbox", order]);
      }
      await atomic.commit();
    }
  }

  async loadOutbox(): Promise<StoredOutbox> {
    const items: OutboxItem[] = [];
    for await (const batch of this.#batches<OutboxItem>("outbox")) items.push(...batch);
    const { value } = await this.#kv.get<number>(["outbox_watermark"]);
    return { items, watermark: value ?? 0 };
  }

  async saveCheckpoint(checkpoint: CheckpointRecord): Promise<void> {
    await this.#kv.set(["checkpoint"], checkpoint);
  }

  async loadCheckpoint(): Promise<CheckpointRecord | null> {
    return (await this.#kv.get<CheckpointRecord>(["checkpoint"])).value;
  }

  async *loadHosts(): AsyncIterable<readonly HostRecord[]> {
    yield* this.#batches<HostRecord>("host");
  }

  async saveListening(heardMs: number): Promise<void> {
    await this.#kv.set(["listening"], heardMs);
  }

  async loadListening(): Promise<number | null> {
    return (await this.#kv.get<number>(["listening"])).value;
  }

  async saveRecord(kind: string, key: string, value: unknown): Promise<void> {
    await this.#kv.set(["record", kind, key], value);
  }

  async removeRecord(kind: string, key: string): Promise<void> {
    await this.#kv.delete(["record", kind, key]);
  }

  async loadRecords(kind: string): Promise<ReadonlyMap<string, unknown>> {
    const records = new Map<string, unknown>();
    const entries = this.#kv.list({ prefix: ["record", kind] }, { batchSize: READ_BATCH });
    for await (const { key, value } of entries) records.set(String(key[2]), value);
    return records;
  }

  close(): Promise<void> {
    if (!this.#closed) this.#kv.close();
    this.#closed = true;
    return Promise.resolve();
  }

  async *#batches<T>(prefix: string): AsyncGenerator<readonly T[]> {
    let batch: T[] = [];
    const entries = this.#kv.list<T>({ prefix: [prefix] }, { batchSize: READ_BATCH });
    for await (const { value } of entries) {
      batch.push(value);
      if (batch.length < READ_BATCH) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Bytes that an item takes at most: two for each character, and what is around its texts. */
function outboxBytes({ channel, had, notification }: OutboxItem): number {
  const { id, host, metric, title, body, url } = notification;
  const texts = [channel, ...had, id, host, metric ?? "", title, body, url ?? ""];
  return texts.reduce((sum, text) => sum + text.length * 2 + 16, 1000);
}

function packed(sample: SampleRecord): StoredSample {
  if (sample.text.length < COMPRESS_FROM) return sample;
  return { ...sample, text: new Uint8Array(deflateSync(sample.text)) };
}

function unpacked(stored: StoredSample): SampleRecord {
  const { text } = stored;
  return { ...stored, text: typeof text === "string" ? text : inflateSync(text).toString() };
}

/** Bytes that a report takes at most: a string takes two a character. */
function bytesOf(report: HostRecord["report"]): number {
  return report === undefined ? 0 : JSON.stringify(report).length * 2;
}
