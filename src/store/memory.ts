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
  readonly #alerts = new Map<string, AlertRecord>();
  readonly #commands = new Map<string, Command>();
  readonly #dnsRecords = new Map<string, DnsRecord>();
  readonly #outbox = new Map<number, OutboxItem>();
  #watermark = 0;
  #checkpoint: CheckpointRecord | null = null;
  #heardMs: number | null = null;

  saveHosts(hosts: readonly HostRecord[]): Promise<void> {
    for (const host of hosts) this.#hosts.set(host.name, host);
    return Promise.resolve();
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

  close(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
