/** The evidence of a host's silence, as the watch has it. */

import type { HostEvent } from "../events.ts";
import type { Watch } from "../watch.ts";
import type { SilenceEvidence } from "./record.ts";

/** What is known of the silence of `row` at `nowMs`. */
export function silenceOf(watch: Watch, row: number, nowMs: number): SilenceEvidence {
  const rhythm = watch.rhythm(row);
  // Of a host that was paused the silence may begin only later.
  const silenceMs = Math.max(0, watch.listening.at(nowMs) - watch.waitingSince(row, rhythm));
  return evidenceOf(watch, row, {
    silenceMs,
    missed: watch.hosts.missedNow[row] ?? 0,
    intervalMs: rhythm?.intervalMs ?? null,
    graceMs: rhythm?.graceMs ?? null,
    atMs: nowMs,
  });
}

/** What `event` says, with what is known of its host. */
export function evidenceOf(
  watch: Watch,
  row: number,
  { silenceMs, missed, intervalMs, graceMs, atMs }: Pick<
    HostEvent,
    "silenceMs" | "missed" | "intervalMs" | "graceMs" | "atMs"
  >,
): SilenceEvidence {
  const { hosts } = watch;
  const lastBeatMs = (hosts.total[row] ?? 0) > 0 ? hosts.lastBeatMs[row] ?? null : null;
  const deadlineMs = intervalMs === null ? null : atMs - silenceMs + intervalMs + (graceMs ?? 0);
  return {
    kind: "silence",
    lastBeatMs,
    intervalMs,
    graceMs,
    deadlineMs,
    ...(deadlineMs !== null && watch.rhythm(row)?.due !== undefined &&
      { dueMs: deadlineMs - (graceMs ?? 0) }),
    lookedMs: atMs,
    silenceMs,
    excludedMs: lastBeatMs === null ? 0 : Math.max(0, atMs - lastBeatMs - silenceMs),
    missed,
    address: hosts.latestAddress(row),
    gapsMs: hosts.gaps(row),
  };
}
