/**
 * The alerts that hold, and the last ones that did. Finds them by number, by what they are about,
 * and by host; counts them by level; and remembers which have changed since the last checkpoint.
 *
 * Bounded: so many that hold for one host and in all, so many that have ended.
 */

import type { Level } from "../level.ts";
import type { AlertKind, AlertRecord } from "./record.ts";

/** Alerts that hold at once. */
const ACTIVE_OF_HOST = 200;
const ACTIVE = 100_000;

/** Alerts that have ended. */
const ENDED_OF_HOST = 50;
const ENDED = 10_000;

/** How many alerts hold; stale ones are counted apart. */
export type AlertCounts = Readonly<Record<Exclude<Level, "OK"> | "stale", number>>;

/** What an alert is about. */
export interface Subject {
  readonly kind: AlertKind;
  readonly host: string;
  readonly metric: string | null;
}

export class AlertBook {
  readonly #byId = new Map<string, AlertRecord>();
  readonly #bySubject = new Map<string, string>();
  /** Those of each host, the oldest first. */
  readonly #byHost = new Map<string, Set<string>>();
  /** In the order in which they ended. */
  readonly #ended = new Set<string>();
  readonly #counts = { WARNING: 0, UNKNOWN: 0, CRITICAL: 0, stale: 0 };
  /** Null: it is gone. */
  #changed = new Map<string, AlertRecord | null>();

  /** The alert with number `id`, whether it holds or has ended; null: none. */
  get(id: string): AlertRecord | null {
    return this.#byId.get(id) ?? null;
  }

  /** The alert that holds about `subject`, or null. */
  find(subject: Subject): AlertRecord | null {
    return this.get(this.#bySubject.get(keyOf(subject)) ?? "");
  }

  /** True when one more metric of `host` can be in alert. Whether a host is down is always told. */
  hasRoom(host: string): boolean {
    if (this.#bySubject.size >= ACTIVE) return false;
    const ids = this.#byHost.get(host);
    if (ids === undefined || ids.size < ACTIVE_OF_HOST) return true;
    return [...ids].filter((id) => !this.#ended.has(id)).length < ACTIVE_OF_HOST;
  }

  /** Takes a new alert, or a new state of one. */
  put(record: AlertRecord): void {
    const { id, endedMs } = record;
    this.#count(this.get(id), -1);
    this.#count(record, 1);
    this.#byId.set(id, record);
    this.#changed.set(id, record);
    if (endedMs === null) {
      this.#bySubject.set(keyOf(record), id);
    } else {
      if (this.#bySubject.get(keyOf(record)) === id) this.#bySubject.delete(keyOf(record));
      this.#ended.add(id);
    }
    let ids = this.#byHost.get(record.host);
    if (ids === undefined) this.#byHost.set(record.host, ids = new Set());
    ids.add(id);
    if (endedMs !== null) this.#forgetOldest(ids);
  }

  /** Takes a state read back from the store or the journal, unless a newer one is known. */
  restore(record: AlertRecord): void {
    if ((this.get(record.id)?.seq ?? 0) < record.seq) this.put(record);
  }

  /** Those that hold, the oldest first. */
  *active(): Iterable<AlertRecord> {
    for (const id of this.#bySubject.values()) {
      const record = this.get(id);
      if (record !== null) yield record;
    }
  }

  /** Those of `host` that hold and the last ones that have ended, the newest first. */
  ofHost(host: string): readonly AlertRecord[] {
    return [...this.#byHost.get(host) ?? []].flatMap((id) => this.get(id) ?? []).reverse();
  }

  /** Those that have ended, the newest first. */
  ended(limit: number): readonly AlertRecord[] {
    return [...this.#ended].slice(-limit).reverse().flatMap((id) => this.get(id) ?? []);
  }

  counts(): AlertCounts {
    return { ...this.#counts };
  }

  /** What has changed since the last call, for a checkpoint; null: it is gone. */
  takeChanged(): ReadonlyMap<string, AlertRecord | null> {
    const changed = this.#changed;
    this.#changed = new Map();
    return changed;
  }

  /** Marks alerts as changed again: their checkpoint failed. */
  putBackChanged(changed: ReadonlyMap<string, AlertRecord | null>): void {
    this.#changed = new Map([...changed, ...this.#changed]);
  }

  #count(record: AlertRecord | null, by: 1 | -1): void {
    if (record === null || record.endedMs !== null) return;
    if (record.isStale) this.#counts.stale += by;
    else if (record.level !== "OK") this.#counts[record.level] += by;
  }

  #forgetOldest(ids: Set<string>): void {
    const endedOfHost = [...ids].filter((id) => this.#ended.has(id));
    const [oldestOfHost] = endedOfHost;
    const [oldest] = this.#ended;
    if (endedOfHost.length > ENDED_OF_HOST && oldestOfHost !== undefined) {
      this.#forget(oldestOfHost);
    } else if (this.#ended.size > ENDED && oldest !== undefined) {
      this.#forget(oldest);
    }
  }

  #forget(id: string): void {
    const host = this.get(id)?.host ?? "";
    this.#ended.delete(id);
    this.#byId.delete(id);
    this.#changed.set(id, null);
    const ids = this.#byHost.get(host);
    ids?.delete(id);
    if (ids?.size === 0) this.#byHost.delete(host);
  }
}

/** What an alert is about; incidents are about themselves. Names cannot hold control characters. */
function keyOf({ kind, host, metric, id = "" }: Subject & { readonly id?: string }): string {
  switch (kind) {
    case "incident":
      return `incident\n${id}`;
    case "flapping":
    case "server":
      return `${kind}\n${host}\n${metric ?? ""}`;
    default:
      return `${host}\n${metric ?? ""}`;
  }
}
