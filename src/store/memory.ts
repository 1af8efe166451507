/** A store that forgets when the process ends: for tests, and as the plainest example of one. */

import type { Command } from "../commands/queue.ts";
import type { SampleRecord } from "../monitor/history.ts";
import type { HostRecord } from "../monitor/host_table.ts";
import type { CheckpointRecord, Store } from "./store.ts";

export class MemoryStore implements Store {
  readonly #hosts = new Map<string, HostRecord>();
  readonly #samples = new Map<string, SampleRecord>();
  readonly #commands = new Map<string, Command>();
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
