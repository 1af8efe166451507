/** A monitor with a fake clock: seconds since an arbitrary start, in the sender's terms. */

import { Monitor } from "../../src/monitor/monitor.ts";
import type { HostEvent } from "../../src/monitor/events.ts";
import type { HostSettings, WatchSettings } from "../../src/monitor/settings.ts";
import type { BeatFacts } from "../../src/wire/message.ts";

/** Second 0 of every test, epoch milliseconds. */
export const START_MS = Date.UTC(2026, 3, 26, 12, 0, 0);

export function settings(
  intervalS: number | "auto",
  tolerancePct = 20,
  hosts: Readonly<Record<string, HostSettings>> = {},
): WatchSettings {
  return {
    intervalMs: intervalS === "auto" ? "auto" : intervalS * 1000,
    graceMs: (intervalMs) => intervalMs * tolerancePct / 100,
    maxHosts: 100,
    hosts: new Map(Object.entries(hosts)),
  };
}

export function beatOf(host: string, more: Partial<BeatFacts> = {}): BeatFacts {
  return { host, ip: "192.0.2.1", port: 1000, reportedIp: null, intervalMs: null, ...more };
}

/** Drives a monitor second by second, as the server would, and collects what it says. */
export class Driver {
  readonly monitor: Monitor;
  readonly events: HostEvent[] = [];

  constructor(watch: WatchSettings) {
    this.monitor = new Monitor(watch);
  }

  /** A beat of `host` at second `atS`. Returns whether it was late. */
  beat(host: string, atS: number, more: Partial<BeatFacts> = {}): boolean {
    const receipt = this.monitor.receive(beatOf(host, more), START_MS + atS * 1000);
    if (receipt === null) throw new Error("Beat was refused");
    this.events.push(...receipt.before, ...receipt.after);
    return receipt.late;
  }

  /** A tick at second `atS`, with as many steps as it takes. */
  tick(atS: number): void {
    for (let more = true; more;) {
      const found = this.monitor.tick(START_MS + atS * 1000, 3);
      this.events.push(...found.events);
      more = found.more;
    }
  }

  /** Ticks four times a second after `fromS` up to `toS`. */
  run(fromS: number, toS: number): void {
    for (let atS = fromS + 0.25; atS <= toS; atS += 0.25) this.tick(atS);
  }

  /** Time was lost before second `atS`. */
  deaf(shiftS: number, atS: number, beatsLost = true): void {
    this.monitor.deaf({ shiftMs: shiftS * 1000, beatsLost }, START_MS + atS * 1000);
  }

  /** What was said, as `type host`, in order. */
  said(): string[] {
    return this.events.map(({ type, host }) => `${type} ${host}`);
  }

  host(name: string) {
    const host = this.monitor.host(name);
    if (host === null) throw new Error(`No host ${name}`);
    return host;
  }
}
