/**
 * How often beats are expected and how late they may be: the values that stand both at the top and
 * in hosts.
 */

import { z } from "zod";
import { textSeconds } from "./duration.ts";

const YEAR_S = 31_536_000;

/** What they must be, to follow "must be". */
export const WANTS_INTERVAL =
  `a number of seconds above 0 and at most ${YEAR_S}, a text such as "5m", or "auto"`;
export const WANTS_TOLERANCE = "a number of percent from 0 to 1000";
export const WANTS_GRACE = `a number of seconds from 0 to ${YEAR_S}, or a text such as "20m"`;

const [forInterval, forTolerance, forGrace] = [WANTS_INTERVAL, WANTS_TOLERANCE, WANTS_GRACE]
  .map((wants) => ({ error: `must be ${wants}` }));

/** What is written as `1h30m`, in seconds. */
const inSeconds = (value: unknown) => {
  const seconds = typeof value === "string" ? textSeconds(value) : NaN;
  return Number.isNaN(seconds) ? value : seconds;
};

/** Seconds between beats, or learned. */
export const interval = z.preprocess(
  inSeconds,
  z.union(
    [z.literal("auto"), z.number().positive(forInterval).max(YEAR_S, forInterval)],
    forInterval,
  ),
);
/** Percent of the interval. */
export const tolerance = z.number(forTolerance).min(0, forTolerance).max(1000, forTolerance);
/** Seconds. */
export const grace = z.preprocess(
  inSeconds,
  z.number(forGrace).min(0, forGrace).max(YEAR_S, forGrace),
);
