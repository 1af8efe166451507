/**
 * What of an alert somebody may see. Who has a role at some hosts sees the alerts of those whole. Of
 * an incident, which is about many hosts, they see that it is, and which of theirs belong to it. The
 * server's own trouble is for who sees everything.
 */

import { type Principal, seesEverything } from "../access/principal.ts";
import { type AlertRecord, isOfHost } from "../monitor/alerts/record.ts";
import type { View } from "./view.ts";
import { namesOf } from "./visible.ts";

/** What is asked of the server for that. */
export type AlertView = Pick<View, "access" | "config" | "incidentOf" | "madeAfter">;

/** Hosts of an incident that are named. */
const NAMED = 50;

/** How many hosts there are of others is nothing that they may know. */
const NOT_KNOWN = NaN;

/** The alert as `who` may see it; null: they may not. Counts that they may not know are NaN. */
export function alertFor(view: AlertView, who: Principal, alert: AlertRecord): AlertRecord | null {
  if (seesEverything(who)) return alert;
  if (isOfHost(alert)) return isTheirs(view, who, alert, alert.host) ? alert : null;
  if (alert.evidence.kind !== "incident") return null;
  const hosts = ownHosts(view, who, alert, alert.evidence.hosts);
  if (hosts.length === 0) return null;
  const counts = { silent: NOT_KNOWN, beating: NOT_KNOWN, total: NOT_KNOWN, down: NOT_KNOWN };
  return {
    ...alert,
    text: `fell silent together with others: ${hosts.join(", ")}`,
    evidence: { ...alert.evidence, ...counts, hosts },
  };
}

/** True when `who` may see that alert. */
export function maySeeAlert(view: AlertView, who: Principal, alert: AlertRecord): boolean {
  return alertFor(view, who, alert) !== null;
}

/**
 * Those of `who`: of the hosts that it names, and of their own that are in it now, where these are
 * known without a look at each host (not those of a `default_owner`).
 */
function ownHosts(
  view: AlertView,
  who: Principal,
  alert: AlertRecord,
  named: readonly string[],
): readonly string[] {
  const found = new Set(named.filter((host) => isTheirs(view, who, alert, host)));
  if (alert.endedMs === null) {
    for (const host of namesOf(view, who) ?? []) {
      if (found.size >= NAMED) break;
      if (view.incidentOf(host) === alert.id) found.add(host);
    }
  }
  return [...found];
}

/** What was before they made the host under that name was about another one. */
function isTheirs(view: AlertView, who: Principal, { id }: AlertRecord, host: string): boolean {
  return view.access().maySee(who, host) && Number(id) > view.madeAfter(host);
}
