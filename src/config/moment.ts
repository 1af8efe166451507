/**
 * Moments as people write them on the command line: `2026-11-01T22:00` and dates (local time, or
 * that of a `Z` or offset behind it), seconds since 1970, `now`, or how long ago: `30d`, `2h`,
 * `1h30m`.
 */

import { textSeconds } from "./duration.ts";

/** What is right, for errors. */
export const MOMENT_WANTS =
  'a time like "2026-11-01T22:00", a date, seconds since 1970, or how long ago: "2h", "30d"';

const CALENDAR =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/i;

/** Later than any time that can be meant, seconds: 9999-12-31. */
const LAST_S = 253_402_300_799;

/** Reads a moment. Returns epoch milliseconds, or null when `text` is none. */
export function parseMoment(text: string, nowMs: number): number | null {
  if (text === "now") return nowMs;
  if (/^\d{6,12}(\.\d{1,9})?$/.test(text)) {
    const atS = Number(text);
    return atS <= LAST_S ? Math.round(atS * 1000) : null;
  }
  const agoS = textSeconds(text);
  if (Number.isFinite(agoS)) return nowMs - agoS * 1000;
  return calendarMs(text);
}

function calendarMs(text: string): number | null {
  const [, year, month, day, hour = "00"] = CALENDAR.exec(text) ?? [];
  if (year === undefined || Number(hour) > 23) return null;
  // JavaScript takes 31 February for 3 March.
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return null;
  // A date alone is midnight here, not in Greenwich.
  const iso = text.length === 10 ? `${text}T00:00` : text.replace(" ", "T");
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? null : ms;
}
