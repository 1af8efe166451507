/**
 * What the server says of one of its own parts. The functions that come to it are pure: they get
 * the figures and the time, and are told what was said before where that counts.
 */

import type { Level } from "../monitor/level.ts";

/** How a part of the server fares. */
export interface Verdict {
  /** `journal`, `disk`, `notifications` …: the alert is about it. */
  readonly part: string;
  readonly level: Level;
  /** What is wrong and where to look, in one line; may be empty when the level is OK. */
  readonly message: string;
}

/** `1 name`, `3 names`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The first of `items`, and how many more there are. */
export function listed(items: readonly string[], shown = 5): string {
  const rest = items.length - shown;
  return items.slice(0, shown).join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}
