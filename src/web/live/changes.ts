/**
 * What has changed since the last flush: names of hosts, the last messages, alerts. Each thing is
 * noted once however often it changed, so that what is held grows with the hosts at most.
 */

import type { AlertRecord } from "../../monitor/alerts/record.ts";
import type { ReceivedMessage } from "../../monitor/outlet.ts";

/** Messages held: not all of them are for everybody. */
const MESSAGES = 200;

/** A host that has changed. */
export interface ChangedHost {
  readonly name: string;
  /** Beats of it that were not told yet. */
  readonly beats: number;
  /** More than a beat has happened to it. */
  readonly isUrgent: boolean;
}

/** The last messages; `skipped` are those before them. */
export interface ChangedMessages {
  /** The oldest first. */
  readonly messages: readonly ReceivedMessage[];
  readonly skipped: number;
}

const NO_MESSAGES: ChangedMessages = { messages: [], skipped: 0 };

export class Changes {
  /** Beats of each host. */
  #hosts = new Map<string, number>();
  #urgent = new Set<string>();
  #alerts = new Map<string, AlertRecord>();
  #ring: ReceivedMessage[] = [];
  #messages = 0;
  #beats = 0;

  get isEmpty(): boolean {
    return this.#hosts.size === 0 && this.#urgent.size === 0 && this.#messages === 0 &&
      this.#alerts.size === 0;
  }

  message(received: ReceivedMessage): void {
    const { host, kind } = received.message;
    const isBeat = kind === "beat";
    if (isBeat) this.#beats++;
    this.#hosts.set(host, (this.#hosts.get(host) ?? 0) + (isBeat ? 1 : 0));
    this.#ring[this.#messages++ % MESSAGES] = received;
  }

  /** Something other than a message has changed host `name`. */
  host(name: string): void {
    this.#urgent.add(name);
  }

  /** True when host `name` waits to be told. */
  hasHost(name: string): boolean {
    return this.#hosts.has(name) || this.#urgent.has(name);
  }

  alert(record: AlertRecord): void {
    this.#alerts.set(record.id, record);
  }

  /**
   * Hands out the hosts one by one, the urgent ones first, then those that have waited longest.
   * What is not asked for stays; what changes meanwhile waits for the next time.
   */
  *takeHosts(): Generator<ChangedHost> {
    const hosts = this.#hosts;
    const urgent = this.#urgent;
    this.#hosts = new Map();
    this.#urgent = new Set();
    try {
      for (const name of urgent) {
        const beats = hosts.get(name) ?? 0;
        urgent.delete(name);
        hosts.delete(name);
        yield { name, beats, isUrgent: true };
      }
      for (const [name, beats] of hosts) {
        hosts.delete(name);
        yield { name, beats, isUrgent: false };
      }
    } finally {
      for (const [name, beats] of this.#hosts) hosts.set(name, (hosts.get(name) ?? 0) + beats);
      for (const name of this.#urgent) urgent.add(name);
      this.#hosts = hosts;
      this.#urgent = urgent;
    }
  }

  /** Hands the messages out. */
  takeMessages(): ChangedMessages {
    const count = this.#messages;
    if (count === 0) return NO_MESSAGES;
    const at = count % MESSAGES;
    const messages = count <= MESSAGES
      ? this.#ring
      : [...this.#ring.slice(at), ...this.#ring.slice(0, at)];
    this.#ring = [];
    this.#messages = 0;
    return { messages, skipped: count - messages.length };
  }

  /** Number of the oldest message that waits; Infinity: none does. */
  firstMessage(): number {
    if (this.#messages === 0) return Infinity;
    return this.#ring[this.#messages < MESSAGES ? 0 : this.#messages % MESSAGES]?.seq ?? Infinity;
  }

  /** Hands out up to `limit` alerts. */
  takeAlerts(limit: number): readonly AlertRecord[] {
    const taken: AlertRecord[] = [];
    for (const [id, record] of this.#alerts) {
      if (taken.length >= limit) break;
      this.#alerts.delete(id);
      taken.push(record);
    }
    return taken;
  }

  /** Hands out how many beats there were since the last call. */
  takeBeats(): number {
    const beats = this.#beats;
    this.#beats = 0;
    return beats;
  }

  clear(): void {
    this.#hosts.clear();
    this.#urgent.clear();
    this.#alerts.clear();
    this.#ring = [];
    this.#messages = 0;
    this.#beats = 0;
  }
}
