/** What the doors of other servers' dialects may ask about hosts, from the monitor. */

import type { HostDirectory, SpeakingHost } from "./doors/dialect.ts";
import type { Monitor } from "./monitor/monitor.ts";
import type { HostSnapshot } from "./monitor/snapshot.ts";

/** The directory of the hosts that `monitor` knows. */
export function hostDirectory(
  monitor: Pick<Monitor, "host" | "knows" | "speaking">,
  nowMs: () => number,
): HostDirectory {
  return {
    isKnown: (host) => monitor.knows(host),
    hasFailed: (host) => (monitor.host(host)?.report?.failure ?? null) !== null,
    find(dialect, name) {
      const host = monitor.host(name);
      return host?.report?.dialect === dialect ? speakingHost(host, nowMs()) : null;
    },
    *speaking(dialect) {
      for (const host of monitor.speaking(dialect)) yield speakingHost(host, nowMs());
    },
  };
}

function speakingHost(host: HostSnapshot, nowMs: number): SpeakingHost {
  const { name, intervalMs, graceMs, deadlineMs } = host;
  const isWaitedFor = deadlineMs !== null && intervalMs !== null && graceMs !== null;
  const silenceMs = isWaitedFor ? Math.max(0, nowMs - (deadlineMs - intervalMs - graceMs)) : null;
  return { name, silenceMs, intervalMs };
}
