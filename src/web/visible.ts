/**
 * The hosts that somebody may see, in an order that stays, from any place in it on.
 *
 * Who sees everything walks over the places of the monitor's table. Who has a role at some hosts
 * walks over their names alone, however many others there are; but where hosts without an owner
 * are theirs (`default_owner`), only looking at each one can tell.
 */

import type { Access } from "../access/access.ts";
import { type Principal, seesEverything } from "../access/principal.ts";
import type { Config, HostConfig } from "../config/config.ts";
import type { HostSlice, HostSnapshot, Totals } from "../monitor/snapshot.ts";
import { stability } from "../monitor/watchdog.ts";
import { Breather } from "../breathe.ts";
import type { View } from "./view.ts";

/** What is asked of the server to find hosts. */
export type Hosts = Pick<View, "config" | "access" | "host" | "hostsFrom" | "totals">;

/** Names by user, for one state of the configuration. */
const NAMES = new WeakMap<Config["hosts"], Map<string, readonly string[]>>();

/** A place after all that there can be. */
const END = 9_999_999_999;

/** Hosts passed over in one go. */
const PASSED_OVER = 100;

/** A host, and where the walk goes on after it. */
export interface Found {
  readonly host: HostSnapshot;
  readonly after: string;
}

/**
 * Walks over the hosts that `who` may see. Ends when there are no more. Gives null where it has
 * passed over many that they may not see, so that whoever walks can let others run.
 *
 * @param after where to go on: the `after` of the last one; null: at the beginning
 * @returns null when `after` is not from such a walk
 */
export function walkHosts(
  view: Hosts,
  who: Principal,
  after: string | null,
): Iterable<Found | null> | null {
  const names = namesOf(view, who);
  if (names !== null) {
    if (after !== null && !after.startsWith("n")) return null;
    return walkNames(view, who, names, after?.slice(1) ?? null);
  }
  const [, place] = after === null ? ["", "0"] : /^p(\d{1,10})$/.exec(after) ?? [];
  return place === undefined ? null : walkPlaces(view, who, Number(place));
}

/** All hosts together, as far as `who` may see them. */
export async function totalsOf(view: Hosts, who: Principal): Promise<Totals> {
  if (seesEverything(who)) return view.totals();
  const states = { new: 0, up: 0, down: 0, shutdown: 0, paused: 0 };
  let [hosts, total, late, missed] = [0, 0, 0, 0];
  let latest: HostSnapshot | null = null;
  const breather = new Breather();
  for (const found of walkHosts(view, who, null) ?? []) {
    await breather.breathe();
    if (found === null) continue;
    const { host } = found;
    hosts++;
    states[host.state]++;
    total += host.total;
    late += host.late;
    missed += host.missed;
    if ((host.lastBeatMs ?? -Infinity) > (latest?.lastBeatMs ?? -Infinity)) latest = host;
  }
  return {
    hosts,
    down: states.down,
    states,
    total,
    late,
    missed,
    stability: stability(total, late, missed),
    lastBeatMs: latest?.lastBeatMs ?? null,
    lastClient: latest?.addresses[0] ?? null,
  };
}

/** Names of all hosts that `who` may see, in order; null: only looking at each host can tell. */
export function namesOf(
  view: Pick<View, "config" | "access">,
  who: Principal,
): readonly string[] | null {
  if (seesEverything(who)) return null;
  const { hosts, defaultOwner } = view.config();
  if (who.user === null) return [];
  if (who.user === defaultOwner) return null;
  let byUser = NAMES.get(hosts);
  if (byUser === undefined) NAMES.set(hosts, byUser = new Map());
  let names = byUser.get(who.user);
  if (names === undefined) byUser.set(who.user, names = namesAt(hosts, view.access(), who));
  return names;
}

function namesAt(
  hosts: ReadonlyMap<string, HostConfig>,
  access: Access,
  who: Principal,
): readonly string[] {
  return [...hosts.keys()].filter((name) => access.maySee(who, name)).sort();
}

function* walkPlaces(view: Hosts, who: Principal, first: number): Iterable<Found | null> {
  const access = view.access();
  let passedOver = 0;
  for (let place: number | null = first; place !== null;) {
    // One by one, for the place of each.
    const { hosts: [host], next }: HostSlice = view.hostsFrom(place, 1);
    if (host !== undefined && access.maySee(who, host.name)) {
      yield { host, after: `p${next ?? END}` };
    } else if (++passedOver % PASSED_OVER === 0) yield null;
    place = next;
  }
}

function* walkNames(
  view: Hosts,
  who: Principal,
  names: readonly string[],
  after: string | null,
): Iterable<Found> {
  const access = view.access();
  for (const name of names) {
    if (after !== null && name <= after) continue;
    const host = access.maySee(who, name) ? view.host(name) : null;
    if (host !== null) yield { host, after: `n${name}` };
  }
}
