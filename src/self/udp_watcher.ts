/**
 * Another `hbd` that watches this server over UDP: it gets the beats that a client sends, to all
 * addresses of its name. Its answers are not needed and left unread.
 *
 * The name is looked up for each beat. When that fails, or takes too long, the beat goes to the
 * addresses found last: a name server that is down must not look like this server being down.
 */

import { isIP } from "node:net";
import { getLogger } from "@logtape/logtape";
import { bootIdAt } from "../client/boot_id.ts";
import type { Lookup } from "../client/link.ts";
import { type Content, Series } from "../client/series.ts";
import { inWords } from "../client/server_name.ts";
import { Sockets } from "../client/sockets.ts";
import type { HeartbeatTarget } from "../config/config.ts";
import { makeKey } from "../wire/envelope.ts";
import type { Watcher } from "./watcher.ts";

const log = getLogger(["hbd", "self_beat"]);

/** Longest wait for a look-up, milliseconds. */
const LOOKUP_MS = 2000;

/** A name with more addresses than that is no single server. */
const MAX_ADDRESSES = 8;

export type UdpTarget = Extract<HeartbeatTarget, { kind: "udp" }>;

export interface UdpWatcherOptions {
  /** The name to beat under where the target has none of its own. */
  readonly name: string;
  readonly version: string;
  /** Names this series of beats; no two watchers have the same. Epoch milliseconds. */
  readonly startMs: number;
  readonly sockets: SharedSockets;
  readonly lookup: Lookup;
}

/** The sockets of all watchers, opened when the first beat needs them. */
export class SharedSockets {
  #sockets: Sockets | null = null;
  #isClosed = false;

  /** Throws when there is no way to send datagrams. */
  get(): Sockets {
    if (this.#isClosed) throw new Error("The server is stopping");
    this.#sockets ??= new Sockets(() => {});
    return this.#sockets;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#sockets?.[Symbol.asyncDispose]();
  }
}

export class UdpWatcher implements Watcher {
  readonly label: string;
  readonly #target: UdpTarget;
  readonly #options: UdpWatcherOptions;
  #series: Series | null = null;
  #known: readonly string[];
  #lookingUp: Promise<void> | null = null;
  #lookupError: unknown = null;

  constructor(target: UdpTarget, options: UdpWatcherOptions) {
    this.label = inWords(target.hostname, target.port);
    this.#target = target;
    this.#options = options;
    this.#known = isIP(target.hostname) === 0 ? [] : [target.hostname];
  }

  async beat(signal: AbortSignal): Promise<void> {
    const { intervalS, key } = this.#target;
    const { name, startMs, version } = this.#options;
    await this.#lookUp(signal);
    this.#series ??= new Series(
      this.#target.name ?? name,
      await bootIdAt(startMs),
      key === null ? null : makeKey(key.value),
    );
    // No beat may come after a goodbye.
    if (signal.aborted) return;
    if (this.#known.length === 0) {
      throw new Error(`${this.#target.hostname} cannot be resolved: ${reason(this.#lookupError)}`);
    }
    await this.#send({ ID: "HTB", interval: intervalS, ver: version }, this.#series);
  }

  async goodbye(): Promise<void> {
    if (this.#series === null || this.#known.length === 0) return;
    await this.#send({ ID: "SHUTDOWN" }, this.#series).catch((error) =>
      log.debug("No goodbye to {label}: {error}", { label: this.label, error })
    );
  }

  /** To all addresses; rejects when none can be reached. */
  async #send(content: Content, series: Series): Promise<void> {
    const sockets = this.#options.sockets.get();
    const { bytes } = series.seal(content, series.next());
    const { port } = this.#target;
    const sent = this.#known.map((ip) => sockets.send(bytes, { ip, port }));
    try {
      await Promise.any(sent);
    } catch (error) {
      throw new Error(reason(error instanceof AggregateError ? error.errors[0] : error));
    }
  }

  /** Settles when the addresses are known anew, or it has failed, takes too long or is aborted. */
  async #lookUp(signal: AbortSignal): Promise<void> {
    if (isIP(this.#target.hostname) !== 0) return;
    this.#lookingUp ??= this.#ask().finally(() => this.#lookingUp = null);
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, LOOKUP_MS);
    const giveUp = () => limit.resolve();
    signal.addEventListener("abort", giveUp);
    await Promise.race([this.#lookingUp, limit.promise]);
    signal.removeEventListener("abort", giveUp);
    clearTimeout(timer);
  }

  async #ask(): Promise<void> {
    // What is said when it takes too long.
    this.#lookupError = new Error("no answer from the name server");
    try {
      const found = await this.#options.lookup(this.#target.hostname);
      this.#known = [...new Set(found)].slice(0, MAX_ADDRESSES);
    } catch (error) {
      this.#lookupError = error;
      log.debug("{label} cannot be resolved: {error}", { label: this.label, error });
    }
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
