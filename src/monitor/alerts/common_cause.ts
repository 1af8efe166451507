/**
 * Whether hosts that fell silent have one cause: many of all that should have beaten since then did
 * not, or all behind one address or of one group.
 *
 * The question is asked about the time since the first of them should have beaten. Hosts that are
 * late but still within their grace count as silent, too: so the first host to go overdue in a power
 * cut is already known not to be alone.
 */

import type { HostEvent } from "../events.ts";
import type { Recency } from "./recency.ts";

/** A host that is down. */
export interface Fallen {
  readonly row: number;
  /** When its beat should have come, listening time. */
  readonly expectedMs: number;
  /** With which it was found. */
  readonly event: HostEvent;
}

/** What was seen since `fromMs`, listening time. */
export interface Window {
  readonly fromMs: number;
  /** Hosts that should have beaten and did not. */
  readonly silent: number;
  /** Hosts that did. */
  readonly beating: number;
}

export interface CommonCauseOptions {
  readonly recency: Recency;
  /** Listening time now. */
  readonly nowMs: number;
  /** Hosts that must be silent. */
  readonly least: number;
  /** Share of those that should have beaten, 0 to 1. */
  readonly share: number;
  /** Silent hosts that are known already, and since when; those before the window don't count. */
  readonly known: readonly Fallen[];
  /** Silent hosts of an incident that goes on. */
  readonly members: number;
}

/** Windows tried at most, the longest first. */
const TRIES = 64;

/** A beat may be this late without being missed yet, milliseconds, or this share of the window. */
const SLACK_MS = 500;
const SLACK = 0.25;

const SLOT_MS = 250;

/** The longest window in which the hosts fell silent together, or null. */
export function commonWindow(
  fallen: readonly Fallen[],
  { recency, nowMs, least, share, known, members }: CommonCauseOptions,
): Window | null {
  const slots = new Set(fallen.map(({ expectedMs }) => Math.floor(expectedMs / SLOT_MS)));
  for (const slot of [...slots].sort((a, b) => a - b).slice(0, TRIES)) {
    const fromMs = slot * SLOT_MS;
    const isWithin = ({ expectedMs }: Fallen) => expectedMs >= fromMs;
    const slackMs = Math.max(SLACK_MS, (nowMs - fromMs) * SLACK);
    const late = recency.silent(fromMs, nowMs - slackMs);
    const silent = Math.max(count(fallen, isWithin), late) + count(known, isWithin) + members;
    const beating = recency.beaten(fromMs, nowMs);
    if (silent >= least && silent > share * (silent + beating)) return { fromMs, silent, beating };
  }
  return null;
}

function count<T>(list: readonly T[], test: (item: T) => boolean): number {
  let n = 0;
  for (const item of list) if (test(item)) n++;
  return n;
}
