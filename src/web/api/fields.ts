/** Pieces of which the schemas of queries and answers are made, with words for the documents. */

import { z } from "zod";
import { parseDuration } from "../../config/duration.ts";

/** A time in an answer. */
export const time = z.number().meta({ description: "Seconds since 1970 (UTC)" });

/** A duration in an answer. */
export const duration = z.number().meta({ description: "Seconds" });

/** A count in an answer. */
export const count = z.int().min(0);

/** A share in an answer. */
export const percent = z.number().min(0).max(100).nullable();

/** The name of a host. */
export const hostName = z.string();

/** One of these texts, in a query. */
export function oneOf<const T extends readonly [string, ...string[]]>(known: T) {
  return z.enum(known, { error: `must be one of ${known.join(", ")}` });
}

/** A whole number from `min` to `max`, in a query. */
export function wholeNumber(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.coerce.number({ error }).int({ error }).min(min, { error }).max(max, { error });
}

/** How many a page holds, in a query. */
export function pageSize(standard: number, most: number) {
  return wholeNumber(1, most).default(standard).meta({ description: "How many, at most" });
}

/** Where a page begins, in a query. */
export const cursor = z.string().max(1000).meta({
  description: "The `next` of the page before, with the rest of the query as it was there",
});

/** Where the next page begins, in an answer. */
export const next = z.string().nullable().meta({
  description: "The `cursor` of the next page; null: this is the last one",
});

/** A duration in the body of a request; gives milliseconds. */
export const durationField = z.unknown().transform((value, context): number => {
  const parsed = parseDuration(value);
  if (parsed.ok) return parsed.ms;
  context.addIssue({ code: "custom", message: parsed.problem });
  return z.NEVER;
}).meta({ description: 'A number of seconds, or a text such as "90s", "15m", "2h" or "7d"' });

/** Some words of a person, in the body of a request. */
export const words = z.string().max(500, "must have at most 500 characters")
  .transform((text) => text.toWellFormed()).default("");

/** A text, of answers that are not JSON. */
export const plainText = z.string();
