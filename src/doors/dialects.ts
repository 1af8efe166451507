/** All dialects, and which of them a request is in. */

import { alertmanager } from "./alertmanager.ts";
import { cronitor } from "./cronitor.ts";
import type { Dialect } from "./dialect.ts";
import { healthchecks } from "./healthchecks.ts";
import { hilbert } from "./hilbert.ts";
import { nrdp } from "./nrdp.ts";
import { uptimeKuma } from "./uptime_kuma.ts";

const DIALECTS: readonly Dialect[] = [
  hilbert,
  healthchecks,
  uptimeKuma,
  cronitor,
  alertmanager,
  nrdp,
];

/**
 * The dialect of a request, or null when it is in none: a beat as any, or a question.
 *
 * @param path as it was sent, without the query
 */
export function dialectOf(method: string, path: string): Dialect | null {
  // Most beats go to the top, and in no dialect.
  if (path === "/") return null;
  for (const dialect of DIALECTS) if (dialect.speaks(method, path)) return dialect;
  return null;
}
