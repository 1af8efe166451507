/**
 * The hours of a host as the cells of a strip (hours, quarters of a day, or days in the viewer's
 * zone), each with how long it was up, down, and how long nobody knows. Pure.
 */

import { clockTime, duration, percent } from "../format.ts";
import type { Hour, Period } from "./types.ts";

export interface Cell {
  /** Epoch seconds; `end` is not in it. */
  readonly start: number;
  readonly end: number;
  /** Seconds. */
  readonly up: number;
  readonly down: number;
  /** What is left: not watched, paused, or the server was deaf. */
  readonly unknown: number;
}

const HOUR_S = 3600;

/** Cells of each period and how many hours each has; days follow the viewer's midnight. */
const CELLS: Readonly<Record<Period, readonly [number, number]>> = {
  "24h": [24, 1],
  "7d": [28, 6],
  "30d": [30, 24],
  "90d": [90, 24],
};

/** Days of history that a period needs. */
export const PERIOD_DAYS: Readonly<Record<Period, number>> = {
  "24h": 2,
  "7d": 8,
  "30d": 31,
  "90d": 91,
};

/** Words for a period. */
export const PERIOD_WORDS: Readonly<Record<Period, string>> = {
  "24h": "24 hours",
  "7d": "7 days",
  "30d": "30 days",
  "90d": "90 days",
};

/** The cells of `period` up to now, the oldest first; the last one is still going on. */
export function cellsOf(hours: readonly Hour[], period: Period, nowS: number): readonly Cell[] {
  const edges = edgesOf(period, nowS);
  const sums = edges.slice(1).map(() => ({ up: 0, down: 0 }));
  for (const hour of hours) {
    const at = edges.findLastIndex((edge) => edge <= hour.start);
    const sum = sums[at];
    if (sum === undefined) continue;
    sum.up += hour.up;
    sum.down += hour.down;
  }
  return sums.map(({ up, down }, i) => {
    const start = edges[i] ?? 0;
    const end = Math.min(edges[i + 1] ?? start, nowS);
    return { start, end, up, down, unknown: Math.max(0, end - start - up - down) };
  });
}

/** `3 Nov, 14:00 to 15:00: up 58 min, down 2 min`. */
export function cellText({ start, end, up, down, unknown }: Cell, nowS: number): string {
  const parts = [
    up >= 1 ? `up ${duration(Math.round(up))}` : "",
    down >= 1 ? `down ${duration(Math.round(down))}` : "",
    unknown >= 1 ? `not known ${duration(Math.round(unknown))}` : "",
  ].filter((part) => part !== "");
  const short = (timeS: number) => clockTime(timeS, nowS).replace(/:\d\d$/, "");
  return `${short(start)} to ${short(end)}: ${parts.join(", ") || "nothing"}`;
}

/** What the strip shows, for who does not see it: each cell with a downtime, the first ten. */
export function stripText(cells: readonly Cell[], nowS: number): string {
  const bad = cells.filter(({ down }) => down >= 1);
  const unknown = cells.filter((cell) => cell.unknown > (cell.end - cell.start) / 2).length;
  const known = unknown === 0 ? "" : ` ${unknown} of ${cells.length} parts are mostly not known.`;
  if (bad.length === 0) return `No downtime.${known}`;
  const more = bad.length > 10 ? `; and ${bad.length - 10} more` : "";
  return `Downtime: ${bad.slice(0, 10).map((cell) => cellText(cell, nowS)).join("; ")}${more}.` +
    known;
}

/** `all of it known`, `40 % of it not known`. `share` of what is not known, 0 to 1. */
export function knownText(share: number): string {
  if (share >= 1) return "nothing is known yet";
  if (share > 0.99) return "less than 1 % of it known";
  if (share < 0.0005) return "all of it known";
  return `${percent(share * 100)} of it not known`;
}

function edgesOf(period: Period, nowS: number): readonly number[] {
  const [count, hours] = CELLS[period];
  if (hours < 24) {
    const step = hours * HOUR_S;
    const zoneS = hours === 1 ? 0 : new Date(nowS * 1000).getTimezoneOffset() * 60;
    const end = Math.floor((nowS - zoneS) / step) * step + zoneS + step;
    return Array.from({ length: count + 1 }, (_, i) => end - (count - i) * step);
  }
  const midnight = new Date(nowS * 1000);
  midnight.setHours(0, 0, 0, 0);
  return Array.from({ length: count + 1 }, (_, i) => {
    const day = new Date(midnight);
    // Not all days have 24 hours.
    day.setDate(day.getDate() + 1 - (count - i));
    return day.getTime() / 1000;
  });
}
