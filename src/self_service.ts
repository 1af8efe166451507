/** The server about itself: it watches its own parts, and beats to the servers that watch it. */

import type { Health } from "./health.ts";
import type { Heart } from "./heart.ts";
import type { Monitor } from "./monitor/monitor.ts";
import type { Outbox } from "./notify/outbox.ts";
import { SelfBeat } from "./self/beat.ts";
import { SelfWatch, type SelfWatchOptions } from "./self/watch.ts";

export interface SelfParts extends Pick<SelfWatchOptions, "nowMs" | "counters" | "paths"> {
  readonly hostname: string;
  readonly version: string;
  readonly health: Health;
  readonly heart: Heart;
  readonly monitor: Monitor;
  readonly outbox: Outbox;
  /** Names in the DNS that cannot be brought up to date, and why. */
  readonly dnsFailing: ReadonlyMap<string, string>;
}

/** The watch over the server's own parts; it has to be started. */
export function createSelfWatch(parts: SelfParts): SelfWatch {
  const { nowMs, counters, paths, health, heart, outbox, dnsFailing } = parts;
  return new SelfWatch({
    nowMs,
    counters,
    paths,
    problems: () => health.problems(),
    channels: () => outbox.status(),
    dnsFailing: () => [...dnsFailing].map(([name, error]) => ({ name, error })),
    trouble: (part, level, message) =>
      heart.say((monitor, nowMs) => monitor.serverTrouble(part, level, message, nowMs)),
  });
}

/** The server's own heartbeat; it has to be configured and started. */
export function createSelfBeat(parts: SelfParts): SelfBeat {
  const { hostname, version, health, heart, monitor } = parts;
  return new SelfBeat({
    hostname,
    version,
    isAlive: () => heart.isAlive(),
    status() {
      const { hosts, down } = monitor.totals();
      const alerts = { ...monitor.alerts?.counts() };
      return { isDegraded: health.problems().length > 0, hosts, down, alerts };
    },
  });
}
