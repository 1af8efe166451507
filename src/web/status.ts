/** The plain answer to a GET on any path: the server runs, and how its hosts are. */

import type { Totals } from "../monitor/snapshot.ts";
import { isEncrypted } from "./client_address.ts";
import { formatDuration } from "../config/duration.ts";
import type { View } from "./view.ts";

/** How the server is spoken to. */
export type Scheme = "http" | "https";

/** The plain text for who must log in first: that the server runs, and no more. */
export function lockedText(): string {
  return "Heartbeat is running. To see more, log in.\n";
}

/**
 * The plain text.
 *
 * @param totals of the hosts that the asker may see
 * @param isWhole these are all; only then what concerns the server is told
 * @param curl the line that sends a beat, as the asker reaches the server
 */
export function statusText(view: View, totals: Totals, isWhole: boolean, curl: string): string {
  const problems = isWhole ? view.problems() : [];
  const lines = [
    `Heartbeat ${view.version}`,
    "",
    `port       ${view.port()}${udpText(view)}`,
    `uptime     ${formatDuration(view.nowMs() - view.startedMs)}`,
    `hosts      ${totals.hosts} (${totals.down} down)`,
    `beats      ${totals.total} (${totals.late} late, ${totals.missed} missed)`,
    `stability  ${totals.stability === null ? "-" : `${totals.stability} %`}`,
    `last beat  ${
      totals.lastBeatMs === null
        ? "-"
        : `${formatDuration(view.nowMs() - totals.lastBeatMs)} ago from ${totals.lastClient}`
    }`,
    ...(isWhole ? lostLines(view) : []),
    ...problems.map(({ part, message }) => `PROBLEM    ${part}: ${message}`),
    "",
    "Send a beat:",
    `  ${curl}`,
    "",
  ];
  return lines.join("\n");
}

function udpText(view: View): string {
  const { udp } = view.counters();
  return udp === null ? "" : `, UDP ${udp.port}`;
}

/** What was lost on the way in, where something was. */
function lostLines(view: View): string[] {
  const { udp } = view.counters();
  const lost = (udp?.kernelDrops ?? 0) + (udp?.overloadDrops ?? 0);
  return lost === 0 ? [] : [`LOST       ${lost} datagrams: see docs/DEPLOY.md, socket buffer`];
}

/** The command that sends a beat to this server, as who asks reaches it. */
export function beatLine(request: Request, remoteAddr: Deno.Addr, view: View): string {
  const { trustedProxies } = view.config().web;
  const scheme = isEncrypted(request, remoteAddr, trustedProxies) ? "https" : "http";
  return curlLine(request.headers.get("host") ?? `localhost:${view.port()}`, scheme);
}

/** The command that sends a beat to the server reached under `host` (name and port). */
export function curlLine(host: string, scheme: Scheme = "http"): string {
  const safe = host.replace(/[^\w.:[\]-]/g, "");
  return `curl -d '{"name":"my-device"}' ${scheme}://${safe}/`;
}
