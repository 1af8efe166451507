/**
 * A host as the API and the live updates tell it. Times are epoch seconds, durations seconds, round
 * trips milliseconds.
 *
 * `dyn`, `ver` and `connections` are what clients of the daemon read that this one takes the place
 * of.
 */

import { LEVELS } from "./alert_list.ts";
import type { AlertCounts } from "../monitor/alerts/book.ts";
import { isOfHost } from "../monitor/alerts/record.ts";
import type { ReportSnapshot } from "../monitor/reports.ts";
import type { HostSnapshot } from "../monitor/snapshot.ts";
import { seconds } from "./seconds.ts";
import type { View } from "./view.ts";

/** What is asked of the server to tell of a host. */
type Hosts = Pick<View, "config" | "access" | "alerts">;

/** The host as a JSON value. */
export function hostJson(view: Hosts, { client, ...host }: HostSnapshot, _nowMs: number) {
  const own = view.config().hosts.get(host.name);
  const alerts = alertsOf(view, host.name);
  const version = client?.version ?? null;
  const rtt = client?.rttMs ?? null;
  const lastBeat = seconds(host.lastBeatMs);
  return {
    name: host.name,
    state: host.state,
    ...(host.pausedUntilMs !== null && { paused_until: seconds(host.pausedUntilMs) }),
    total: host.total,
    late: host.late,
    missed: host.missed,
    stability: host.stability,
    interval: seconds(host.intervalMs),
    grace: seconds(host.graceMs),
    last_beat: lastBeat,
    deadline: seconds(host.deadlineMs),
    bar: host.bar,
    addresses: host.addresses,
    reported_ip: host.reportedIp,
    rtt,
    rtts: host.rtts,
    loss: client?.lossPct ?? null,
    lost: client?.lost ?? 0,
    duplicates: client?.duplicates ?? 0,
    reordered: client?.reordered ?? 0,
    reboots: client?.reboots ?? 0,
    booted: seconds(client?.bootedMs ?? null),
    clock_skew: seconds(client?.skewMs ?? null),
    version,
    owner: view.access().ownerOf(host.name),
    group: own?.group ?? null,
    alerts,
    worst: alerts === null
      ? null
      : LEVELS.find((level) => level !== "stale" && alerts[level] > 0) ??
        null,
    report: host.report === null ? null : reportJson(host.report),
    cron: own?.cron ?? null,
    dyn: own?.dyn ?? false,
    ver: version,
    connections: host.addresses.map((address, n) => ({
      address,
      family: address.includes(":") ? 6 : 4,
      last: n === 0 ? lastBeat : null,
      rtt: n === 0 ? rtt : null,
    })),
  };
}

function reportJson({ dialect, runs, last, failure }: ReportSnapshot) {
  return {
    dialect,
    runs: runs.map(({ run, startedMs, isOverdue }) => ({
      run,
      started: seconds(startedMs),
      overdue: isOverdue,
    })),
    last: last === null ? null : {
      run: last.run,
      started: seconds(last.startedMs),
      ended: seconds(last.endedMs),
      duration_s: seconds(last.durationMs),
      ok: last.isOk,
    },
    failure: failure && {
      since: seconds(failure.atMs),
      cause: failure.cause,
      text: failure.text,
    },
  };
}

/** How many alerts of a host hold, stale ones apart; null: none. */
function alertsOf(view: Hosts, name: string): AlertCounts | null {
  const counts = { CRITICAL: 0, WARNING: 0, UNKNOWN: 0, stale: 0 };
  let hasAny = false;
  for (const alert of view.alerts()?.ofHost(name) ?? []) {
    const { level, isStale, endedMs } = alert;
    if (endedMs !== null || level === "OK" || !isOfHost(alert)) continue;
    counts[isStale ? "stale" : level]++;
    hasAny = true;
  }
  return hasAny ? counts : null;
}
