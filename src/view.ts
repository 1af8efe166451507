/**
 * What the web may see of the server and have it do, put together from its parts. Here and in
 * `server.ts` alone it is known which part does what; the web knows `View`.
 */

import type { BackupService } from "./backup/service.ts";
import type { CommandQueue } from "./commands/queue.ts";
import type { DnsUpdater } from "./dns/updater.ts";
import type { Guard } from "./doors/guard.ts";
import type { Health } from "./health.ts";
import type { Heart } from "./heart.ts";
import type { HostHistory } from "./history/host_history.ts";
import type { Monitor } from "./monitor/monitor.ts";
import type { Notifier } from "./notify/notifier.ts";
import type { Past } from "./past.ts";
import type { People } from "./people.ts";
import type { Replayer } from "./replay/replayer.ts";
import type { Keeper } from "./store/keeper.ts";
import type { RecentMessages } from "./web/recent.ts";
import type { Config } from "./config/config.ts";
import { nextTimes } from "./config/schedule.ts";
import { scheduleOf } from "./watch_settings.ts";
import type { Counters, HostSchedule, View } from "./web/view.ts";

/** The parts that are running. What a reload may replace is asked for each time. */
export interface Parts extends People {
  readonly version: string;
  readonly startedMs: number;
  readonly nowMs: () => number;
  readonly port: () => number;
  readonly guard: () => Guard;
  readonly monitor: Monitor;
  readonly heart: Heart;
  readonly recent: RecentMessages;
  readonly health: Health;
  readonly counters: () => Counters;
  readonly notifier: Notifier;
  readonly dns: DnsUpdater;
  readonly commands: CommandQueue;
  readonly history: HostHistory;
  readonly keeper: Keeper;
  readonly backups: BackupService;
  readonly past: Past;
  readonly replayer: Replayer;
  /** Takes over what was changed of a host. */
  readonly apply: (host: string) => void;
}

/** The view of these parts. */
export function createView(parts: Parts): View {
  const { guard, monitor, heart, recent, health, notifier, dns, commands } = parts;
  const { changes, inForce, past, apply } = parts;
  return {
    version: parts.version,
    startedMs: parts.startedMs,
    nowMs: parts.nowMs,
    port: parts.port,
    totals: () => monitor.totals(),
    host: (name) => monitor.host(name),
    hostsFrom: (place, limit) => monitor.hostsFrom(place, limit),
    downHosts: (limit) => monitor.downHosts(limit),
    messages: () => recent.list(),
    problems: () => health.problems(),
    counters: parts.counters,
    plugins: (host) => monitor.history.plugins(host),
    samples: (host, plugin, limit) => monitor.history.samples(host, plugin, limit),
    commands,
    config: () => inForce.config,
    access: () => inForce.access,
    sessions: parts.sessions,
    apiKeys: parts.apiKeys,
    login: parts.login,
    madeAfter: (host) => changes.madeAfter(host),
    changedHere: (host) => Object.keys(changes.of(host) ?? {}),
    schedule: (host) => hostSchedule(inForce.config, host),
    async changeHost(host, change) {
      await changes.patch(host, change);
      inForce.changed();
      apply(host);
    },
    async createHost(host, change) {
      if (monitor.host(host) !== null) return "exists";
      if (monitor.totals().hosts >= inForce.config.maxHosts) return "full";
      if (!await changes.create(host, change, monitor.seq)) return "exists";
      inForce.changed();
      apply(host);
      return "created";
    },
    async dropHost(host) {
      if (monitor.host(host) === null) return false;
      await changes.remove(host);
      await commands.forget(host);
      inForce.changed();
      apply(host);
      const isGone = heart.say((monitor, nowMs) => monitor.drop(host, nowMs));
      await heart.written();
      // Only then does the store forget its samples and hours.
      void parts.keeper.checkpoint();
      return isGone;
    },
    history: parts.history,
    events: (query) => past.events(query),
    searchMessages: (query) => past.messages(query),
    pastState: (query) => parts.replayer.state(query),
    timeline: (who, signal) => parts.replayer.timeline(who, parts.nowMs(), signal),
    takesCommands: (host) => guard().keyOf(host) !== null,
    alerts: () => monitor.alerts,
    incidentOf: (host) => monitor.incidentOf(host),
    acknowledge: (id, untilMs, note) =>
      heart.say((monitor, nowMs) => monitor.acknowledge(id, untilMs, note, nowMs)),
    pause: (host, pause) => heart.say((monitor, nowMs) => monitor.pause(host, pause, nowMs)),
    channels: () => notifier.channels(),
    testChannel: (channel) => notifier.test(channel),
    dnsStatus: (host) => dns.status(host),
    forceDns: (host) => dns.force(host),
    backup: () => parts.backups.make(),
  };
}

/** When `host` must beat by a calendar; null: it has none. */
export function hostSchedule({ hosts }: Pick<Config, "hosts">, host: string): HostSchedule | null {
  const schedule = scheduleOf(hosts.get(host) ?? {});
  if (schedule === null) return null;
  const { cron, zone: tz } = schedule;
  return { cron, tz, next: (afterMs, count) => nextTimes(schedule, afterMs, count) };
}
