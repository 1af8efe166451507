/**
 * All that the screen knows, kept up to date by the messages of the feed. What is held is bounded,
 * whatever the server says.
 */

import type { AlertNews, FeedMessage, Snapshot, Summary } from "./feed_message.ts";
import { Hosts } from "./hosts.ts";
import { LogBook } from "./log_book.ts";

/** Alerts remembered. */
const ALERTS = 2000;

/** Whether what is shown is up to date. */
export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "open" }
  /** Since then (epoch milliseconds, by the clock of the server) nothing is known; `why` not. */
  | { readonly kind: "lost"; readonly sinceMs: number; readonly why: string };

export class Model {
  readonly hosts = new Hosts();
  readonly log = new LogBook();
  connection: Connection = { kind: "connecting" };
  summary: Summary | null = null;
  server: { readonly name: string; readonly version: string } | null = null;
  readonly #nowMs: () => number;
  readonly #alerts = new Map<string, AlertNews>();
  /** How far the clock of the server is ahead of this one. */
  #aheadMs = 0;

  /** `nowMs`: the clock of this machine, epoch milliseconds. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** What time it is at the server, epoch milliseconds. */
  get serverMs(): number {
    return this.#nowMs() + this.#aheadMs;
  }

  /** The alerts of a host, the worst first, those that are stale left out. */
  alertsOf(host: string): readonly AlertNews[] {
    return [...this.#alerts.values()]
      .filter((alert) => alert.host === host && !alert.stale)
      .sort((a, b) => severity(b) - severity(a) || b.sinceS - a.sinceS);
  }

  /** Takes a message in. */
  take(message: FeedMessage): void {
    switch (message.type) {
      case "hosts":
        return this.#snapshot(message);
      case "host":
        this.#learnTime(message.timeS);
        for (const host of message.hosts) this.hosts.change(host);
        for (const name of message.gone) this.hosts.remove(name);
        if (message.complete) this.hosts.complete();
        return;
      case "message":
        return this.log.beats(message.messages, message.skipped);
      case "alert":
        for (const alert of message.alerts) this.#alert(alert);
        return;
      case "summary":
        this.summary = message.summary;
    }
  }

  /** Nothing comes any more, because of `why`. */
  lost(why: string): void {
    if (this.connection.kind === "lost") this.connection = { ...this.connection, why };
    else this.connection = { kind: "lost", sinceMs: this.serverMs, why };
  }

  #snapshot({ timeS, server, more, hosts, messages, alerts, summary }: Snapshot): void {
    this.connection = { kind: "open" };
    this.server = server;
    this.summary = summary;
    this.#learnTime(timeS);
    this.hosts.begin();
    for (const host of hosts) this.hosts.change(host);
    if (!more) this.hosts.complete();
    const isNews = ({ id, stale }: AlertNews) => !stale && !this.#alerts.has(id);
    this.log.past(messages, alerts.filter(isNews));
    this.#alerts.clear();
    for (const alert of alerts.slice(0, ALERTS)) this.#alerts.set(alert.id, alert);
  }

  #alert(alert: AlertNews): void {
    const known = this.#alerts.get(alert.id);
    if (alert.endedS !== null) {
      // What is not known may have ended: it was one too many.
      this.#alerts.delete(alert.id);
      this.log.recovery(alert, alert.endedS * 1000);
      return;
    }
    if (severity(alert) > (known === undefined ? 0 : severity(known)) && !alert.stale) {
      this.log.alert(alert, this.serverMs);
    }
    if (known !== undefined || this.#alerts.size < ALERTS) this.#alerts.set(alert.id, alert);
  }

  #learnTime(timeS: number): void {
    if (timeS > 0) this.#aheadMs = timeS * 1000 - this.#nowMs();
  }
}

/** How bad an alert is; 0: not at all. */
function severity({ level }: AlertNews): number {
  return ["OK", "UNKNOWN", "WARNING", "CRITICAL"].indexOf(level);
}
