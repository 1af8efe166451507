/**
 * Tells clients that run another version than the configuration wants where to get that one.
 * Whether they take it is up to them (`self_update`); each is told once an hour.
 */

import type { Fields } from "../wire/datagram.ts";
import type { MessageFacts } from "../wire/message.ts";

const AGAIN_MS = 3_600_000;

/** The version wanted. */
export interface WantedVersion {
  readonly version: string;
  readonly url: string;
  readonly sha256: string;
}

export class UpdateOffers {
  readonly #wanted: () => WantedVersion | null;
  readonly #nowMs: () => number;
  readonly #toldMs = new Map<string, number>();

  constructor(wanted: () => WantedVersion | null, nowMs: () => number) {
    this.#wanted = wanted;
    this.#nowMs = nowMs;
  }

  /** What must be sent to the host of `message` now. */
  due(message: MessageFacts): readonly Fields[] {
    const wanted = this.#wanted();
    if (wanted === null || message.kind !== "beat" || message.version === null) return [];
    if (message.version === wanted.version) {
      this.#toldMs.delete(message.host);
      return [];
    }
    const nowMs = this.#nowMs();
    // A clock that was set back must not silence it for long.
    if (Math.abs(nowMs - (this.#toldMs.get(message.host) ?? -Infinity)) < AGAIN_MS) return [];
    this.#toldMs.set(message.host, nowMs);
    const { version, url, sha256 } = wanted;
    return [{ ID: "UPD", version, url, sha256 }];
  }
}
