/** From what the monitor says to what people read: title, body with the evidence, and a link. */

import { duration } from "../monitor/alerts/texts.ts";
import type { Evidence } from "../monitor/alerts/record.ts";
import type { NotifyEvent } from "../monitor/events.ts";
import type { LocalTime } from "../wire/local_time.ts";
import type { Notification } from "./channel.ts";

/** The notification of `event`; `baseUrl` is where people reach this server, or null. */
export function notificationOf(
  event: NotifyEvent,
  time: LocalTime,
  baseUrl: string | null,
): Notification {
  const { seq, atMs, kind, level, host, metric, text, evidence, sinceMs } = event;
  const label = text.slice(0, text.indexOf(":"));
  const lines = [
    text,
    "",
    ...evidenceLines(evidence, time),
    kind === "recovery" ? `It began: ${time.spaced(sinceMs)}` : `Since: ${time.spaced(sinceMs)}`,
  ];
  return {
    id: `hb-${atMs}-${seq}`,
    kind,
    level,
    host,
    metric,
    title: `[${label}] ${host}`,
    body: lines.join("\n"),
    url: baseUrl === null ? null : baseUrl + pageOf(event),
    atMs,
  };
}

/** What is sent to try a channel. */
export function testNotification(
  channel: string,
  hostname: string,
  baseUrl: string | null,
  nowMs: number,
): Notification {
  return {
    id: `hb-test-${nowMs}`,
    kind: "test",
    level: "WARNING",
    host: hostname,
    metric: null,
    title: `[TEST] ${hostname}`,
    body: `TEST: this is how ${hostname} notifies you by the channel "${channel}".\n\n` +
      `Nothing is wrong: somebody tried it.`,
    url: baseUrl,
    atMs: nowMs,
  };
}

function pageOf({ evidence, host }: NotifyEvent): string {
  const isHost = evidence.kind !== "incident" && evidence.kind !== "trouble";
  return isHost ? `/plugins/${encodeURIComponent(host)}` : "/alerts";
}

function evidenceLines(evidence: Evidence, time: LocalTime): readonly string[] {
  const at = (ms: number) => time.spaced(ms);
  switch (evidence.kind) {
    case "silence": {
      const { lastBeatMs, address, intervalMs, graceMs, deadlineMs, dueMs, gapsMs } = evidence;
      const { lookedMs, silenceMs, excludedMs } = evidence;
      const from = address === "" ? "" : ` from ${address}`;
      return [
        `Last heartbeat: ${lastBeatMs === null ? "never" : at(lastBeatMs) + from}`,
        ...(intervalMs === null || deadlineMs === null ? [] : [
          `Due by: ${at(deadlineMs)} (` +
          (dueMs === undefined ? `every ${duration(intervalMs)}` : at(dueMs)) +
          `, ${duration(graceMs ?? 0)} grace)`,
        ]),
        `Looked at: ${at(lookedMs)}, silent for ${duration(silenceMs)}`,
        ...(excludedMs >= 1000 ? [`Not counted: ${duration(excludedMs)} (deaf or paused)`] : []),
        ...(gapsMs.length === 0 ? [] : [`Gaps before: ${gapsMs.map(duration).join(", ")}`]),
      ];
    }
    case "report":
      return [`Noticed: ${at(evidence.atMs)}`];
    case "reading": {
      const { operator, threshold, values } = evidence;
      return [
        ...(threshold === null ? [] : [`Threshold: ${operator} ${threshold}`]),
        "Last values:",
        ...values.map(({ atMs, value }) => `  ${at(atMs)}  ${value}`),
      ];
    }
    case "incident": {
      const { lookedMs, silent, beating, windowMs, total, down, hosts } = evidence;
      return [
        `Looked at: ${at(lookedMs)}: in ${duration(windowMs)}, ${silent} of ` +
        `${silent + beating} that should have beaten were silent`,
        `Hosts so far: ${total}, of which ${down} are down`,
        ...hosts.map((host) => `  ${host}`),
        ...(total > hosts.length ? [`  and ${total - hosts.length} more`] : []),
      ];
    }
    case "flapping":
      return ["Changes:", ...evidence.changesMs.map((ms) => `  ${at(ms)}`)];
    case "trouble":
      return evidence.message === "" ? [] : [evidence.message];
  }
}
