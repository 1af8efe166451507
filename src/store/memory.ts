/** A store that forgets when the process ends: for tests, and as the plainest example of one. */

import type { Command } from "../commands/queue.ts";
import type { DnsRecord } from "../dns/state.ts";
import type { AlertRecord } from "../monitor/alerts/record.ts";
import type { SampleRecord } from "../monitor/history.ts";
import type { HostRecord } from "../monitor/host_table.ts";
import type { OutboxItem, StoredOutbox } from "../notify/item.ts";
import type { CheckpointRecord, Store } from "./store.ts";

export class MemoryStore implements Store {
  readonly #hosts = new Map<string, HostRecord>();
  readonly #samples = new Map<string, SampleRecord>();
  readonly #history = new Map<number, Map<number, Uint8Array>>();
  readonly #alerts = new Map<string, AlertRecord>();
  readonly #commands = new Map<string, Command>();
  readonly #dnsRecords = new Map<string, DnsRecord>();
  readonly #outbox = new Map<number, OutboxItem>();
  readonly #records = new Map<string, Map<string, unknown>>();
  #watermark = 0;
  #checkpoint: CheckpointRecord | null = null;
  #heardMs: number | null = null;

  saveHosts(hosts: readonly HostRecord[]): Promise<void> {
    for (const host of hosts) this.#hosts.set(host.name, host);
    return Promise.resolve();
  }

  removeHosts(names: readonly string[]): Promise<void> {
    const gone = new Set(names);
    for (const name of names) this.#hosts.delete(name);
    for (const [key, { host }] of this.#samples) if (gone.has(host)) this.#samples.delete(key);
    return Promise.resolve();
  }

  loadHistory(day: number, buckets: readonly number[]): Promise<readonly (Uint8Array | null)[]> {
    const known = this.#history.get(day);
    return Promise.resolve(buckets.map((bucket) => known?.get(bucket) ?? null));
  }

  saveHistory(day: number, buckets: ReadonlyMap<number, Uint8Array | null>): Promise<void> {
    const known = this.#history.get(day) ?? new Map<number, Uint8Array>();
    for (const [bucket, bytes] of buckets) {
      if (bytes === null) known.delete(bucket);
      else known.set(bucket, bytes);
    }
    if (known.size > 0) this.#history.set(day, known);
    else this.#history.delete(day);
    return Promise.resolve();
  }

  historyDays(): Promise<readonly number[]> {
    return Promise.resolve([...this.#history.keys()].sort((a, b) => a - b));
  }

  removeHistoryDay(day: number): Promise<boolean> {
    this.#history.delete(day);
    return Promise.resolve(false);
  }

  saveCheckpoint(checkpoint: CheckpointRecord): Promise<void> {
    this.#checkpoint = checkpoint;
    return Promise.resolve();
  }

  loadCheckpoint(): Promise<CheckpointRecord | null> {
    return Promise.resolve(this.#checkpoint);
  }

  async *loadHosts(): AsyncIterable<readonly HostRecord[]> {
    await Promise.resolve();
    if (this.#hosts.size > 0) yield [...this.#hosts.values()];
  }

  saveSamples(samples: readonly SampleRecord[]): Promise<void> {
    for (const sample of samples) {
      this.#samples.set(JSON.stringify([sample.host, sample.plugin, sample.slot]), sample);
    }
    return Promise.resolve();
  }

  async *loadSamples(): AsyncIterable<readonly SampleRecord[]> {
    await Promise.resolve();
    if (this.#samples.size > 0) yield [...this.#samples.values()];
  }

  saveAlerts(alerts: ReadonlyMap<string, AlertRecord | null>): Promise<void> {
    for (const [id, alert] of alerts) {
      if (alert === null) this.#alerts.delete(id);
      else this.#alerts.set(id, alert);
    }
    return Promise.resolve();
  }

  loadAlerts(): Promise<readonly AlertRecord[]> {
    return Promise.resolve([...this.#alerts.values()]);
  }

  saveCommand(command: Command): Promise<void> {
    this.#commands.set(command.id, command);
    return Promise.resolve();
  }

  removeCommand(command: Command): Promise<void> {
    this.#commands.delete(command.id);
    return Promise.resolve();
  }

  loadCommands(): Promise<readonly Command[]> {
    return Promise.resolve([...this.#commands.values()]);
  }

  saveDnsRecord(record: DnsRecord): Promise<void> {
    this.#dnsRecords.set(`${record.name} ${record.type}`, record);
    return Promise.resolve();
  }

  removeDnsRecord({ name, type }: Pick<DnsRecord, "name" | "type">): Promise<void> {
    this.#dnsRecords.delete(`${name} ${type}`);
    return Promise.resolve();
  }

  loadDnsRecords(): Promise<readonly DnsRecord[]> {
    return Promise.resolve([...this.#dnsRecords.values()]);
  }

  saveOutbox(items: readonly OutboxItem[], watermark: number): Promise<void> {
    for (const item of items) this.#outbox.set(item.order, item);
    this.#watermark = watermark;
    return Promise.resolve();
  }

  removeOutbox(items: readonly OutboxItem[]): Promise<void> {
    for (const { order } of items) this.#outbox.delete(order);
    return Promise.resolve();
  }

  loadOutbox(): Promise<StoredOutbox> {
    return Promise.resolve({ items: [...this.#outbox.values()], watermark: this.#watermark });
  }

  saveListening(heardMs: number): Promise<void> {
    this.#heardMs = heardMs;
    return Promise.resolve();
  }

  loadListening(): Promise<number | null> {
    return Promise.resolve(this.#heardMs);
  }

  saveRecord(kind: string, key: string, value: unknown): Promise<void> {
    const records = this.#records.get(kind) ?? new Map<string, unknown>();
    this.#records.set(kind, records.set(key, structuredClone(value)));
    return Promise.resolve();
  }

  removeRecord(kind: string, key: string): Promise<void> {
    this.#records.get(kind)?.delete(key);
    return Promise.resolve();
  }

  loadRecords(kind: string): Promise<ReadonlyMap<string, unknown>> {
    return Promise.resolve(new Map(this.#records.get(kind)));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
