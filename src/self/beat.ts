/**
 * The server's own beats, to everybody in `heartbeat_to`: another `hbd`, so that two servers watch
 * each other, or any address that expects a request now and then.
 *
 * Whatever fails on the way is logged when it begins and when it ends, and never thrown.
 */

import { type Lookup, systemLookup } from "../client/link.ts";
import type { HeartbeatTarget } from "../config/config.ts";
import { HttpWatcher, type SelfStatus } from "./http_watcher.ts";
import { Pulse } from "./pulse.ts";
import { SharedSockets, UdpWatcher } from "./udp_watcher.ts";

/** Longest time for a request, and for the goodbye at a stop, milliseconds. */
const HTTP_LIMIT_MS = 10_000;
const STOP_MS = 500;

export interface SelfBeatOptions {
  /** The machine's: the server beats as `hbd@<hostname>` where a target names it no other way. */
  readonly hostname: string;
  readonly version: string;
  /** Whether the server does its work now; while it is false there are no beats. */
  readonly isAlive: () => boolean;
  /** What a POST tells. */
  readonly status: () => SelfStatus;
  /** @default {the system's own} */
  readonly lookup?: Lookup;
  /** Milliseconds. @default {10 s} */
  readonly httpLimitMs?: number;
}

export class SelfBeat {
  readonly #options: SelfBeatOptions;
  readonly #sockets = new SharedSockets();
  /** By what makes one target differ from another. */
  readonly #pulses = new Map<string, { readonly target: HeartbeatTarget; readonly pulse: Pulse }>();
  readonly #leaving = new Set<Promise<void>>();
  #startMs = 0;
  #isStarted = false;
  #stopping: Promise<void> | null = null;

  constructor(options: SelfBeatOptions) {
    this.#options = options;
  }

  /**
   * Beats to these from now on. One that is the same as before goes on in its rhythm; one that is
   * gone is told goodbye.
   */
  configure(targets: readonly HeartbeatTarget[]): void {
    if (this.#stopping !== null) return;
    const wanted = new Map(targets.map((target) => [JSON.stringify(target), target]));
    const places = new Set(targets.map(placeOf));
    for (const [id, { target, pulse }] of this.#pulses) {
      if (wanted.has(id)) continue;
      this.#pulses.delete(id);
      // With another key or interval it beats on: a goodbye might come after the next beat.
      const leaving = pulse.stop(!places.has(placeOf(target)));
      this.#leaving.add(leaving);
      void leaving.finally(() => this.#leaving.delete(leaving));
    }
    for (const [id, target] of wanted) {
      if (this.#pulses.has(id)) continue;
      const { isAlive } = this.#options;
      const pulse = new Pulse(this.#watcher(target), target.intervalS, isAlive);
      this.#pulses.set(id, { target, pulse });
      if (this.#isStarted) pulse.start();
    }
  }

  /** Begins to beat. */
  start(): void {
    if (this.#isStarted || this.#stopping !== null) return;
    this.#isStarted = true;
    for (const { pulse } of this.#pulses.values()) pulse.start();
  }

  /** Says goodbye where it can, and is back within half a second. Never rejects. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, STOP_MS);
    const leaving = [...this.#pulses.values()].map(({ pulse }) => pulse.stop(true));
    await Promise.race([Promise.allSettled([...leaving, ...this.#leaving]), limit.promise]);
    await Promise.race([this.#sockets.close(), limit.promise]);
    clearTimeout(timer);
  }

  #watcher(target: HeartbeatTarget): UdpWatcher | HttpWatcher {
    const { hostname, version, status, lookup, httpLimitMs } = this.#options;
    const name = `hbd@${hostname}`;
    if (target.kind === "http") {
      return new HttpWatcher(target, {
        name,
        version,
        status,
        limitMs: httpLimitMs ?? HTTP_LIMIT_MS,
      });
    }
    this.#startMs = Math.max(Date.now(), this.#startMs + 1);
    return new UdpWatcher(target, {
      name,
      version,
      startMs: this.#startMs,
      sockets: this.#sockets,
      lookup: lookup ?? systemLookup,
    });
  }
}

/** Whose beats, and where to. */
function placeOf(target: HeartbeatTarget): string {
  return target.kind === "http"
    ? JSON.stringify([target.url.value])
    : JSON.stringify([target.hostname, target.port, target.name]);
}
