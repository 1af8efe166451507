/**
 * What everybody may see of some hosts, where the configuration has a `status_page`: the hosts that
 * it names, and of those no more than how they are.
 */

import type { HostSlice, HostSnapshot } from "../monitor/snapshot.ts";
import { Breather } from "../breathe.ts";
import type { View } from "./view.ts";

/** Hosts shown, at most. */
const MOST = 2000;

/** Hosts looked at in one go. */
const SLICE = 200;

/** A host on the public page. Times are epoch milliseconds. */
export interface PublicHost extends Pick<HostSnapshot, "name" | "state" | "bar"> {
  /** When it was last well, or said that it is down; null: never. */
  readonly lastWellMs: number | null;
}

export interface PublicHosts {
  readonly title: string;
  /** In the order of their names. */
  readonly hosts: readonly PublicHost[];
  /** True: there are more than are shown. */
  readonly isTruncated: boolean;
}

type Hosts = Pick<View, "config" | "host" | "hostsFrom">;

/** The hosts of the public page; null: there is no such page. */
export async function publicHosts(view: Hosts): Promise<PublicHosts | null> {
  const page = view.config().web.statusPage;
  if (page === null) return null;
  const found = new Map<string, PublicHost>();
  const take = ({ name, state, lastBeatMs, bar, report }: HostSnapshot) =>
    found.set(name, { name, state, bar, lastWellMs: report?.failure?.atMs ?? lastBeatMs });
  for (const name of page.hosts) {
    const host = view.host(name);
    if (host !== null) take(host);
  }
  if (page.hosts.some((name) => name.includes("*"))) {
    const fits = matcherOf(page.hosts);
    const breather = new Breather();
    for (let place: number | null = 0; place !== null && found.size <= MOST;) {
      const { hosts, next }: HostSlice = view.hostsFrom(place, SLICE);
      for (const host of hosts) if (fits(host.name)) take(host);
      place = next;
      await breather.breathe();
    }
  }
  const hosts = [...found.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  return { title: page.title, hosts: hosts.slice(0, MOST), isTruncated: hosts.length > MOST };
}

/** True when everybody may see that host, because the public page shows it. */
export function isPublic(view: Pick<View, "config">, host: string): boolean {
  const page = view.config().web.statusPage;
  return page !== null && matcherOf(page.hosts)(host);
}

/** Whether a name is one of `names`, in which `*` stands for any run of characters. */
function matcherOf(names: readonly string[]): (name: string) => boolean {
  const parts = names.map((name) => name.split("*"));
  return (name) => parts.some((pieces) => fits(pieces, name));
}

function fits(pieces: readonly string[], name: string): boolean {
  const [first = ""] = pieces;
  if (pieces.length === 1) return name === first;
  const last = pieces.at(-1) ?? "";
  const end = name.length - last.length;
  if (!name.startsWith(first) || !name.endsWith(last) || end < first.length) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at);
    at = found + piece.length;
    if (found < 0 || at > end) return false;
  }
  return true;
}
