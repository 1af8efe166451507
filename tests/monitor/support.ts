/** A monitor with a fake clock: seconds since an arbitrary start, in the sender's terms. */

import { Monitor, type Receipt } from "../../src/monitor/monitor.ts";
import type { ClientSnapshot } from "../../src/monitor/client_table.ts";
import type { HostEvent } from "../../src/monitor/events.ts";
import type { HostSettings, WatchSettings } from "../../src/monitor/settings.ts";
import { readClientMessage } from "../../src/wire/client_message.ts";
import type { Fields } from "../../src/wire/datagram.ts";
import type {
  BeatFacts,
  BootFacts,
  FailFacts,
  Message,
  MessageFacts,
  MetricsFacts,
  NoteFacts,
  Origin,
  SeriesPlace,
  ShutdownFacts,
  StartFacts,
} from "../../src/wire/message.ts";

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
    maxSamples: 100,
    hosts: new Map(Object.entries(hosts)),
  };
}

export function beatOf(host: string, more: Partial<BeatFacts> = {}): BeatFacts {
  return {
    kind: "beat",
    host,
    ip: "192.0.2.1",
    port: 1000,
    series: null,
    sentMs: null,
    reportedIp: null,
    intervalMs: null,
    graceMs: null,
    rttMs: null,
    version: null,
    ...more,
  };
}

function originOf(host: string): Origin {
  return { host, ip: "192.0.2.1", port: 1000, series: null, sentMs: null };
}

export function bootOf(host: string, more: Partial<BootFacts> = {}): BootFacts {
  return { kind: "boot", ...originOf(host), happenedMs: null, ...more };
}

export function shutdownOf(host: string, more: Partial<ShutdownFacts> = {}): ShutdownFacts {
  return { kind: "shutdown", ...originOf(host), happenedMs: null, backInMs: null, ...more };
}

export function startOf(host: string, run = "", more: Partial<StartFacts> = {}): StartFacts {
  return { kind: "start", ...originOf(host), happenedMs: null, run, ...more };
}

export function failOf(host: string, reason = "", more: Partial<FailFacts> = {}): FailFacts {
  return { kind: "fail", ...originOf(host), happenedMs: null, reason, ...more };
}

export function noteOf(host: string, text: string, more: Partial<NoteFacts> = {}): NoteFacts {
  return { kind: "note", ...originOf(host), happenedMs: null, text, level: null, ...more };
}

export function metricsOf(
  host: string,
  plugin: string,
  data: Fields,
  more: Partial<MetricsFacts> = {},
): MetricsFacts {
  const own = { happenedMs: null, plugin, data, intervalMs: null };
  return { kind: "metrics", ...originOf(host), ...own, ...more };
}

/** Where a message stands: number `seq` of the series `bootId`. */
export function place(bootId: string, seq: number): { readonly series: SeriesPlace } {
  return { series: { bootId, seq } };
}

/** The message of a datagram with these fields, as the UDP door hands it over. */
export function udpMessage(fields: Fields, ip = "192.0.2.1", signed = false): Message {
  return {
    ...readClientMessage(fields, ip, 1000),
    transport: "udp",
    path: String(fields.ID),
    payload: fields,
    payloadText: JSON.stringify(fields),
    parseError: false,
    signed,
  };
}

/** The receipt of a message that was taken. Throws for any other. */
export function taken(receipt: Receipt): Extract<Receipt, { readonly outcome: "taken" }> {
  if (receipt.outcome !== "taken") throw new Error(`Message was not taken: ${receipt.outcome}`);
  return receipt;
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
    const receipt = taken(this.monitor.receive(beatOf(host, more), START_MS + atS * 1000));
    this.events.push(...receipt.before, ...receipt.after);
    return receipt.late;
  }

  /** Any message at second `atS`. Returns what became of it. */
  send(message: MessageFacts, atS: number, isSigned = false): Receipt["outcome"] {
    const receipt = this.monitor.receive(message, START_MS + atS * 1000, isSigned);
    if (receipt.outcome === "taken") this.events.push(...receipt.before, ...receipt.after);
    return receipt.outcome;
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

  /** What is known of the client of `name`. */
  client(name: string): ClientSnapshot {
    const { client } = this.host(name);
    if (client === null) throw new Error(`Nothing is known of the client of ${name}`);
    return client;
  }

  host(name: string) {
    const host = this.monitor.host(name);
    if (host === null) throw new Error(`No host ${name}`);
    return host;
  }
}
