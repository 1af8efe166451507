/** A monitor with alerts under a fake clock, which notes all that people would be told. */

import type { AlertSettings } from "../../../src/monitor/alerts/settings.ts";
import type { AlertBookEvent, NotifyEvent } from "../../../src/monitor/events.ts";
import { Maintenance } from "../../../src/monitor/maintenance.ts";
import { Monitor } from "../../../src/monitor/monitor.ts";
import type { WatchSettings } from "../../../src/monitor/settings.ts";
import { compileThresholds, type RuleInputTree } from "../../../src/monitor/threshold_rules.ts";
import type { MessageFacts } from "../../../src/wire/message.ts";

/** 2026-11-02 00:00 UTC, a Monday. */
export const START_MS = Date.UTC(2026, 10, 2);

/** Ticks come as often as the heart makes them. */
const TICK_MS = 250;

export interface Wanted extends Partial<AlertSettings> {
  readonly thresholds?: RuleInputTree;
  readonly intervalS?: number;
  readonly graceS?: number;
}

export function watchSettings(wanted: Wanted = {}): WatchSettings {
  const { thresholds, intervalS = 10, graceS = 2, ...alerts } = wanted;
  const rules = thresholds === undefined ? null : compileThresholds([thresholds]);
  return {
    intervalMs: intervalS * 1000,
    graceMs: () => graceS * 1000,
    maxHosts: 1_000_000,
    maxSamples: 100,
    hosts: new Map(),
    alerts: {
      serverName: "hbd@box",
      renotifyMs: 3_600_000,
      everyMiss: false,
      flapThreshold: 0,
      incidentHosts: 5,
      incidentShare: 0.3,
      maintenance: new Maintenance([]),
      isWatched: () => true,
      audienceOf: () => ["ops"],
      groupOf: () => null,
      rulesOf: () => rules,
      judgesRtt: rules !== null,
      ...alerts,
    },
  };
}

/** What all messages have, from `host` behind an address of its own. */
function origin(host: string, ip: string) {
  return { host, ip, port: 4711, series: null, sentMs: null, happenedMs: null };
}

export class Watchman {
  monitor: Monitor;
  nowMs = START_MS;
  readonly events: AlertBookEvent[] = [];
  readonly #addresses = new Map<string, string>();

  constructor(settings: WatchSettings = watchSettings()) {
    this.monitor = new Monitor(settings);
  }

  /** What people were told, each message in one line. */
  told(): string[] {
    return this.notifications().map(({ text }) => text);
  }

  notifications(): NotifyEvent[] {
    return this.events.filter((event) => event.type === "notify");
  }

  /** Lets time pass, to `toS` seconds after the start. */
  until(toS: number, each: (nowS: number) => void = () => {}): void {
    const endMs = START_MS + toS * 1000;
    while (this.nowMs < endMs) {
      this.nowMs = Math.min(endMs, this.nowMs + TICK_MS);
      each((this.nowMs - START_MS) / 1000);
      this.tick();
    }
  }

  tick(): void {
    while (this.monitor.tick(this.nowMs, 250).more) this.#drain();
    this.#drain();
  }

  beat(host: string, given: { readonly rttMs?: number; readonly ip?: string } = {}): void {
    const ip = given.ip ?? this.#addressOf(host);
    this.receive({
      ...origin(host, ip),
      kind: "beat",
      reportedIp: null,
      intervalMs: null,
      graceMs: null,
      rttMs: given.rttMs ?? null,
      version: null,
    });
  }

  sample(host: string, plugin: string, data: Record<string, unknown>, intervalMs = 60_000): void {
    this.receive({
      ...origin(host, this.#addressOf(host)),
      kind: "metrics",
      plugin,
      data,
      intervalMs,
    });
  }

  shutdown(host: string): void {
    this.receive({ ...origin(host, this.#addressOf(host)), kind: "shutdown", backInMs: null });
  }

  receive(message: MessageFacts): void {
    this.monitor.receive(message, this.nowMs);
    this.#drain();
  }

  /** Says something to the monitor. */
  say(what: (monitor: Monitor, nowMs: number) => unknown): void {
    what(this.monitor, this.nowMs);
    this.#drain();
  }

  #addressOf(host: string): string {
    let address = this.#addresses.get(host);
    if (address === undefined) {
      const n = this.#addresses.size;
      address = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
      this.#addresses.set(host, address);
    }
    return address;
  }

  #drain(): void {
    this.events.push(...this.monitor.takeAlertEvents());
  }
}
