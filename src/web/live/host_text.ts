/**
 * A host as the texts that go to dashboards: what a beat changes, and all of it. Made once for
 * everybody who sees it.
 *
 * Which of the two is needed tells the `mark`: it stays while a beat changed nothing but what beats
 * change. `connections` is no part of it, since all in it that changes is told elsewhere.
 */

import type { HostSnapshot } from "../../monitor/snapshot.ts";
import { hostJson } from "../host_json.ts";
import type { View } from "../view.ts";

/** One host, told in two ways. */
export interface HostText {
  /** Its name and what beats change. */
  readonly part: string;
  /** Everything; also what is left out elsewhere is there, as null. */
  readonly whole: string;
  /** Changes when `part` is not enough. */
  readonly mark: number;
}

/** The texts of `host`, JSON objects. */
export function hostText(
  view: Pick<View, "config" | "access" | "alerts" | "nowMs">,
  host: HostSnapshot,
): HostText {
  const {
    name,
    state,
    total,
    late,
    missed,
    stability,
    interval,
    grace,
    last_beat,
    deadline,
    rtt,
    bar,
    rtts,
    loss,
    lost,
    duplicates,
    reordered,
    clock_skew,
    report,
    connections,
    paused_until = null,
    ...rest
  } = hostJson(view, host, view.nowMs());
  const counts = { total, late, missed, stability };
  // An interval that is learned changes a little with each beat.
  const beat = { name, state, ...counts, interval, grace, last_beat, deadline, rtt, bar };
  const client = { rtts, loss, lost, duplicates, reordered, clock_skew };
  const tellsOfItself = host.client !== null;
  const reports = report !== null;
  const part = JSON.stringify({
    ...beat,
    ...(tellsOfItself && client),
    ...(reports && { report }),
  });
  const restText = JSON.stringify({ paused_until, ...rest }).slice(1, -1);
  const more = JSON.stringify({
    ...(!tellsOfItself && client),
    ...(!reports && { report }),
    connections,
  });
  return {
    part,
    whole: `${part.slice(0, -1)},${restText},${more.slice(1)}`,
    mark: markOf(`${state} ${tellsOfItself} ${reports} ${restText}`),
  };
}

/** FNV-1a over the text, 32 bits. */
function markOf(text: string): number {
  let mark = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    mark = Math.imul(mark ^ text.charCodeAt(at), 0x01000193);
  }
  return mark >>> 0;
}
