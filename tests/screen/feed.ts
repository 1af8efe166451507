/** Messages of the live updates, as a server would send them, for tests of the screen. */

/** 2026-03-28 14:03:12 in the time zone of the machine. */
export const NOW_MS = new Date(2026, 2, 28, 14, 3, 12).getTime();
const NOW_S = NOW_MS / 1000;

/** A host that beat 3 s ago, as the API tells it. */
export function hostJson(name: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    name,
    state: "up",
    total: 1234,
    late: 2,
    missed: 1,
    stability: 99.8,
    interval: 10,
    grace: 2,
    last_beat: NOW_S - 3,
    deadline: NOW_S + 9,
    bar: "ooooolom",
    addresses: ["192.168.1.5"],
    rtt: 0.8,
    worst: null,
    paused_until: null,
    ...more,
  };
}

export function messageJson(
  seq: number,
  host: string,
  message: string,
  more: Readonly<Record<string, unknown>> = {},
) {
  const beat = { seq, timestamp: NOW_S, host, source_ip: "192.168.1.5", late: false, message };
  return { ...beat, ...more };
}

export function alertJson(id: string, host: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    id,
    kind: "down",
    host,
    level: "CRITICAL",
    stale: false,
    since: NOW_S,
    ended: null,
    text: `${host} - no heartbeat for 13s (expected every 10s, 2s grace)`,
    ...more,
  };
}

export function summaryJson(states: Readonly<Record<string, number>>) {
  const hosts = Object.values(states).reduce((sum, one) => sum + one, 0);
  return { hosts, states, beats_per_s: 0.5, problems: [] };
}

/** A snapshot with these hosts. */
export function snapshot(
  hosts: readonly ReturnType<typeof hostJson>[],
  more: Readonly<Record<string, unknown>> = {},
): string {
  return JSON.stringify({
    type: "hosts",
    time: NOW_S,
    server: { name: "box", version: "0.1.0" },
    messages: [],
    alerts: [],
    summary: summaryJson({ up: hosts.length }),
    more: false,
    hosts,
    ...more,
  });
}

/** A message of another type. */
export function push(type: string, fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ type, time: NOW_S, ...fields });
}
