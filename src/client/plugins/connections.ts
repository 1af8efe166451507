/**
 * How many TCP connections there are, in the states people ask about, and how many UDP sockets.
 *
 * Linux tells the sums in /proc/net/sockstat, which costs nothing, and the states only in a table
 * of all connections. On a machine with very many of them that table takes seconds of the kernel's
 * time, so there the sums must do.
 */

import type { System } from "../plugin.ts";
import { known } from "./numbers.ts";
import { outputOptional, readOptional } from "./outside.ts";

/** With more sockets than this the tables are not read. */
const MOST_SOCKETS = 20_000;

/** States as in the table of Linux (include/net/tcp_states.h), by hexadecimal number. */
const LINUX_STATES: Readonly<Record<string, string>> = {
  "01": "ESTABLISHED",
  "06": "TIME_WAIT",
  "08": "CLOSE_WAIT",
  "0A": "LISTEN",
};

/** Counts, ready for the wire: `tcp` in all states, some states, `udp`; undefined when unknown. */
export type Connections = Readonly<Record<string, unknown>> | undefined;

/** Counts the connections of this machine. */
export async function countConnections(system: System, signal: AbortSignal): Promise<Connections> {
  if (system.os === "linux") return await countOnLinux(system);
  if (system.os === "windows") return undefined;
  const text = await outputOptional(system, ["netstat", "-an", "-p", "tcp"], signal);
  const states = parseNetstatStates(text);
  return states.length === 0 ? undefined : countStates(states);
}

async function countOnLinux(system: System): Promise<Connections> {
  const sums = parseSockstat(
    await readOptional(system, "/proc/net/sockstat"),
    await readOptional(system, "/proc/net/sockstat6"),
  );
  if (sums !== undefined && sums.tcp > MOST_SOCKETS) return sums;
  const tables = await readOptional(system, "/proc/net/tcp") +
    await readOptional(system, "/proc/net/tcp6");
  if (tables === "") return sums;
  return known({ ...countStates(parseTcpTable(tables)), udp: sums?.udp });
}

/** The sums in /proc/net/sockstat and sockstat6; undefined when the first is not there. */
export function parseSockstat(
  sockstat: string,
  sockstat6: string,
): { readonly tcp: number; readonly tcp_time_wait: number; readonly udp: number } | undefined {
  const text = `${sockstat}\n${sockstat6}`;
  const value = (protocol: string, key: string) => {
    const [, number] = new RegExp(`^${protocol}:.*\\b${key} (\\d+)`, "m").exec(text) ?? [];
    return Number(number ?? 0);
  };
  if (!/^TCP:/m.test(sockstat)) return undefined;
  // Connections in TIME_WAIT are of both versions of IP, and are not in use.
  const timeWait = value("TCP", "tw");
  return {
    tcp: value("TCP", "inuse") + value("TCP6", "inuse") + timeWait,
    tcp_time_wait: timeWait,
    udp: value("UDP", "inuse") + value("UDP6", "inuse"),
  };
}

/** The states in /proc/net/tcp, /proc/net/tcp6, or both one after the other. */
export function parseTcpTable(text: string): string[] {
  const rows = text.matchAll(/^\s*\d+: [\dA-F]+:[\dA-F]{4} [\dA-F]+:[\dA-F]{4} ([\dA-F]{2}) /gm);
  return [...rows].map(([, state = ""]) => LINUX_STATES[state] ?? "OTHER");
}

/** The states in the output of `netstat -an -p tcp` of macOS. */
export function parseNetstatStates(text: string): string[] {
  return [...text.matchAll(/^tcp.*\s([A-Z][A-Z_0-9]+)\s*$/gm)].map(([, state = ""]) => state);
}

function countStates(states: readonly string[]): Readonly<Record<string, number>> {
  const count = (wanted: string) => states.filter((state) => state === wanted).length;
  return {
    tcp: states.length,
    tcp_established: count("ESTABLISHED"),
    tcp_listen: count("LISTEN"),
    tcp_time_wait: count("TIME_WAIT"),
    tcp_close_wait: count("CLOSE_WAIT"),
  };
}
