/**
 * When hosts may be silent: somebody paused them, or a planned maintenance covers them. Such time
 * is not downtime.
 */

import type { Pause } from "./events.ts";
import type { Maintenance } from "./maintenance.ts";

/** Pauses remembered of one host, to tell downtime from paused time. */
const KEPT = 10;

export class Pauses {
  /** Those of each host, the oldest first; none overlaps another. */
  readonly #pauses = new Map<string, Pause[]>();

  /** Notes that `host` is paused, or (null) that it is not any more from `nowMs` on. */
  set(host: string, pause: Pause | null, nowMs: number): void {
    const known = this.#pauses.get(host) ?? [];
    const past = known.flatMap((old) => {
      const endMs = Math.min(old.untilMs ?? Infinity, pause?.fromMs ?? nowMs);
      return endMs > old.fromMs ? [{ ...old, untilMs: endMs }] : [];
    });
    const all = pause === null ? past : [...past, pause];
    if (all.length === 0) this.#pauses.delete(host);
    else this.#pauses.set(host, all.slice(-KEPT));
  }

  /** Forgets the pauses of `host`. */
  forget(host: string): void {
    this.#pauses.delete(host);
  }

  /** The pause that somebody made and that holds at `nowMs`, or null. */
  of(host: string, nowMs: number): Pause | null {
    const last = this.#pauses.get(host)?.at(-1);
    if (last === undefined) return null;
    return nowMs >= last.fromMs && nowMs < (last.untilMs ?? Infinity) ? last : null;
  }

  /** The last pause that somebody made, for the store; null when it is over. */
  record(host: string): Pause | null {
    return this.#pauses.get(host)?.at(-1) ?? null;
  }

  /** Hosts that somebody has paused at `nowMs`. */
  count(nowMs: number): number {
    let count = 0;
    for (const host of this.#pauses.keys()) if (this.of(host, nowMs) !== null) count++;
    return count;
  }

  /** Until when `host` may be silent, epoch milliseconds (Infinity: no end known); null: not now. */
  until(
    host: string,
    group: string | null,
    maintenance: Maintenance | null,
    nowMs: number,
  ): number | null {
    const pause = this.of(host, nowMs);
    const untilMs = pause === null ? null : pause.untilMs ?? Infinity;
    const planned = maintenance?.activeUntil(host, group, nowMs)?.untilMs ?? null;
    if (untilMs === null) return planned;
    return Math.max(untilMs, planned ?? 0);
  }

  /** Milliseconds between two moments in which `host` might be silent. */
  overlapMs(
    host: string,
    group: string | null,
    maintenance: Maintenance | null,
    fromMs: number,
    toMs: number,
  ): number {
    const planned = maintenance?.overlapMs(host, group, fromMs, toMs) ?? 0;
    const paused = (this.#pauses.get(host) ?? []).reduce((sum, pause) => {
      const [from, to] = [Math.max(fromMs, pause.fromMs), Math.min(toMs, pause.untilMs ?? toMs)];
      if (to <= from) return sum;
      // What a planned time covers as well counts once.
      return sum + to - from - (maintenance?.overlapMs(host, group, from, to) ?? 0);
    }, 0);
    return planned + paused;
  }
}
