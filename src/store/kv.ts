/**
 * The store on Deno KV (a SQLite file in the state folder). The only file that knows Deno KV.
 *
 *   ["host", name]   -> HostRecord
 *   ["sample", host, plugin, slot] -> SampleRecord
 *   ["command", host, id]          -> Command
 *   ["checkpoint"]   -> CheckpointRecord
 *   ["listening"]    -> listening time, milliseconds
 *
 * Deno KV takes 1000 mutations, 800 KiB of values and 80 KiB of keys in one atomic write. A host is
 * about 400 bytes, so it is the names that fill one first when they are long.
 */

import type { Command } from "../commands/queue.ts";
import type { SampleRecord } from "../monitor/history.ts";
import type { HostRecord } from "../monitor/host_table.ts";
import type { CheckpointRecord, Store } from "./store.ts";

/** Entries read at once: the most that Deno KV gives. */
const READ_BATCH = 1000;

/** Bytes of keys in one atomic write, and what a key takes at most: see the limits above. */
const KEY_BYTES = 80_000;
const UTF8_BYTES = 3;
const KEY_OVERHEAD = 16;

/** Bytes of one sample: the most that Deno KV takes as a value is 65,536, with what is around it. */
const SAMPLE_BYTES = 64_000;

export class KvStore implements Store {
  readonly #kv: Deno.Kv;
  #closed = false;

  private constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /** Opens or creates the database file. Rejects when it cannot be read or is no database. */
  static async open(path: string): Promise<KvStore> {
    return new KvStore(await Deno.openKv(path));
  }

  async saveHosts(hosts: readonly HostRecord[]): Promise<void> {
    let atomic = this.#kv.atomic();
    let keyBytes = 0;
    for (const host of hosts) {
      keyBytes += host.name.length * UTF8_BYTES + KEY_OVERHEAD;
      if (keyBytes > KEY_BYTES) {
        await atomic.commit();
        atomic = this.#kv.atomic();
        keyBytes = host.name.length * UTF8_BYTES + KEY_OVERHEAD;
      }
      atomic.set(["host", host.name], host);
    }
    await atomic.commit();
  }

  async saveSamples(samples: readonly SampleRecord[]): Promise<void> {
    let atomic = this.#kv.atomic();
    // Keys and values counted together: far below what an atomic write takes.
    let bytes = 0;
    for (const sample of samples) {
      const size = sample.text.length * UTF8_BYTES +
        (sample.host.length + sample.plugin.length) * 2 * UTF8_BYTES;
      if (size > SAMPLE_BYTES) continue; // Deno KV takes no larger value: kept in memory alone.
      bytes += size;
      if (bytes > KEY_BYTES) {
        await atomic.commit();
        atomic = this.#kv.atomic();
        bytes = size;
      }
      atomic.set(["sample", sample.host, sample.plugin, sample.slot], sample);
    }
    await atomic.commit();
  }

  async *loadSamples(): AsyncIterable<readonly SampleRecord[]> {
    yield* this.#batches<SampleRecord>("sample");
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
