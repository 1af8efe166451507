/**
 * Listening time: the wall clock minus all the time in which the server was deaf.
 *
 * Hosts are watched in it, so a deaf hour moves every deadline at once, without touching a single
 * host. Where beats may have been lost meanwhile that is not enough, because a host's next beat
 * may be a whole interval away: such points are remembered, and a host that was being waited for
 * at one is waited for from there anew.
 */

import type { Deafness } from "./listening_clock.ts";
/** Points remembered. Only a host that is waited for across more of them is judged too early. */
const POINTS_KEPT = 1000;

/** A moment at which listening time and wall clock moved apart. */
interface Shift {
  /** Listening time. */
  readonly atMs: number;
  readonly shiftMs: number;
}

/** Listening time as the store keeps it. */
export interface ListeningRecord {
  /** Wall clock minus listening time, milliseconds. */
  readonly deafMs: number;
  /** Moments of listening time at which beats may have been lost, in rising order. */
  readonly points: readonly number[];
  /** See `ListeningTime`; the store does without. */
  readonly shifts?: readonly Shift[];
}

export class ListeningTime {
  #deafMs = 0;
  #points: number[] = [];
  /** The oldest first, no more than points. They do not outlive a restart, which is a point itself. */
  readonly #shifts: Shift[] = [];

  /** Wall clock minus listening time, milliseconds. */
  get deafMs(): number {
    return this.#deafMs;
  }

  /** The listening time at `wallMs`. */
  at(wallMs: number): number {
    return wallMs - this.#deafMs;
  }

  /** The wall clock time of `listeningMs`, if it came after the last deafness. */
  toWall(listeningMs: number): number {
    return listeningMs + this.#deafMs;
  }

  /** The wall clock at the moment `listeningMs`, as it was then. */
  wallAt(listeningMs: number): number {
    let wallMs = listeningMs + this.#deafMs;
    for (const { atMs, shiftMs } of this.#shifts) if (atMs > listeningMs) wallMs -= shiftMs;
    return wallMs;
  }

  /** By how much the clock was set back between two moments of listening time, milliseconds. */
  setBackMs(fromMs: number, toMs: number): number {
    let sumMs = 0;
    for (const { atMs, shiftMs } of this.#shifts) {
      if (shiftMs < 0 && atMs > fromMs && atMs < toMs + sumMs) sumMs -= shiftMs;
    }
    return sumMs;
  }

  /** Takes out time that ended at `wallMs`. */
  shift({ shiftMs, beatsLost }: Deafness, wallMs: number): void {
    this.#deafMs += shiftMs;
    this.#shifts.push({ atMs: this.at(wallMs), shiftMs });
    if (this.#shifts.length > POINTS_KEPT) this.#shifts.shift();
    if (!beatsLost) return;
    this.#points.push(this.at(wallMs));
    if (this.#points.length > POINTS_KEPT) this.#points.shift();
  }

  /** True when beats may have been lost after `heardMs`. */
  hasLostSince(heardMs: number): boolean {
    return (this.#points.at(-1) ?? -Infinity) > heardMs;
  }

  /**
   * From when the silence counts of a host last heard at `heardMs`: from there, or from the last
   * point at which beats may have been lost while it was not yet overdue.
   *
   * @param isOverdue whether a host that is waited for since then is overdue at that moment
   */
  waitingSince(heardMs: number, isOverdue: (since: number, atMs: number) => boolean): number {
    if (!this.hasLostSince(heardMs)) return heardMs;
    let since = heardMs;
    for (const point of this.#points) {
      if (point <= since) continue;
      if (isOverdue(since, point)) break;
      since = point;
    }
    return since;
  }

  record(withShifts = false): ListeningRecord {
    const shifts = withShifts ? { shifts: [...this.#shifts] } : {};
    return { deafMs: this.#deafMs, points: [...this.#points], ...shifts };
  }

  restore({ deafMs, points, shifts = [] }: ListeningRecord): void {
    this.#deafMs = deafMs;
    this.#points = [...points];
    this.#shifts.splice(0, Infinity, ...shifts);
  }
}
