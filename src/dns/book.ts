/**
 * The book of records: for each name and type what was registered, and what is to be. It turns the
 * addresses that hosts send from into records that wait; it sends nothing.
 *
 * One record waits at most for each name and type, and the newest address is the one. What the
 * server may or may not have taken (a try was under way when the answer was lost) is sent again
 * even if the old address is back.
 */

import { getLogger } from "@logtape/logtape";
import type { DnsConfig } from "../config/config.ts";
import { domainOf, recordDataOf, recordNameOf, type RecordType } from "./record.ts";
import { DnsSaver, type DnsStore, type Entry, entryOf, recordKey } from "./state.ts";

const log = getLogger(["hbd", "dns"]);

export const RECORD_TYPES: readonly RecordType[] = ["A", "AAAA"];

/** What of the configuration matters here. */
export interface DnsSettings {
  readonly config: DnsConfig;
  /** True when the address of `host` is to be kept in the DNS. */
  isDyn(host: string): boolean;
}

/** The addresses of a host; `raw` as messages have them, to know them again without a look. */
interface Seen {
  readonly raw: Record<RecordType, string | null>;
  readonly address: Record<RecordType, string | null>;
}

export class DnsBook {
  readonly saver: DnsSaver;
  /** Those that wait to be sent. */
  readonly waiting = new Set<Entry>();
  readonly #store: DnsStore;
  readonly #entries = new Map<string, Entry>();
  readonly #seen = new Map<string, Seen>();
  /** What a warning was given of. */
  readonly #warned = new Set<string>();
  #settings: DnsSettings;
  #domains: readonly string[] = [];

  constructor(store: DnsStore, settings: DnsSettings) {
    this.#store = store;
    this.#settings = settings;
    this.saver = new DnsSaver(store, (key) => this.#entries.get(key));
  }

  /** Domains that names are registered in. */
  get domains(): readonly string[] {
    return this.#domains;
  }

  /** Reads what the store has. Rejects when it fails. */
  async load(): Promise<void> {
    for (const entry of (await this.#store.loadDnsRecords()).map(entryOf)) {
      const { host, type, registered, pending } = entry;
      this.#entries.set(recordKey(entry), entry);
      if (pending !== null) this.waiting.add(entry);
      const address = (pending ?? registered)?.address;
      if (address !== undefined) this.#seenOf(host).address[type] = address;
    }
  }

  /** Takes new settings. Returns the records that are out of them, and are forgotten. */
  configure(settings: DnsSettings, nowMs: number): readonly Entry[] {
    this.#settings = settings;
    this.#domains = usableDomains(settings.config.domains);
    this.#warned.clear();
    const isWanted = ({ name, host, domain }: Entry): boolean => {
      const own = recordNameOf(host, domain);
      return settings.isDyn(host) && this.#domains.includes(domain) && own.ok && own.value === name;
    };
    const gone = [...this.#entries.values()].filter((entry) => !isWanted(entry));
    for (const entry of gone) {
      this.#entries.delete(recordKey(entry));
      this.waiting.delete(entry);
      this.saver.changed(entry);
    }
    for (const [host, { raw, address }] of this.#seen) {
      if (!settings.isDyn(host)) {
        this.#seen.delete(host);
        continue;
      }
      for (const type of RECORD_TYPES) {
        raw[type] = null;
        // A domain, a server or a time to live that is new holds for what is known already.
        if (address[type] !== null) this.#want(host, type, address[type], nowMs);
      }
    }
    return gone;
  }

  /** `host` has sent from `ip`. Returns true when something waits that did not. */
  see(host: string, ip: string, nowMs: number): boolean {
    const known = this.#seen.get(host);
    if (known !== undefined && (known.raw.A === ip || known.raw.AAAA === ip)) return false;
    const data = recordDataOf(ip);
    if (!data.ok) {
      this.#warnOnce(`address of ${host}`, `Not in the DNS: ${host}: ${data.problem}`);
      return false;
    }
    const { type, address } = data.value;
    const seen = this.#seenOf(host);
    seen.raw[type] = ip;
    seen.address[type] = address;
    return this.#want(host, type, address, nowMs);
  }

  /** Has the known addresses of `host` sent even if nothing has changed. */
  force(host: string, nowMs: number): readonly Entry[] {
    const forced: Entry[] = [];
    for (const type of RECORD_TYPES) {
      const address = this.#seen.get(host)?.address[type] ?? null;
      if (address === null) continue;
      for (const domain of this.#domains) {
        const name = recordNameOf(host, domain);
        if (!name.ok) continue;
        const entry = this.#entry(name.value, type, host);
        entry.isUncertain = true;
        this.#wait(entry, address, nowMs);
        forced.push(entry);
      }
    }
    return forced;
  }

  /** The records of `host`. */
  of(host: string): readonly Entry[] {
    return this.#domains.flatMap((domain) => {
      const name = recordNameOf(host, domain);
      if (!name.ok) return [];
      return RECORD_TYPES.map((type) => this.#entries.get(recordKey({ name: name.value, type })))
        .filter((entry) => entry?.host === host)
        .filter((entry) => entry !== undefined);
    });
  }

  /** The entry under this name and type, or undefined. */
  find(name: string, type: RecordType): Entry | undefined {
    return this.#entries.get(recordKey({ name, type }));
  }

  /** The server has confirmed `address`, sent with this configuration. */
  confirmed(entry: Entry, address: string, { server, ttlS }: DnsConfig, atMs: number): void {
    if (this.#entries.get(recordKey(entry)) !== entry) return;
    entry.registered = { address, server, ttlS, atMs };
    entry.isUncertain = false;
    // A newer one that waits by now stays, unless it is just this.
    if (entry.pending?.address === address && this.#isRegistered(entry, address)) {
      entry.pending = null;
      this.waiting.delete(entry);
    }
    this.saver.changed(entry);
  }

  #want(host: string, type: RecordType, address: string, nowMs: number): boolean {
    let isNew = false;
    for (const domain of this.#domains) {
      const name = recordNameOf(host, domain);
      if (!name.ok) {
        this.#warnOnce(`name of ${host}`, `Not in the DNS: ${host}: ${name.problem}`);
        continue;
      }
      const entry = this.#entry(name.value, type, host);
      if (entry.pending?.address === address) continue;
      if (!entry.isUncertain && this.#isRegistered(entry, address)) {
        if (entry.pending === null) continue;
        entry.pending = null;
        this.waiting.delete(entry);
        this.saver.changed(entry);
        continue;
      }
      this.#wait(entry, address, nowMs);
      isNew = true;
    }
    return isNew;
  }

  #wait(entry: Entry, address: string, sinceMs: number): void {
    entry.pending = { address, sinceMs };
    this.waiting.add(entry);
    this.saver.changed(entry);
  }

  #isRegistered({ registered }: Entry, address: string): boolean {
    const { server, ttlS } = this.#settings.config;
    return registered !== null && registered.address === address &&
      registered.server === server && registered.ttlS === ttlS;
  }

  #entry(name: string, type: RecordType, host: string): Entry {
    let entry = this.#entries.get(recordKey({ name, type }));
    if (entry === undefined) {
      entry = entryOf({ name, type, host, registered: null, pending: null });
      this.#entries.set(recordKey(entry), entry);
    } else if (entry.host !== host) {
      this.#warnOnce(name, `${entry.host} and ${host} are both ${name}: the newer address counts`);
      entry.host = host;
      this.saver.changed(entry);
    }
    return entry;
  }

  #seenOf(host: string): Seen {
    let seen = this.#seen.get(host);
    if (seen === undefined) {
      seen = { raw: { A: null, AAAA: null }, address: { A: null, AAAA: null } };
      this.#seen.set(host, seen);
    }
    return seen;
  }

  #warnOnce(of: string, text: string): void {
    if (this.#warned.has(of)) return;
    this.#warned.add(of);
    log.warn("{text}", { text });
  }
}

/** The domains as they are used, each once, without those that are none. */
function usableDomains(texts: readonly string[]): readonly string[] {
  const domains = texts.map(domainOf);
  for (const domain of domains) {
    if (!domain.ok) log.error("dyndomains: {problem}", { problem: domain.problem });
  }
  return [...new Set(domains.flatMap((domain) => domain.ok ? [domain.value] : []))];
}
