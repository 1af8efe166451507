/**
 * Notices when the server was not listening: asleep, stopped, stalled, or its clock was set.
 *
 * Two clocks are read together: the wall clock (what time is it) and a monotonic one (how much time
 * has passed). Whatever the wall clock moved beyond the time in which this process was seen alive
 * is a shift: time that must not count against any host.
 *
 * Beats that arrive during a short stall wait in the kernel's queues and are only read late, so the
 * deadlines just move. In a longer one senders give up and beats are lost, hence `beatsLost`. A
 * leap of the wall clock alone is a suspend (Linux and macOS stop the monotonic clock in it) or
 * somebody setting the time; seen from here they are the same, and the safer of the two is assumed.
 */

/** Two readings of the event loop further apart than this mean that it stood still. */
export const STALL_MS = 500;

/** From this long on, beats sent meanwhile must be thought lost. */
export const BEATS_LOST_MS = 2000;

/** The wall clock may be slewed by this much between two readings without anything being wrong. */
const SLEW_MS = 100;

/** Time that did not count: see `DeafEvent` for the fields. */
export interface Deafness {
  readonly shiftMs: number;
  readonly beatsLost: boolean;
}

/** Feed it both clocks, at least four times a second; it says when time was lost between. */
export class ListeningClock {
  #wallMs: number;
  #monotonicMs: number;

  constructor(wallMs: number, monotonicMs: number) {
    this.#wallMs = wallMs;
    this.#monotonicMs = monotonicMs;
  }

  /** Takes a reading; returns what was lost since the one before, or null: the usual case. */
  read(wallMs: number, monotonicMs: number): Deafness | null {
    const passedMs = monotonicMs - this.#monotonicMs;
    const heardMs = passedMs > STALL_MS ? 0 : passedMs;
    const shiftMs = wallMs - this.#wallMs - heardMs;
    this.#wallMs = wallMs;
    this.#monotonicMs = monotonicMs;
    if (Math.abs(shiftMs) < SLEW_MS && heardMs === passedMs) return null;
    const deafMs = Math.max(shiftMs, passedMs - heardMs);
    return { shiftMs: Math.round(shiftMs), beatsLost: deafMs >= BEATS_LOST_MS };
  }
}
