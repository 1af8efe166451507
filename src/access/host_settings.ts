/**
 * What people changed of hosts while the server ran, and hosts that they made: kept in the store and
 * laid over the configuration file, which is never written to. What is changed here wins over the
 * file until it is changed back.
 */

import { getLogger } from "@logtape/logtape";
import { z } from "zod";
import type { HostConfig } from "../config/config.ts";
import {
  type HostChange,
  hostChangeSchema,
  mergedChange,
  withChange,
} from "../config/host_change.ts";
import { InTurn, type RecordStore } from "./records.ts";

const log = getLogger(["hbd", "access"]);

const KIND = "host_settings";

/** Hosts with changes. */
const MAX_HOSTS = 100_000;
/** Bytes of one host's changes as JSON; the store takes little more. */
const MAX_BYTES = 50_000;

const recordSchema = z.object({
  change: hostChangeSchema,
  made: z.boolean(),
  /** Number of the last record of the journal before it was made. */
  madeAfter: z.number().default(0),
});
type HostRecord = z.output<typeof recordSchema>;

/** What was to be kept is more than there is room for; the message says how much there may be. */
export class TooManyChanges extends Error {
  override readonly name = "TooManyChanges";
}

export class HostSettings {
  readonly #store: RecordStore;
  readonly #hosts = new Map<string, HostRecord>();
  readonly #writing = new InTurn();

  constructor(store: RecordStore) {
    this.#store = store;
  }

  /** Reads what the store has. */
  async load(): Promise<void> {
    for (const [host, value] of await this.#store.loadRecords(KIND)) {
      const { data, error } = recordSchema.safeParse(value);
      if (data !== undefined) this.#hosts.set(host, data);
      else log.warn("Changes of {host} are not used: {error}", { host, error: String(error) });
    }
  }

  /** The hosts of the configuration with all that was changed, and those that were made here. */
  effective(hosts: ReadonlyMap<string, HostConfig>): ReadonlyMap<string, HostConfig> {
    if (this.#hosts.size === 0) return hosts;
    const merged = new Map(hosts);
    for (const host of this.#hosts.keys()) merged.set(host, this.effectiveOf(host, hosts));
    return merged;
  }

  /** One host of them; empty for one of which nobody says anything. */
  effectiveOf(host: string, hosts: ReadonlyMap<string, HostConfig>): HostConfig {
    const base = hosts.get(host) ?? {};
    const record = this.#hosts.get(host);
    return record === undefined ? base : withChange(base, record.change);
  }

  /** What was changed of `host`, without nulls; null: nothing, and it was not made here. */
  of(host: string): HostChange | null {
    return this.#hosts.get(host)?.change ?? null;
  }

  /** True for a host that `create()` made. */
  isMade(host: string): boolean {
    return this.#hosts.get(host)?.made ?? false;
  }

  /** Number of the last record of the journal before a host was made here; 0: it was not. */
  madeAfter(host: string): number {
    return this.#hosts.get(host)?.madeAfter ?? 0;
  }

  /**
   * Makes a host known before its first beat; `seq` is the last number of the journal by then. False:
   * somebody else has made it meanwhile. Rejects when the store fails, or with TooManyChanges.
   */
  create(host: string, change: HostChange, seq: number): Promise<boolean> {
    return this.#writing.run(async () => {
      if (this.isMade(host)) return false;
      await this.#change(host, change, seq);
      return true;
    });
  }

  /**
   * Changes some keys of a host; null takes a change back. When it settles, the store has it.
   * Rejects when the store fails, or with TooManyChanges; nothing is changed then.
   */
  patch(host: string, change: HostChange): Promise<void> {
    return this.#writing.run(() => this.#change(host, change, null));
  }

  /** Forgets all changes of a host. Rejects when the store fails. */
  remove(host: string): Promise<void> {
    return this.#writing.run(async () => {
      if (!this.#hosts.has(host)) return;
      await this.#store.removeRecord(KIND, host);
      this.#hosts.delete(host);
    });
  }

  /** `madeAfter` null: it is not made by this. */
  async #change(host: string, change: HostChange, madeAfter: number | null): Promise<void> {
    const old = this.#hosts.get(host);
    const merged = mergedChange(old?.change ?? {}, change);
    const record = recordSchema.parse({
      change: merged,
      made: madeAfter !== null || (old?.made ?? false),
      madeAfter: madeAfter ?? old?.madeAfter,
    });
    if (Object.keys(merged).length === 0 && !record.made) {
      if (old === undefined) return;
      await this.#store.removeRecord(KIND, host);
      this.#hosts.delete(host);
      return;
    }
    this.#refuseTooMuch(host, record);
    await this.#store.saveRecord(KIND, host, record);
    this.#hosts.set(host, record);
  }

  #refuseTooMuch(host: string, record: HostRecord): void {
    if (this.#hosts.size >= MAX_HOSTS && !this.#hosts.has(host)) {
      throw new TooManyChanges(
        `Changes of ${MAX_HOSTS} hosts are kept at most: put some in the file instead`,
      );
    }
    const bytes = new TextEncoder().encode(JSON.stringify(record)).length;
    if (bytes > MAX_BYTES) {
      throw new TooManyChanges(
        `Changes of a host must have at most ${MAX_BYTES} bytes as JSON: got ${bytes}`,
      );
    }
  }
}
