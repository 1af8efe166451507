/** An alert as the API tells it, with everything that is known of why it fired. */

import type { AlertRecord, Evidence } from "../monitor/alerts/record.ts";
import { seconds } from "./seconds.ts";

/** A JSON value: times are epoch seconds, durations seconds. */
export function alertJson(alert: AlertRecord, isPaused: boolean) {
  const { told, ack } = alert;
  return {
    id: alert.id,
    kind: alert.kind,
    host: alert.host,
    metric: alert.metric,
    level: alert.level,
    worst: alert.worst,
    stale: alert.isStale,
    since: seconds(alert.sinceMs),
    ended: seconds(alert.endedMs),
    text: alert.text,
    evidence: evidenceJson(alert.evidence),
    told: told === null
      ? null
      : { level: told.level, time: seconds(told.atMs), channels: told.channels },
    ack: ack === null
      ? null
      : { time: seconds(ack.atMs), until: seconds(ack.untilMs), note: ack.note },
    paused: isPaused,
  };
}

function evidenceJson(evidence: Evidence) {
  switch (evidence.kind) {
    case "silence":
      return {
        kind: evidence.kind,
        last_beat: seconds(evidence.lastBeatMs),
        interval: seconds(evidence.intervalMs),
        grace: seconds(evidence.graceMs),
        deadline: seconds(evidence.deadlineMs),
        ...(evidence.dueMs !== undefined && { due: seconds(evidence.dueMs) }),
        looked: seconds(evidence.lookedMs),
        silence: seconds(evidence.silenceMs),
        excluded: seconds(evidence.excludedMs),
        missed: evidence.missed,
        address: evidence.address,
        gaps: evidence.gapsMs.map(seconds),
      };
    case "report":
      return {
        kind: evidence.kind,
        cause: evidence.cause,
        text: evidence.text,
        at: seconds(evidence.atMs),
      };
    case "reading":
      return {
        kind: evidence.kind,
        value: evidence.value,
        threshold: evidence.threshold,
        operator: evidence.operator,
        values: evidence.values.map(({ atMs, value }) => ({ time: seconds(atMs), value })),
        stale_after: seconds(evidence.staleAfterMs),
      };
    case "trouble":
      return { kind: evidence.kind, message: evidence.message };
    case "flapping":
      return { kind: evidence.kind, changes: evidence.changesMs.map(seconds) };
    case "incident":
      return {
        kind: evidence.kind,
        cause: evidence.cause,
        looked: seconds(evidence.lookedMs),
        silent: known(evidence.silent),
        beating: known(evidence.beating),
        window: seconds(evidence.windowMs),
        total: known(evidence.total),
        down: known(evidence.down),
        hosts: evidence.hosts,
      };
  }
}

/** What the asker may not know is NaN: see `own_alert.ts`. */
function known(count: number): number | null {
  return Number.isNaN(count) ? null : count;
}
