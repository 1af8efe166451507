/**
 * `python_ratio`: durable JSON beats a second ÷ those of the Python logger that hbd replaces.
 *
 * The other side is `python_logger.py`, an equivalent on the standard library's http.server: it
 * parses the JSON, appends a line to a file, flushes it and answers, without judging anything or
 * keeping hosts. It runs in two ways: as http.server comes (HTTP/1.0, a connection a request), which
 * is what is replaced and counts, and tuned (connections kept alive, an answer in one write), which is
 * shown beside it. The log of requests on standard error is off. All sides are loaded in turns in the
 * same run: see `rates.ts`.
 */

import type { Figure } from "./harness.ts";
import { type Rates, ratio } from "./rates.ts";

const WANTED = 10;

export function pythonRatio(rates: Rates): Figure | null {
  if (rates.python === null) return null;
  const { tuned, plain } = rates.python;
  const figure = ratio("python_ratio", rates.hbd, plain, WANTED, rates);
  const againstTuned = ratio("", rates.hbd, tuned, WANTED, rates);
  return {
    ...figure,
    notes: [...figure.notes, `against the tuned one: ${againstTuned.measured} (${tuned})`],
  };
}
