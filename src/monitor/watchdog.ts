/**
 * The rules of being overdue, as pure functions of the time that has passed.
 *
 * All times are milliseconds of *listening time* (see `listening_time.ts`): time in which the
 * server could not hear does not exist here. Nothing in this file reads a clock.
 */

import type { Due } from "./calendar.ts";

/** What is expected of a host. */
export interface Rhythm {
  /** Time between two beats, above 0; by a calendar: from the last one until the next is due. */
  readonly intervalMs: number;
  /** Time allowed on top, 0 or more. */
  readonly graceMs: number;
  /** When beats are due by a calendar. Not given: every interval. */
  readonly due?: Due;
}

/** True when a beat `elapsedMs` after the one before it comes too late. */
export function isOverdue(elapsedMs: number, { intervalMs, graceMs }: Rhythm): boolean {
  return elapsedMs > intervalMs + graceMs;
}

/**
 * Intervals missed in a silence of `elapsedMs`: none up to the deadline, every full one after it.
 * At least 1 once the deadline has passed.
 */
export function missedIntervals(elapsedMs: number, rhythm: Rhythm): number {
  if (!isOverdue(elapsedMs, rhythm)) return 0;
  return rhythm.due?.passed(elapsedMs) ?? Math.floor(elapsedMs / rhythm.intervalMs);
}

/** How long after the last beat there is next something to say, `missed` being said already. */
export function nextCheckMs(missed: number, { intervalMs, graceMs, due }: Rhythm): number {
  return Math.max(intervalMs + graceMs, due?.toMs(missed + 1) ?? (missed + 1) * intervalMs);
}

/**
 * Share of the expected beats that came, and came in time, in percent (0 to 100, two decimals);
 * null before the first beat.
 */
export function stability(total: number, late: number, missed: number): number | null {
  if (total === 0) return null;
  const share = (total - late - missed) / (total + missed);
  return Math.round(Math.max(0, share) * 10_000) / 100;
}
