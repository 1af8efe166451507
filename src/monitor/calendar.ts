/**
 * Hosts that beat by a calendar, say "every night at three": when the next beats are due.
 *
 * A calendar knows the wall clock, and hosts are watched in listening time. What is due is taken from
 * the wall clock as it was when the host was last heard; time in which nobody listened moves it, as
 * it moves every deadline, and so does a clock that is set back: then the hour comes again.
 */

import type { ListeningTime } from "./listening_time.ts";

/** When something is due. Pure: the same question has the same answer at any time. */
export interface Schedule {
  /** What it says: two with the same text are the same. */
  readonly text: string;
  /** The first time after `afterMs`, epoch milliseconds; null: never. */
  readonly next: (afterMs: number) => number | null;
}

/**
 * A beat this much too early still counts for the time that it was meant for: clocks differ. Never
 * more than a tenth of the time between two.
 */
const EARLY_MS = 60_000;
const EARLY_SHARE = 0.1;

/** Times counted in one go; what is missed beyond that is counted at the next look. */
const COUNTED_AT_ONCE = 50;

/** What is known of one host that waits. */
interface Waiting {
  readonly schedule: Schedule;
  /** Its silence counts from here, listening time. */
  readonly since: number;
  /** Wall clock minus listening time when this was worked out. */
  readonly deafMs: number;
  /** From then until it is first due, milliseconds. */
  readonly firstMs: number;
  /** The same moment by the wall clock. */
  readonly firstWallMs: number;
  /** Times that have passed, and the one after them by the wall clock. */
  passed: number;
  nextWallMs: number;
}

/** From the last sign of life to the times at which the next ones are due, milliseconds. */
export interface Due {
  /** To the first of them; Infinity: never. */
  readonly firstMs: number;
  /** How many have passed `elapsedMs` after the last sign of life; a few too little now and then. */
  readonly passed: (elapsedMs: number) => number;
  /** To number `n`, from 1 on, or to an earlier one. */
  readonly toMs: (n: number) => number;
}

export class Calendar {
  readonly #listening: ListeningTime;
  readonly #rows = new Map<number, Waiting>();
  readonly #between = new WeakMap<Schedule, number | null>();

  constructor(listening: ListeningTime) {
    this.#listening = listening;
  }

  /** What is expected of `row` by `schedule`, when its silence counts from `since`. */
  due(row: number, schedule: Schedule, since: number): Due {
    const { deafMs } = this.#listening;
    let waiting = this.#rows.get(row);
    const isKnown = waiting?.since === since && waiting.deafMs === deafMs &&
      waiting.schedule === schedule;
    if (waiting === undefined || !isKnown) {
      waiting = this.#work(schedule, since);
      this.#rows.set(row, waiting);
    }
    return dueOf(waiting);
  }

  /** From `since` until it is first due by `schedule`, milliseconds; Infinity: never. */
  firstMs(schedule: Schedule, since: number): number {
    return this.#work(schedule, since).firstMs;
  }

  /** From one time of `schedule` to the next one, as it comes first; null: there are no two. */
  betweenMs(schedule: Schedule): number | null {
    const known = this.#between.get(schedule);
    if (known !== undefined) return known;
    const first = schedule.next(0);
    const second = first === null ? null : schedule.next(first);
    const between = first === null || second === null ? null : second - first;
    this.#between.set(schedule, between);
    return between;
  }

  /** `row` is another host's, or waits for nothing any more. */
  forget(row: number): void {
    this.#rows.delete(row);
  }

  #work(schedule: Schedule, since: number): Waiting {
    const { deafMs } = this.#listening;
    const sinceWallMs = Number.isFinite(since) ? this.#listening.wallAt(since) : Infinity;
    const firstWallMs = firstAfter(schedule, sinceWallMs);
    const plainMs = firstWallMs - sinceWallMs;
    const isEver = Number.isFinite(firstWallMs);
    const firstMs = isEver ? plainMs + this.#listening.setBackMs(since, since + plainMs) : Infinity;
    const start = { passed: 0, nextWallMs: firstWallMs };
    return { schedule, since, deafMs, firstMs, firstWallMs, ...start };
  }
}

/** The first time after `sinceMs` that a beat at that moment was not meant for; Infinity: none. */
function firstAfter(schedule: Schedule, sinceMs: number): number {
  const first = Number.isFinite(sinceMs) ? schedule.next(sinceMs) : null;
  if (first === null) return Infinity;
  const second = schedule.next(first);
  if (second === null) return first;
  const earlyMs = Math.min(EARLY_MS, (second - first) * EARLY_SHARE);
  return first - sinceMs < earlyMs ? second : first;
}

function dueOf(waiting: Waiting): Due {
  const { firstMs, firstWallMs, schedule } = waiting;
  const nextMs = () => firstMs + waiting.nextWallMs - firstWallMs;
  return {
    firstMs,
    passed(elapsedMs) {
      for (let n = 0; n < COUNTED_AT_ONCE && nextMs() <= elapsedMs; n++) {
        waiting.passed++;
        waiting.nextWallMs = schedule.next(waiting.nextWallMs) ?? Infinity;
      }
      return waiting.passed;
    },
    toMs: (n) => n <= 1 ? firstMs : nextMs(),
  };
}
