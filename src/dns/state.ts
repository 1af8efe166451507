/**
 * What is known of each record: what was registered, and what is to be. The store has it, so that a
 * restart sends nothing that was sent before, and goes on with what was not.
 *
 * It is written behind: a record that was never written is made anew by the host's next beat.
 */

import { getLogger } from "@logtape/logtape";
import type { RecordType } from "./record.ts";
import { Trials } from "./trials.ts";

const log = getLogger(["hbd", "dns"]);

/** One record, as it is kept. Times are epoch milliseconds. */
export interface DnsRecord {
  /** Whole name, without the dot at its end; with `type` it is the key. */
  readonly name: string;
  readonly type: RecordType;
  /** The host whose address it is. */
  readonly host: string;
  /** What the server has confirmed last; null before the first time. */
  readonly registered: {
    readonly address: string;
    readonly ttlS: number;
    /** As it was configured. */
    readonly server: string | null;
    readonly atMs: number;
  } | null;
  /** What is to be sent; null: nothing. */
  readonly pending: { readonly address: string; readonly sinceMs: number } | null;
}

/** A record as it is worked with. */
export interface Entry extends DnsRecord {
  readonly domain: string;
  host: string;
  registered: DnsRecord["registered"];
  pending: DnsRecord["pending"];
  /** The server may have something else than `registered`. */
  isUncertain: boolean;
  /** End of the last try, epoch milliseconds. */
  lastTryMs: number;
  readonly trials: Trials;
}

/** Where records are kept. All methods reject with an Error when the store fails. */
export interface DnsStore {
  /** Saves a record, in the place of another with its name and type. */
  saveDnsRecord(record: DnsRecord): Promise<void>;
  removeDnsRecord(record: Pick<DnsRecord, "name" | "type">): Promise<void>;
  /** All of them, in no order. */
  loadDnsRecords(): Promise<readonly DnsRecord[]>;
}

/** The key of a record among all. */
export function recordKey({ name, type }: Pick<DnsRecord, "name" | "type">): string {
  return `${name} ${type}`;
}

/** A record as the store had it, or a new one, to work with. */
export function entryOf(record: DnsRecord): Entry {
  const { name, pending } = record;
  return {
    ...record,
    domain: name.slice(name.indexOf(".") + 1),
    // What waited may have been under way when the last run ended.
    isUncertain: pending !== null,
    lastTryMs: -Infinity,
    trials: new Trials(),
  };
}

/** What of `entry` is kept. */
function recordOf({ name, type, host, registered, pending }: Entry): DnsRecord {
  return { name, type, host, registered, pending };
}

/** Writes records one after another, each as it is when its turn comes. */
export class DnsSaver {
  readonly #store: DnsStore;
  readonly #find: (key: string) => Entry | undefined;
  readonly #dirty = new Map<string, Pick<DnsRecord, "name" | "type">>();
  #writing: Promise<void> | null = null;
  #isClosed = false;

  /** `find`: the record under a key as it is now, or undefined when it is gone. */
  constructor(store: DnsStore, find: (key: string) => Entry | undefined) {
    this.#store = store;
    this.#find = find;
  }

  /** The record has changed, or is gone. */
  changed({ name, type }: Pick<DnsRecord, "name" | "type">): void {
    if (this.#isClosed) return;
    this.#dirty.set(recordKey({ name, type }), { name, type });
    this.#writing ??= this.#write();
  }

  /** Settles when the store has been tried with all that changed so far. Never rejects. */
  saved(): Promise<void> {
    if (this.#dirty.size > 0 && !this.#isClosed) this.#writing ??= this.#write();
    return this.#writing ?? Promise.resolve();
  }

  /** Begins no write any more. */
  close(): void {
    this.#isClosed = true;
  }

  async #write(): Promise<void> {
    // What is changed in one turn is written once.
    await Promise.resolve();
    try {
      for (const [key, names] of this.#dirty) {
        if (this.#isClosed) break;
        this.#dirty.delete(key);
        try {
          const entry = this.#find(key);
          if (entry === undefined) await this.#store.removeDnsRecord(names);
          else await this.#store.saveDnsRecord(recordOf(entry));
        } catch (error) {
          // Tried again with the next change. Until then a restart would send it once more.
          this.#dirty.set(key, names);
          throw error;
        }
      }
    } catch (error) {
      log.error("What is in the DNS could not be kept: {error}", { error: String(error) });
    } finally {
      this.#writing = null;
    }
  }
}
