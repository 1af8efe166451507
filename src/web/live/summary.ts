/** All hosts that somebody sees in a few figures, as the live updates tell them. */

import { type Principal, seesEverything } from "../../access/principal.ts";
import type { AlertCounts } from "../../monitor/alerts/book.ts";
import type { HostState } from "../../monitor/host_table.ts";
import { maySeeAlert } from "../own_alert.ts";
import type { FeedView } from "./feed_view.ts";

/** Beats of some seconds. */
export interface Rate {
  readonly beats: number;
  readonly seconds: number;
}

/** The summary as JSON; `known` are the hosts of somebody who does not see all, null: all. */
export function summaryText(
  view: FeedView,
  known: ReadonlyMap<string, HostState | "paused"> | null,
  alerts: AlertCounts,
  rate: Rate | null,
): string {
  const { hosts, states, stability } = known === null ? view.totals() : totalsOf(known);
  // What does not work in the server names its files, and is for those who look after it.
  const problems = known === null ? view.problems() : [];
  return JSON.stringify({
    hosts,
    states,
    alerts,
    beats_per_s: rate === null ? null : Math.round(10 * rate.beats / rate.seconds) / 10,
    problems: problems.map(({ part, message }) => ({ part, message })),
    stability,
  });
}

function totalsOf(known: ReadonlyMap<string, HostState | "paused">) {
  const states = { new: 0, up: 0, down: 0, shutdown: 0, paused: 0 };
  for (const state of known.values()) states[state]++;
  return { hosts: known.size, states, stability: null };
}

/** How many alerts hold of those that `who` may see; looks at all that hold. */
export function alertCounts(view: FeedView, who: Principal): AlertCounts {
  const book = view.alerts();
  const counts = { CRITICAL: 0, WARNING: 0, UNKNOWN: 0, stale: 0 };
  if (book === null) return counts;
  if (seesEverything(who)) return book.counts();
  for (const alert of book.active()) {
    if (alert.level === "OK" || !maySeeAlert(view, who, alert)) continue;
    counts[alert.isStale ? "stale" : alert.level]++;
  }
  return counts;
}
