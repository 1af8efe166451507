/** The last intervals of a host in words, and how the next beat stands. Pure. */

import { duration, plural } from "../format.ts";
import type { State } from "../types.ts";

export const BAR_KINDS = ["o", "l", "m", "d"] as const;
export type BarKind = (typeof BAR_KINDS)[number];

/** Words for the legend. */
export const BAR_WORDS: Readonly<Record<BarKind, string>> = {
  o: "on time",
  l: "late",
  m: "missed",
  d: "not known: the server was not listening",
};

/** `60 intervals: 57 on time, 2 late, 1 missed`. */
export function barText(bar: string): string {
  if (bar === "") return "No interval has passed yet";
  const counts = BAR_KINDS.flatMap((kind) => {
    const times = [...bar].filter((one) => one === kind).length;
    return times === 0 ? [] : [`${times} ${BAR_WORDS[kind]}`];
  });
  return `The last ${plural(bar.length, "interval")}: ${counts.join(", ")}`;
}

export interface Expectation {
  readonly state: State;
  readonly last_beat: number | null;
  readonly deadline: number | null;
  readonly interval: number | null;
  readonly grace: number | null;
}

/** How the next beat stands: `next beat expected in 12 s`, `overdue, 4 s of grace left`. */
export function expectationText(
  { state, last_beat, deadline, grace }: Expectation,
  nowS: number,
): string {
  switch (state) {
    case "new":
      return "Not heard from yet";
    case "shutdown":
      return "It said goodbye; nothing is expected until it beats again";
    case "paused":
      return "Nothing is expected now";
  }
  if (deadline === null) {
    return last_beat === null ? "Not heard from yet" : "Its interval is still to be learned";
  }
  const expected = deadline - (grace ?? 0);
  // It may be down for another reason than its silence.
  if (state === "down" && nowS >= expected) return `Overdue for ${seconds(nowS - expected)}`;
  if (nowS < expected) return `Next beat expected in ${seconds(expected - nowS)}`;
  if (nowS < deadline) return `Beat expected now; ${seconds(deadline - nowS)} of grace left`;
  return "Beat overdue";
}

function seconds(value: number): string {
  return duration(Math.max(0, Math.round(value)));
}
