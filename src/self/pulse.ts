/**
 * The beats to one watcher: in rhythm, never two at a time, and none while the server does not
 * work, for silence is what makes the watcher tell. A beat that was held back is sent as soon as
 * that is over.
 */

import { getLogger } from "@logtape/logtape";
import { now, Rhythm } from "../client/rhythm.ts";
import type { Watcher } from "./watcher.ts";

const log = getLogger(["hbd", "self_beat"]);

/** How often it is looked whether a beat that was held back can go, milliseconds. */
const HELD_BACK_MS = 250;

export class Pulse {
  readonly #watcher: Watcher;
  readonly #rhythm: Rhythm;
  readonly #isAlive: () => boolean;
  readonly #stopped = new AbortController();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #beating: Promise<void> | null = null;
  #isOwed = false;
  #hasBeaten = false;
  /** Monotonic milliseconds; null: the last beat went out. */
  #failingSinceMs: number | null = null;

  /** `isAlive`: whether the server does its work now. */
  constructor(watcher: Watcher, intervalS: number, isAlive: () => boolean) {
    this.#watcher = watcher;
    this.#rhythm = new Rhythm(now(), intervalS * 1000);
    this.#isAlive = isAlive;
  }

  /** Sends the first beat at once, if the server is alive. */
  start(): void {
    if (this.#stopped.signal.aborted) return;
    if (this.#rhythm.isDue(now())) this.#isOwed = true;
    if (this.#isOwed && this.#beating === null && this.#isAlive()) {
      this.#isOwed = false;
      this.#beating = this.#beat().finally(() => this.#beating = null);
    }
    const waitMs = this.#rhythm.waitMs(now());
    this.#timer = setTimeout(
      () => this.start(),
      this.#isOwed ? Math.min(HELD_BACK_MS, waitMs) : waitMs,
    );
  }

  /** Sends no more beats; with `isLeaving` the watcher is told so, if it ever got one. */
  async stop(isLeaving: boolean): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#stopped.abort();
    await this.#beating;
    if (isLeaving && this.#hasBeaten) await this.#watcher.goodbye();
  }

  async #beat(): Promise<void> {
    const { label } = this.#watcher;
    const { signal } = this.#stopped;
    try {
      await this.#watcher.beat(signal);
      if (signal.aborted) return;
      this.#hasBeaten = true;
      if (this.#failingSinceMs === null) return;
      const seconds = Math.round((performance.now() - this.#failingSinceMs) / 1000);
      log.info("Beats of this server to {label} go out again after {seconds} s", {
        label,
        seconds,
      });
      this.#failingSinceMs = null;
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#failingSinceMs === null) {
        log.warn("Beats of this server to {label} fail: {reason}", { label, reason });
      } else {
        log.debug("Beat of this server to {label} failed: {reason}", { label, reason });
      }
      this.#failingSinceMs ??= performance.now();
    }
  }
}
