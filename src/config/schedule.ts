/**
 * Schedules as crontabs have them (`0 3 * * *`) with their time zone. What a pattern means, and what
 * becomes of it when the clocks change, is the cron library's business.
 */

import { Cron } from "croner";

/** When a host's beats are due. */
export interface CronSchedule {
  /** The pattern as it was written. */
  readonly cron: string;
  /** Its time zone, an IANA name. */
  readonly zone: string;
  /** Both, as they tell schedules apart. */
  readonly text: string;
  /** The first time after `afterMs`, epoch milliseconds; null: never. */
  readonly next: (afterMs: number) => number | null;
}

/** What a pattern must be, to follow "must be". */
export const WANTS_CRON = 'a cron schedule that comes, say "0 3 * * *" or "@daily"';

/** Epoch milliseconds beyond which nobody waits. */
const LATEST_MS = Date.UTC(9999, 0);

/** The schedule of a pattern that `isCron()` and of a zone that is known. */
export function createSchedule(cron: string, zone: string): CronSchedule {
  const pattern = new Cron(cron, { timezone: zone });
  return {
    cron,
    zone,
    text: `${cron} ${zone}`,
    next(afterMs) {
      if (!(Math.abs(afterMs) < LATEST_MS)) return null;
      return pattern.nextRun(new Date(afterMs))?.getTime() ?? null;
    },
  };
}

/** True for a pattern that is right, and ever comes. */
export function isCron(text: string): boolean {
  if (text.length > 200) return false;
  try {
    return new Cron(text, { timezone: "UTC" }).nextRun() !== null;
  } catch {
    return false;
  }
}

/** The next `count` times after `afterMs`, epoch milliseconds; fewer where there are no more. */
export function nextTimes(schedule: CronSchedule, afterMs: number, count: number): number[] {
  const times: number[] = [];
  for (let at = schedule.next(afterMs); at !== null; at = schedule.next(at)) {
    times.push(at);
    if (times.length >= count) break;
  }
  return times;
}
