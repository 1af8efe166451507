/**
 * How states of hosts look: a mark that differs by its shape, too, a word and a colour; and what is
 * expected of a host.
 */

import type { State } from "./feed_message.ts";
import { rhythm } from "./format.ts";
import type { HostRow } from "./hosts.ts";
import type { Style } from "./line.ts";

export interface Look {
  readonly mark: string;
  readonly word: string;
  readonly style: Style;
}

/** The look of each state. */
export const LOOKS: Readonly<Record<State, Look>> = {
  up: { mark: "●", word: "up", style: "green" },
  down: { mark: "⚠", word: "DOWN", style: "alarm" },
  new: { mark: "·", word: "new", style: "cyan" },
  paused: { mark: "‖", word: "paused", style: "dim" },
  shutdown: { mark: "○", word: "shutdown", style: "dim" },
};

/** The look of a host; one that beats may be in alert. */
export function lookOf({ state, worst }: HostRow): Look {
  if (state !== "up" || worst === null) return LOOKS[state];
  return { mark: "⚠", word: worst.toLowerCase(), style: worst === "CRITICAL" ? "red" : "yellow" };
}

/** True when a beat should have come by now. A host that says that it fails may still be in time. */
export function isOverdue({ state, deadlineS, failure }: HostRow, nowMs: number): boolean {
  if (state === "down" && failure === null) return true;
  const isAwaited = state === "up" || state === "down";
  return isAwaited && deadlineS !== null && nowMs > deadlineS * 1000;
}

/** How often it is to beat. */
export function expectation({ cron, intervalS, graceS }: HostRow): string {
  return cron ?? rhythm(intervalS, graceS);
}

/** Intervals of a bar: higher is better, so that it can be read without colours. */
const INTERVALS: Readonly<Record<string, readonly [shape: string, style: Style]>> = {
  o: ["▆", "green"],
  l: ["▃", "yellow"],
  m: ["▁", "red"],
  d: ["·", "dim"],
};

/** The parts of a bar, equal neighbours together. */
export function barParts(bar: string): readonly (readonly [text: string, style: Style])[] {
  return [...bar.matchAll(/(.)\1*/g)].map(([run, letter = ""]) => {
    const [shape, style] = INTERVALS[letter] ?? ["·", "dim"];
    return [shape.repeat(run.length), style];
  });
}
