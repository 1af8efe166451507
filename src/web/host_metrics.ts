/** The figures of single hosts in `/metrics`: of all of them, or of none when they are too many. */

import type { HostSnapshot } from "../monitor/snapshot.ts";
import type { MetricsText } from "./metrics_text.ts";

/** Follows what each is about. */
const ONLY = "Only while there are at most metrics_max_hosts hosts.";

/** Writes the figures of `hosts`; why there are none, when all `count` of them are over `most`. */
export function hostMetrics(
  text: MetricsText,
  count: number,
  most: number,
  hosts: readonly HostSnapshot[],
): void {
  if (count > most) {
    text.comment(`${count} hosts are over metrics_max_hosts, ${most}: none has figures of its own`);
    return;
  }
  const each = (valueOf: (host: HostSnapshot) => number | null) =>
    hosts.map((host) => ({ labels: { host: host.name }, value: valueOf(host) }));
  const gauge = (name: string, help: string, valueOf: (host: HostSnapshot) => number | null) =>
    text.gauge(name, `${help} ${ONLY}`, ...each(valueOf));
  const counter = (name: string, help: string, valueOf: (host: HostSnapshot) => number) =>
    text.counter(name, `${help} ${ONLY}`, ...each(valueOf));

  gauge(
    "heartbeat_host_up",
    "1 up, 0 down; left out while it is new, shut down or paused.",
    ({ state }) => state === "up" ? 1 : state === "down" ? 0 : null,
  );
  gauge(
    "heartbeat_host_last_beat_timestamp_seconds",
    "Last beat, epoch seconds.",
    ({ lastBeatMs }) => lastBeatMs === null ? null : lastBeatMs / 1000,
  );
  gauge(
    "heartbeat_host_interval_seconds",
    "Time between beats that is expected.",
    ({ intervalMs }) => intervalMs === null ? null : intervalMs / 1000,
  );
  gauge(
    "heartbeat_host_rtt_seconds",
    "Round trip that its client measured last.",
    ({ client }) => ratioOf(client?.rttMs ?? null, 1000),
  );
  gauge(
    "heartbeat_host_loss_ratio",
    "Share of its messages that got lost.",
    ({ client }) => ratioOf(client?.lossPct ?? null, 100),
  );
  gauge(
    "heartbeat_host_stability_ratio",
    "Share of its beats that came, and in time.",
    ({ stability }) => ratioOf(stability, 100),
  );
  counter("heartbeat_host_beats_total", "Its beats.", ({ total }) => total);
  counter("heartbeat_host_late_total", "Its beats after their deadline.", ({ late }) => late);
  counter("heartbeat_host_missed_total", "Its missed intervals.", ({ missed }) => missed);
}

function ratioOf(value: number | null, of: number): number | null {
  return value === null ? null : value / of;
}
