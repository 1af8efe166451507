/** A duration as a field of a request's body. */

import { z } from "zod";
import { parseDuration } from "./duration.ts";

/** Reads what `parseDuration` does, and gives milliseconds. */
export const durationField: z.ZodType<number> = z.unknown().transform((value, context) => {
  const parsed = parseDuration(value);
  if (parsed.ok) return parsed.ms;
  context.addIssue({ code: "custom", message: parsed.problem });
  return z.NEVER;
});
