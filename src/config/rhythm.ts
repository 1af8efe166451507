/**
 * How often beats are expected and how late they may be: the values that stand both at the top and
 * in hosts.
 */

import { z } from "zod";

const YEAR_S = 31_536_000;

/** What they must be, to follow "must be". */
export const WANTS_INTERVAL = `a number of seconds above 0 and at most ${YEAR_S}, or "auto"`;
export const WANTS_TOLERANCE = "a number of percent from 0 to 1000";
export const WANTS_GRACE = `a number of seconds from 0 to ${YEAR_S}`;

/** Seconds between beats, or learned. */
export const interval = z.union([z.literal("auto"), z.number().positive().max(YEAR_S)]);
/** Percent of the interval. */
export const tolerance = z.number().min(0).max(1000);
/** Seconds. */
export const grace = z.number().min(0).max(YEAR_S);
