/**
 * What was received and came to nothing: counted by its reason, and logged at most once a minute
 * for each source, so that neither a flood nor a broken client fills the log.
 */

import { getLogger } from "@logtape/logtape";

const log = getLogger(["hbd", "doors"]);

/** A source is told of again after this long. */
const TOLD_MS = 60_000;

/** Sources remembered; while there are more, only the counts go on. */
const SOURCES = 1000;

export class DropLog {
  readonly #nowMs: () => number;
  readonly #counts = new Map<string, number>();
  readonly #told = new Map<string, number>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Something from `source` was dropped. */
  drop(reason: string, source: string): void {
    this.add(reason, 1);
    const nowMs = this.#nowMs();
    if (this.#told.size >= SOURCES) this.#forget(nowMs);
    if (this.#told.size >= SOURCES || this.#isTold(source, nowMs)) return;
    this.#told.set(source, nowMs);
    log.warn("From {source}: dropped as {reason} (next told in a minute; /healthz counts all)", {
      source,
      reason,
    });
  }

  /** Counts without telling. */
  add(reason: string, count: number): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count);
  }

  /** How much was dropped since the start, by reason. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  #isTold(source: string, nowMs: number): boolean {
    const toldMs = this.#told.get(source);
    // A clock that was set back must not silence a source for long.
    return toldMs !== undefined && Math.abs(nowMs - toldMs) < TOLD_MS;
  }

  #forget(nowMs: number): void {
    for (const source of this.#told.keys()) {
      if (!this.#isTold(source, nowMs)) this.#told.delete(source);
    }
  }
}
