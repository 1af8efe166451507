/** What `/healthz` says: whether all parts work, and what was counted. */

import { seconds } from "./seconds.ts";
import type { ChannelView, View } from "./view.ts";

/** The answer; its `status` is `ok` as long as there are no problems. */
export function healthJson(view: View) {
  const problems = view.problems();
  const { hosts, down, total } = view.totals();
  const { refused, journalLinesLost, dropped, udp } = view.counters();
  return {
    status: problems.length === 0 ? "ok" : "degraded",
    problems: problems.map(({ part, message, sinceMs }) => ({
      part,
      message,
      since: sinceMs / 1000,
    })),
    version: view.version,
    uptime: Math.round((view.nowMs() - view.startedMs) / 1000),
    hosts,
    down,
    total,
    alerts: view.alerts()?.counts() ?? null,
    notifications: notificationsJson(view.channels(), view.nowMs()),
    refused,
    journal_lines_lost: journalLinesLost,
    dropped,
    udp: udp === null ? null : {
      port: udp.port,
      received: udp.received,
      kernel_drops: udp.kernelDrops,
      overload_drops: udp.overloadDrops,
      unsent: udp.unsent,
    },
  };
}

function notificationsJson(channels: readonly ChannelView[], nowMs: number) {
  const oldestMs = Math.min(...channels.map((channel) => channel.oldestMs ?? Infinity));
  return {
    waiting: channels.reduce((sum, { waiting }) => sum + waiting, 0),
    oldest: seconds(oldestMs === Infinity ? null : Math.max(0, nowMs - oldestMs)),
    failing: channels.flatMap(({ name, lastError, failingSinceMs }) =>
      failingSinceMs === null
        ? []
        : [{ channel: name, error: lastError, since: seconds(failingSinceMs) }]
    ),
  };
}
