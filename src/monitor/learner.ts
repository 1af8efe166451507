/**
 * `interval: auto`: the rhythm of a host, learned from the gaps between its last beats.
 *
 * The learned interval is the largest gap but one of the last five. The largest is left out
 * because it may be a lost beat. What remains is on the long side of the host's jitter, so that an
 * uneven sender gives no false alarm, and a new rhythm is followed after two beats (slower) or four
 * (faster).
 */

/** Gaps remembered for each host. */
export const GAPS_KEPT = 5;

/** Gaps that must be known before there is an interval, and so an alarm. */
export const GAPS_NEEDED = 3;

/** Shortest interval that is ever learned: below it, scheduling noise would look like silence. */
const SHORTEST_MS = 1000;

/**
 * Interval in milliseconds learned from the gaps at `from` up to, not including, `to` (in any
 * order), or null while too few are known.
 */
export function learnedIntervalMs(
  gaps: ArrayLike<number>,
  from = 0,
  to = gaps.length,
): number | null {
  if (to - from < GAPS_NEEDED) return null;
  let largest = 0;
  let second = 0;
  for (let i = from; i < to; i++) {
    const gap = gaps[i] ?? 0;
    if (gap > largest) {
      second = largest;
      largest = gap;
    } else if (gap > second) {
      second = gap;
    }
  }
  return Math.max(SHORTEST_MS, second);
}
