/**
 * Somebody who watches this server by requests to an address: a service that expects a ping, or
 * another `hbd`, for which the body of a POST is a beat:
 *
 *   {"name":"hbd@mon1","state":"degraded","hosts":12,"down":1,"alerts":{"CRITICAL":1},
 *    "interval":60,"ver":"0.1.0"}
 *
 * The address is a secret as a whole: who knows it can beat in our place.
 */

import type { HeartbeatTarget } from "../config/config.ts";
import { secretsOfUrl } from "../notify/channels/trouble.ts";
import { request } from "../notify/http.ts";
import type { Watcher } from "./watcher.ts";

/** How the server fares, for whoever watches it. */
export interface SelfStatus {
  /** A part of it does not work. */
  readonly isDegraded: boolean;
  /** Hosts that it knows, and those of them that are down. */
  readonly hosts: number;
  readonly down: number;
  /** Active alerts, by level. */
  readonly alerts: Readonly<Record<string, number>>;
}

export type HttpTarget = Extract<HeartbeatTarget, { kind: "http" }>;

export interface HttpWatcherOptions {
  readonly name: string;
  readonly version: string;
  readonly status: () => SelfStatus;
  /** Longest time for a request, milliseconds. */
  readonly limitMs: number;
}

export class HttpWatcher implements Watcher {
  readonly label: string;
  readonly #target: HttpTarget;
  readonly #options: HttpWatcherOptions;

  constructor(target: HttpTarget, options: HttpWatcherOptions) {
    this.label = URL.parse(target.url.value)?.origin ?? "an address";
    this.#target = target;
    this.#options = options;
  }

  async beat(signal: AbortSignal): Promise<void> {
    const { url, method } = this.#target;
    const giveUp = new AbortController();
    const timer = setTimeout(
      () => giveUp.abort(new DOMException("no answer in time", "TimeoutError")),
      this.#options.limitMs,
    );
    try {
      await request({
        provider: this.label,
        url: url.value,
        method,
        secrets: secretsOfUrl(url.value),
        ...(method === "POST" && { body: { json: this.#body() } }),
      }, AbortSignal.any([signal, giveUp.signal]));
    } finally {
      clearTimeout(timer);
    }
  }

  async goodbye(): Promise<void> {}

  #body(): unknown {
    const { name, version, status } = this.#options;
    const { isDegraded, hosts, down, alerts } = status();
    const state = isDegraded ? "degraded" : "up";
    return { name, state, hosts, down, alerts, interval: this.#target.intervalS, ver: version };
  }
}
