/**
 * The hosts as the feed tells them, and their order: the worst first, then by name, numbers in
 * names by their value. The order is kept and put right at most once a second, since with very many
 * hosts something always changes.
 */

import type { HostChange, State } from "./feed_message.ts";

/** A host as it is shown. */
export interface HostRow extends Required<HostChange> {
  /** What it is ordered by among those that are as bad. */
  readonly key: string;
}

/** Hosts kept; a server sends 20,000 and those of the others that go down. */
const MOST = 30_000;

/** Between two looks at the order, milliseconds. */
const SORT_MS = 1000;

/** Up to so many are sorted at once. */
const FEW = 500;

/** Digits up to which numbers in names are ordered by their value. */
const DIGITS = 12;

const UNKNOWN: Omit<HostRow, "name" | "key"> = {
  state: "new",
  total: 0,
  late: 0,
  missed: 0,
  stability: null,
  intervalS: null,
  graceS: null,
  lastBeatS: null,
  deadlineS: null,
  rttMs: null,
  bar: "",
  pausedUntilS: null,
  address: null,
  worst: null,
  cron: null,
  failure: null,
};

const BY_STATE: Readonly<Record<State, number>> = {
  down: 0,
  up: 4,
  new: 5,
  paused: 6,
  shutdown: 7,
};
const BY_ALERT: Readonly<Record<string, number>> = { CRITICAL: 1, WARNING: 2, UNKNOWN: 3 };

export class Hosts {
  readonly #rows = new Map<string, HostRow>();
  #sorted: HostRow[] = [];
  #sortedMs = -Infinity;
  /** Rows that are not among the sorted ones yet. */
  #added: HostRow[] = [];
  #hasRemoved = false;
  #isOrderOld = false;
  #version = 0;
  #filtered: { version: number; filter: string; rows: readonly HostRow[] } | null = null;
  /** The hosts of a snapshot that comes in pieces, until the last is there. */
  #arriving: Set<string> | null = null;

  get size(): number {
    return this.#rows.size;
  }

  get(name: string): HostRow | null {
    return this.#rows.get(name) ?? null;
  }

  /** The only one there is; null: there are none or more. */
  only(): HostRow | null {
    if (this.#rows.size !== 1) return null;
    return this.#rows.values().next().value ?? null;
  }

  /** A snapshot begins: what is not in it is not there any more. */
  begin(): void {
    this.#arriving = new Set();
  }

  /** The snapshot is complete. */
  complete(): void {
    if (this.#arriving === null) return;
    for (const name of [...this.#rows.keys()]) if (!this.#arriving.has(name)) this.remove(name);
    this.#arriving = null;
  }

  change(change: HostChange): void {
    const { name } = change;
    const known = this.#rows.get(name);
    this.#arriving?.add(name);
    if (known !== undefined) {
      const before = rankOf(known);
      // A filter looks at addresses, too.
      if (change.address !== undefined && change.address !== known.address) this.#filtered = null;
      Object.assign(known, change);
      if (rankOf(known) !== before) this.#isOrderOld = true;
      return;
    }
    // A part of a host that was never told as a whole: beyond what the server sends.
    if (change.address === undefined || this.#rows.size >= MOST) return;
    const row = { ...UNKNOWN, ...change, key: keyOf(name) };
    this.#rows.set(name, row);
    this.#added.push(row);
  }

  remove(name: string): void {
    if (this.#rows.delete(name)) this.#hasRemoved = true;
  }

  /** Those whose name or address has `filter` in it (in any case of letters), the worst first. */
  list(filter: string, nowMs: number): readonly HostRow[] {
    this.#sort(nowMs);
    if (filter === "") return this.#sorted;
    const found = this.#filtered;
    if (found?.version === this.#version && found.filter === filter) return found.rows;
    const wanted = filter.toLowerCase();
    const rows = this.#sorted.filter(({ name, address }) =>
      name.toLowerCase().includes(wanted) || address?.includes(wanted)
    );
    this.#filtered = { version: this.#version, filter, rows };
    return rows;
  }

  #sort(nowMs: number): void {
    const hasAdded = this.#added.length > 0;
    if (!hasAdded && !this.#hasRemoved && !this.#isOrderOld) return;
    // A clock that was set back is no reason to wait.
    const sinceMs = Math.abs(nowMs - this.#sortedMs);
    if (this.#rows.size > FEW && this.#sorted.length > 0 && sinceMs < SORT_MS) return;
    const all = hasAdded ? this.#sorted.concat(this.#added) : this.#sorted;
    // Almost in order already, which makes it cheap. One that went may have come again since.
    this.#sorted = this.#hasRemoved ? all.filter((row) => this.#rows.get(row.name) === row) : all;
    this.#sorted.sort((a, b) => rankOf(a) - rankOf(b) || (a.key < b.key ? -1 : 1));
    this.#sortedMs = nowMs;
    this.#added = [];
    this.#hasRemoved = this.#isOrderOld = false;
    this.#version++;
  }
}

/** How bad it is: 0 is worst. */
function rankOf({ state, worst }: HostRow): number {
  return state === "up" && worst !== null ? BY_ALERT[worst] ?? BY_STATE.up : BY_STATE[state];
}

/** The name as it is ordered by: `web2` before `web10`. */
function keyOf(name: string): string {
  return name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(DIGITS, "0"));
}
