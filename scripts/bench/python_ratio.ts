/**
 * `python_ratio`: durable JSON beats a second ÷ those of the Python logger that hbd replaces.
 *
 * The other side is `python_logger.py`, an equivalent on the standard library's http.server: it
 * parses the JSON, appends a line to a file, flushes it and answers, without judging anything or
 * keeping hosts. Of the ways to run it the fastest was taken (see there); its log of requests on
 * standard error is off. Both sides are loaded in turns in the same run: see `rates.ts`.
 */

import type { Figure } from "./harness.ts";
import { type Rates, ratio } from "./rates.ts";

const WANTED = 10;

export function pythonRatio(rates: Rates): Figure | null {
  return rates.python && ratio("python_ratio", rates.hbd, rates.python, WANTED, rates);
}
