/** About when the last round trips of a host were measured: one with each beat. Pure. */

import type { Host } from "../types.ts";

/** Epoch seconds, as many as `rtts`; a second apart where no interval is known. */
export function roundTripTimes(
  { rtts, last_beat, interval }: Pick<Host, "rtts" | "last_beat" | "interval">,
): readonly number[] {
  const step = interval ?? 1;
  return rtts.map((_, i) => (last_beat ?? 0) - (rtts.length - 1 - i) * step);
}
