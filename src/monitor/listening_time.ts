/**
 * Listening time: the wall clock minus all the time in which the server was deaf.
 *
 * Hosts are watched in it, so a deaf hour moves every deadline at once, without touching a single
 * host. Where beats may have been lost meanwhile that is not enough, because a host's next beat
 * may be a whole interval away: such points are remembered, and a host that was being waited for
 * at one is waited for from there anew.
 */

import type { Deafness } from "./listening_clock.ts";
import { isOverdue, type Rhythm } from "./watchdog.ts";

/** Points remembered. Only a host that is waited for across more of them is judged too early. */
const POINTS_KEPT = 1000;

/** Listening time as the store keeps it. */
export interface ListeningRecord {
  /** Wall clock minus listening time, milliseconds. */
  readonly deafMs: number;
  /** Moments of listening time at which beats may have been lost, in rising order. */
  readonly points: readonly number[];
}

export class ListeningTime {
  #deafMs = 0;
  #points: number[] = [];

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

  /** Takes out time that ended at `wallMs`. */
  shift({ shiftMs, beatsLost }: Deafness, wallMs: number): void {
    this.#deafMs += shiftMs;
    if (!beatsLost) return;
    this.#points.push(this.at(wallMs));
    if (this.#points.length > POINTS_KEPT) this.#points.shift();
  }

  /**
   * From when the silence counts of a host last heard at `heardMs`: from there, or from the last
   * point at which beats may have been lost while it was not yet overdue. A host without a rhythm
   * never is.
   */
  waitingSince(heardMs: number, rhythm: Rhythm | null): number {
    const latest = this.#points.at(-1);
    if (latest === undefined || latest <= heardMs) return heardMs;
    let since = heardMs;
    for (const point of this.#points) {
      if (point <= since) continue;
      if (rhythm !== null && isOverdue(point - since, rhythm)) break;
      since = point;
    }
    return since;
  }

  record(): ListeningRecord {
    return { deafMs: this.#deafMs, points: [...this.#points] };
  }

  restore({ deafMs, points }: ListeningRecord): void {
    this.#deafMs = deafMs;
    this.#points = [...points];
  }
}
