/** Times and durations as the API has them: seconds, to the millisecond. */

/** Milliseconds as seconds; null stays null, and so does what has no end (JSON knows no Infinity). */
export function seconds(ms: number | null): number | null {
  return ms === null || !Number.isFinite(ms) ? null : Math.round(ms) / 1000;
}
