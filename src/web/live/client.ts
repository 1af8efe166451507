/**
 * One dashboard: where it stands, and whether it takes what it is sent. What it does not take waits
 * in memory, so no more is sent while too much of that waits; it then gets a new snapshot when it has
 * caught up, and is closed when it takes nothing at all.
 */

import type { Principal } from "../../access/principal.ts";
import type { Audience } from "./audience.ts";
import type { Roll } from "./roll.ts";

/** A connection, as a WebSocket is one. */
export interface Link {
  /** Bytes that were sent and not taken. */
  readonly bufferedAmount: number;
  /** Sends, or does nothing when it is not open any more. */
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Who is behind it now; null: nobody who may see anything, not any more. */
  who(): Principal | null;
}

/** Bytes that may wait for one client, and for all of them together. */
const FULL = 1 << 20;
const FULL_TOGETHER = 1 << 27;

/** A snapshot goes on when no more than this waits. */
const ROOM = 1 << 18;

/** A client that was behind has caught up when no more than this waits. */
const CAUGHT_UP = 1 << 16;

/** One that takes nothing for so long is closed, milliseconds. */
const STALLED_MS = 30_000;

/**
 * - `waiting`: for the beginning of its snapshot
 * - `filling`: it has that, and the rest is being sent
 * - `following`: it gets what changes
 * - `behind`: it gets nothing until it has caught up
 */
export type Stage = "waiting" | "filling" | "following" | "behind";

export class LiveClient {
  readonly link: Link;
  audience: Audience;
  stage: Stage = "waiting";
  /** The hosts of its snapshot, and the place of the next one. */
  roll: Roll | null = null;
  next = 0;
  #sent = 0;
  #taken = 0;
  #takenMs: number;

  constructor(link: Link, audience: Audience, nowMs: number) {
    this.link = link;
    this.audience = audience;
    this.#takenMs = nowMs;
  }

  /** True when it gets what changes. */
  get isTold(): boolean {
    return this.stage === "filling" || this.stage === "following";
  }

  /** True when it has not got its whole snapshot. */
  get isUnfilled(): boolean {
    return this.stage !== "following";
  }

  /** True when it can take a piece of its snapshot. */
  get hasRoom(): boolean {
    const limit = this.stage === "behind" ? CAUGHT_UP : ROOM;
    return this.link.bufferedAmount <= limit;
  }

  send(text: string): void {
    this.#sent += text.length;
    this.link.send(text);
  }

  /** Sends what has changed, unless too much waits already; `clients` is how many there are. */
  tell(texts: readonly string[], clients: number): void {
    if (this.link.bufferedAmount > Math.min(FULL, FULL_TOGETHER / clients)) {
      this.stage = "behind";
      this.roll = null;
      return;
    }
    for (const text of texts) this.send(text);
  }

  /** It is to get a new snapshot, for `audience`. */
  startAgain(audience: Audience): void {
    this.audience = audience;
    this.stage = this.stage === "behind" ? "behind" : "waiting";
    this.roll = null;
  }

  /** True when something waits, and it has taken nothing for long. */
  isStalled(nowMs: number): boolean {
    const waiting = this.link.bufferedAmount;
    const taken = this.#sent - waiting;
    if (waiting === 0 || taken !== this.#taken) {
      this.#taken = taken;
      this.#takenMs = nowMs;
    }
    return nowMs - this.#takenMs >= STALLED_MS;
  }
}
