/**
 * `/metrics` for Prometheus. All figures are counted as things happen; nothing is counted by walking
 * over the hosts, but for who sees only some of them: what is told is then of those alone. Single
 * hosts have figures of their own only while they are few (`metrics_max_hosts`), and then all.
 */

import process from "node:process";
import { type Principal, seesEverything } from "../access/principal.ts";
import type { AlertCounts } from "../monitor/alerts/book.ts";
import type { HostSnapshot, Totals } from "../monitor/snapshot.ts";
import { alertCountsOf } from "./api/alerts.ts";
import { Breather } from "../breathe.ts";
import { hostMetrics } from "./host_metrics.ts";
import { MetricsText } from "./metrics_text.ts";
import type { ChannelView, Counters, View } from "./view.ts";
import { totalsOf, walkHosts } from "./visible.ts";

const STATES: readonly HostSnapshot["state"][] = ["new", "up", "down", "shutdown", "paused"];

const ALERT_LEVELS = ["WARNING", "UNKNOWN", "CRITICAL", "stale"] as const;

/** The metrics as text, as far as `who` may see what they are of. */
export async function metricsText(view: View, who: Principal): Promise<string> {
  const text = new MetricsText();
  const totals = await totalsOf(view, who);
  writeHosts(text, totals);
  if (view.alerts() !== null) writeAlerts(text, await alertCountsOf(view, who));
  if (seesEverything(who)) {
    const counters = view.counters();
    writeNotifications(text, view.channels(), view.nowMs());
    writeDoors(text, counters);
    writeStorage(text, counters);
    text.gauge("heartbeat_problems", "Parts of the server that do not work: see /healthz.", {
      value: view.problems().length,
    });
  }
  writeProcess(text, view);
  const { metricsMaxHosts } = view.config();
  const hosts = totals.hosts > metricsMaxHosts ? [] : await hostsOf(view, who);
  hostMetrics(text, totals.hosts, metricsMaxHosts, hosts);
  return text.toString();
}

async function hostsOf(view: View, who: Principal): Promise<readonly HostSnapshot[]> {
  const hosts: HostSnapshot[] = [];
  const breather = new Breather();
  for (const found of walkHosts(view, who, null) ?? []) {
    await breather.breathe();
    if (found !== null) hosts.push(found.host);
  }
  return hosts;
}

function writeHosts(text: MetricsText, { states, total, late, missed }: Totals): void {
  text.gauge(
    "heartbeat_hosts",
    "Hosts by state. Those that somebody paused count under the state below it as well.",
    ...STATES.map((state) => ({ labels: { state }, value: states[state] })),
  );
  text.counter("heartbeat_beats_total", "Beats received, over restarts.", { value: total });
  text.counter("heartbeat_late_total", "Beats that came after their deadline.", { value: late });
  text.counter("heartbeat_missed_total", "Intervals that passed without a beat.", {
    value: missed,
  });
}

function writeAlerts(text: MetricsText, counts: AlertCounts): void {
  text.gauge(
    "heartbeat_alerts",
    "Alerts that hold, by level; stale: their metric arrives no more.",
    ...ALERT_LEVELS.map((level) => ({ labels: { level }, value: counts[level] })),
  );
}

function writeNotifications(
  text: MetricsText,
  channels: readonly ChannelView[],
  nowMs: number,
): void {
  text.counter(
    "heartbeat_notifications_total",
    "Notifications by what became of them: sent, failed (a try), given_up, or dropped.",
    ...channels.flatMap(({ name: channel, sent, failed, givenUp, dropped }) =>
      Object.entries({ sent, failed, given_up: givenUp, dropped })
        .map(([outcome, value]) => ({ labels: { channel, outcome }, value }))
    ),
  );
  const each = (valueOf: (channel: ChannelView) => number) =>
    channels.map((channel) => ({ labels: { channel: channel.name }, value: valueOf(channel) }));
  text.gauge(
    "heartbeat_notifications_waiting",
    "Notifications that wait to be sent.",
    ...each(({ waiting }) => waiting),
  );
  text.gauge(
    "heartbeat_notifications_oldest_seconds",
    "How long the oldest of them has waited; 0: none waits.",
    ...each(({ oldestMs }) => Math.max(0, nowMs - (oldestMs ?? nowMs)) / 1000),
  );
  text.gauge(
    "heartbeat_channel_failing",
    "1: the last try to send by this channel failed.",
    ...each(({ failingSinceMs }) => failingSinceMs === null ? 0 : 1),
  );
}

function writeDoors(text: MetricsText, { udp, dropped, refused }: Counters): void {
  if (udp !== null) {
    const { received, kernelDrops, overloadDrops, unsent } = udp;
    text.counter("heartbeat_udp_received_total", "Datagrams received.", { value: received });
    text.counter("heartbeat_udp_kernel_drops_total", "Datagrams that the kernel dropped.", {
      value: kernelDrops,
    });
    text.counter("heartbeat_udp_overload_drops_total", "Datagrams dropped, being too far behind.", {
      value: overloadDrops,
    });
    text.counter("heartbeat_udp_unsent_total", "Answers that the system refused to send.", {
      value: unsent,
    });
  }
  text.counter(
    "heartbeat_messages_dropped_total",
    "What was received and came to nothing, by reason.",
    ...Object.entries(dropped).map(([reason, value]) => ({ labels: { reason }, value })),
  );
  text.counter("heartbeat_refused_total", "Messages of new hosts over max_hosts.", {
    value: refused,
  });
}

function writeStorage(text: MetricsText, counters: Counters): void {
  const { journal, journalLinesLost, store, tickLagMs } = counters;
  if (journal !== null) {
    const { count, bytes, totalMs, lastMs, sizeBytes } = journal;
    text.summary(
      "heartbeat_journal_write_seconds",
      "Writes to the journal, each of all that arrived at one moment, and the time they took.",
      count,
      totalMs / 1000,
    );
    text.gauge("heartbeat_journal_last_write_seconds", "Time that the last write took.", {
      value: lastMs / 1000,
    });
    text.counter("heartbeat_journal_bytes_total", "Bytes written.", { value: bytes });
    text.gauge("heartbeat_journal_size_bytes", "Size of the file that is being written.", {
      value: sizeBytes,
    });
  }
  text.counter("heartbeat_journal_lines_lost_total", "Lines that the disk refused for too long.", {
    value: journalLinesLost,
  });
  text.summary(
    "heartbeat_store_checkpoint_seconds",
    "Checkpoints made, and the time they took.",
    store.count,
    store.totalMs / 1000,
  );
  text.gauge("heartbeat_store_last_checkpoint_seconds", "Time that the last checkpoint took.", {
    value: store.lastMs / 1000,
  });
  text.counter("heartbeat_store_failures_total", "Checkpoints that failed.", {
    value: store.failures,
  });
  text.gauge("heartbeat_tick_lag_seconds", "How late the last look at the hosts was.", {
    value: tickLagMs === null ? null : tickLagMs / 1000,
  });
}

function writeProcess(text: MetricsText, view: View): void {
  text.gauge("heartbeat_build_info", "The version of the server; always 1.", {
    labels: { version: view.version },
    value: 1,
  });
  const { user, system } = process.cpuUsage();
  text.counter("process_cpu_seconds_total", "Processor time used, user and system.", {
    value: (user + system) / 1e6,
  });
  text.gauge("process_resident_memory_bytes", "Resident memory.", {
    value: Deno.memoryUsage().rss,
  });
  text.gauge("process_start_time_seconds", "When the server was started, epoch seconds.", {
    value: view.startedMs / 1000,
  });
}
