/**
 * `http_ratio`: durable JSON beats a second ÷ answers a second of a bare `Deno.serve`.
 *
 * hbd is the real program with its defaults (journal on, output into a pipe that is read and
 * dropped): it reads the body, parses it, finds the host among 10,000, judges the beat, writes it to
 * the journal, and only then answers. The other side reads nothing and always answers the same; it
 * is the ceiling of what this runtime can do for the same requests. `rates.ts` says how the two are
 * loaded, and what makes a run count.
 */

import type { Figure } from "./harness.ts";
import { type Rates, ratio } from "./rates.ts";

const WANTED = 0.5;

export function httpRatio(rates: Rates): Figure {
  return ratio("http_ratio", rates.hbd, rates.bare, WANTED, rates);
}
