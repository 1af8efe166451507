/**
 * The names of the hosts that are shown, in their order. Made anew up to four times a second for
 * ten thousand hosts, so names are compared by the languages' rules only when there are new ones.
 */

import type { Host, State } from "../types.ts";

export interface Filter {
  /** Part of a name or an address, in any case of letters. */
  readonly q: string;
  /** Null: any; so it is with the others. */
  readonly state: State | null;
  readonly owner: string | null;
  readonly group: string | null;
  /** Key of the column to sort by. */
  readonly sort: string;
  readonly dir: "asc" | "desc";
}

/** What a host is sorted by; null where there is nothing: that comes last in either order. */
export type SortKey = (host: Host) => number | string | null;

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

export class HostOrder {
  /** The place of each name among all of them. */
  #ranks = new Map<string, number>();

  /** The names of those of `hosts` that `filter` lets through, in the order of `sort`. */
  names(
    hosts: ReadonlyMap<string, Host>,
    filter: Filter,
    sort: SortKey = badness,
  ): readonly string[] {
    this.#rank(hosts);
    const words = filter.q.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const found: { readonly name: string; readonly key: number | string; rank: number }[] = [];
    const isByName = filter.sort === "name";
    for (const host of hosts.values()) {
      if (!matches(filter, words, host)) continue;
      const rank = this.#ranks.get(host.name) ?? 0;
      found.push({ name: host.name, key: isByName ? rank : sort(host) ?? NOTHING, rank });
    }
    const sign = filter.dir === "desc" ? -1 : 1;
    found.sort((a, b) => compareKeys(a.key, b.key, sign) || a.rank - b.rank);
    return found.map(({ name }) => name);
  }

  #rank(hosts: ReadonlyMap<string, Host>): void {
    let isNew = this.#ranks.size > 2 * hosts.size + 100;
    for (const name of hosts.keys()) {
      if (isNew) break;
      isNew = !this.#ranks.has(name);
    }
    if (!isNew) return;
    const names = [...hosts.keys()].sort(collator.compare);
    this.#ranks = new Map(names.map((name, rank) => [name, rank]));
  }
}

const NOTHING = "";

/** What there is nothing of comes last, whichever way it is sorted. */
function compareKeys(a: number | string, b: number | string, sign: 1 | -1): number {
  if (a === b) return 0;
  if (a === NOTHING) return 1;
  if (b === NOTHING) return -1;
  return a < b ? -sign : sign;
}

/** Whether `host` is one of those that are shown. */
function matches(
  { state, owner, group }: Filter,
  words: readonly string[],
  host: Host,
): boolean {
  if (state !== null && host.state !== state) return false;
  if (owner !== null && host.owner !== owner) return false;
  if (group !== null && host.group !== group) return false;
  if (words.length === 0) return true;
  const name = host.name.toLowerCase();
  return words.every((word) =>
    name.includes(word) || host.addresses.some((address) => address.includes(word))
  );
}

const STATE_RANK: Readonly<Record<State, number>> = {
  down: 0,
  new: 4,
  up: 5,
  paused: 6,
  shutdown: 7,
};

/** The worse, the lower. */
export function badness({ state, worst, alerts }: Host): number {
  if (state === "down" || alerts === null) return STATE_RANK[state];
  return worst === "CRITICAL" ? 1 : worst === "WARNING" ? 2 : 3;
}
