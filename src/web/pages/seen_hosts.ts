/**
 * The hosts of a page: those that somebody may see, the worst first, as many as fit. Long lists are
 * walked over in slices, between which beats are taken.
 */

import type { Principal } from "../../access/principal.ts";
import type { AlertCounts } from "../../monitor/alerts/book.ts";
import type { HostSnapshot, Totals } from "../../monitor/snapshot.ts";
import { Breather } from "../../breathe.ts";
import { hostJson } from "../host_json.ts";
import type { View } from "../view.ts";
import { type Hosts, totalsOf, walkHosts } from "../visible.ts";

/** What is asked of the server for it. */
type Seen = Hosts & Pick<View, "alerts" | "downHosts">;

export interface SeenHost {
  readonly host: HostSnapshot;
  /** Of its alerts that hold; null: none. */
  readonly alerts: AlertCounts | null;
  /** The calendar by which it beats; null: at intervals. */
  readonly cron: string | null;
}

export interface SeenHosts {
  readonly hosts: readonly SeenHost[];
  /** Of all that one may see. */
  readonly totals: Totals;
}

/** Up to `limit` of the hosts that `who` may see, the worst first. */
export async function seenHosts(
  view: Seen,
  who: Principal,
  limit: number,
  nowMs: number,
): Promise<SeenHosts> {
  const access = view.access();
  const found = new Map<string, HostSnapshot>();
  const take = (host: HostSnapshot | null): void => {
    if (host !== null && access.maySee(who, host.name)) found.set(host.name, host);
  };
  const breather = new Breather();
  for (const host of view.downHosts(limit)) take(host);
  for (const { host } of view.alerts()?.active() ?? []) {
    if (found.size >= 2 * limit) break;
    if (!found.has(host)) take(view.host(host));
    await breather.breathe();
  }
  for (const seen of walkHosts(view, who, null) ?? []) {
    if (found.size >= limit) break;
    if (seen !== null) take(seen.host);
    await breather.breathe();
  }
  const hosts = [...found.values()]
    .map((host) => {
      const { alerts, cron } = hostJson(view, host, nowMs);
      return { host, alerts, cron };
    })
    .sort(compare).slice(0, limit);
  return { hosts, totals: await totalsOf(view, who) };
}

const RANK: Readonly<Record<HostSnapshot["state"], number>> = {
  down: 0,
  new: 4,
  up: 5,
  paused: 6,
  shutdown: 7,
};

function rankOf({ host, alerts }: SeenHost): number {
  if (host.state === "down" || alerts === null) return RANK[host.state];
  if (alerts.CRITICAL > 0) return 1;
  return alerts.WARNING > 0 ? 2 : 3;
}

function compare(a: SeenHost, b: SeenHost): number {
  return rankOf(a) - rankOf(b) || (a.host.name < b.host.name ? -1 : 1);
}
