/**
 * The names of the hosts that are shown, in their order. Made anew up to four times a second for
 * ten thousand hosts, so names are compared by the languages' rules only when there are new ones.
 */

import type { Host } from "../types.ts";
import { badness, COLUMNS } from "./columns.tsx";
import { type Filter, matches } from "./filter.ts";

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

export class HostOrder {
  /** The place of each name among all of them. */
  #ranks = new Map<string, number>();

  /** The names of those of `hosts` that `filter` lets through, in its order. */
  names(hosts: ReadonlyMap<string, Host>, filter: Filter): readonly string[] {
    this.#rank(hosts);
    const words = filter.q.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const found: { readonly name: string; readonly key: number | string; rank: number }[] = [];
    const sort = COLUMNS.find(({ key }) => key === filter.sort)?.sort ?? badness;
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
