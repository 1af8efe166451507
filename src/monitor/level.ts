/** How bad something is. */

/**
 * `UNKNOWN` is what a Nagios check says that could not look (its exit code 3): nothing is known to
 * be wrong, but nobody knows, which is as worth a look as a warning.
 */
export type Level = "OK" | "WARNING" | "UNKNOWN" | "CRITICAL";

const RANKS: Readonly<Record<Level, number>> = { OK: 0, WARNING: 1, UNKNOWN: 1, CRITICAL: 2 };

/** True when `a` is worse than `b`. */
export function isWorse(a: Level, b: Level): boolean {
  return RANKS[a] > RANKS[b];
}
