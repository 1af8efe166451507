/** The answer to a GET: the server runs, and these are its hosts. For browsers, and as plain text. */

import { html, raw } from "hono/html";
import css from "../../static/status.css" with { type: "text" };
import type { HostSnapshot, Totals } from "../monitor/snapshot.ts";
import { isEncrypted } from "./client_address.ts";
import type { View } from "./view.ts";

/** Hosts shown on the page; the API has them all. */
const HOSTS_SHOWN = 500;

/** How the server is spoken to. */
export type Scheme = "http" | "https";

/** Seconds after which the page is loaded again. */
const REFRESH_S = 5;

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

/** The page, of all hosts. `curl` as above. */
export function statusPage(view: View, curl: string) {
  const totals = view.totals();
  const down = view.downHosts(HOSTS_SHOWN);
  const others = view.hosts(0, HOSTS_SHOWN).filter(({ state }) => state !== "down");
  const hosts = [...down, ...others].slice(0, HOSTS_SHOWN);
  const nowMs = view.nowMs();
  const title = totals.down > 0 ? `${totals.down} down · Heartbeat` : "Heartbeat";
  return html`<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="refresh" content="${REFRESH_S}">
    <title>${title}</title>
    <style>${raw(css)}</style>
  </head>
  <body>
    <main>
      <h1>Heartbeat</h1>
      <p class="lead">Running for ${formatDuration(nowMs - view.startedMs)} on port ${view.port()}${
    udpText(view)
  }.</p>
      ${
    view.problems().map(({ part, message }) =>
      html`<p class="problem"><strong>${part}</strong>: ${message}</p>`
    )
  }
      ${lostLines(view).map((line) => html`<p class="problem">${line}</p>`)}
      <dl>
        <div><dt>Hosts</dt><dd>${count(totals.hosts)}</dd></div>
        <div><dt>Down</dt><dd class="${totals.down > 0 ? "down" : ""}">${
    count(totals.down)
  }</dd></div>
        <div><dt>Beats</dt><dd>${count(totals.total)}</dd></div>
        <div><dt>Late</dt><dd>${count(totals.late)}</dd></div>
        <div><dt>Missed</dt><dd>${count(totals.missed)}</dd></div>
        <div><dt>Stability</dt><dd>${percent(totals.stability)}</dd></div>
      </dl>
      ${
    hosts.length === 0
      ? html`
        <p>No host yet. Send the first beat:</p>
        <pre>${curl}</pre>
      `
      : hostTable(hosts, nowMs)
  }
      <footer>
        ${
    totals.hosts > hosts.length
      ? html`
        ${count(hosts.length)} of ${count(totals.hosts)} hosts;
      `
      : ""
  }<a href="/api/0/hosts">all hosts</a> · <a href="/api/0/messages">last messages</a> ·
        <a href="/healthz">health</a> · Heartbeat ${view.version}
      </footer>
    </main>
  </body>
</html>`;
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

/** `3d 4h`, `12m 5s`, `0s`: the two largest units. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([n]) => n > 0);
  if (first < 0) return "0s";
  return parts.slice(first, first + 2).filter(([n]) => n > 0).map(([n, unit]) => n + unit).join(
    " ",
  );
}

function hostTable(hosts: readonly HostSnapshot[], nowMs: number) {
  return html`
    <div class="hosts">
      <table>
        <thead>
          <tr>
            <th>Host</th>
            <th>State</th>
            <th>Last beat</th>
            <th class="wide">Every</th>
            <th class="wide">Beats</th>
            <th class="wide">Late</th>
            <th class="wide">Missed</th>
            <th>Stability</th>
            <th class="wide">RTT</th>
            <th class="wide">Loss</th>
            <th class="wide">Address</th>
          </tr>
        </thead>
        <tbody>
              ${hosts.map((host) => hostRow(host, nowMs))}
            </tbody>
      </table>
    </div>
  `;
}

function hostRow(host: HostSnapshot, nowMs: number) {
  const age = host.lastBeatMs === null ? "–" : `${formatDuration(nowMs - host.lastBeatMs)} ago`;
  return html`
    <tr>
      <td>${host.name}</td>
      <td><span class="state ${host.state}">${host.state}</span></td>
      <td>${age}</td>
      <td class="wide">${host.intervalMs === null
        ? "learning"
        : formatInterval(host.intervalMs)}</td>
      <td class="wide">${count(host.total)}</td>
      <td class="wide">${count(host.late)}</td>
      <td class="wide">${count(host.missed)}</td>
      <td>${percent(host.stability)}</td>
      <td class="wide">${formatRtt(host.client?.rttMs ?? null)}</td>
      <td class="wide">${percent(host.client?.lossPct ?? null)}</td>
      <td class="wide">${host.addresses[0] ?? "–"}</td>
    </tr>
  `;
}

function formatRtt(ms: number | null): string {
  if (ms === null) return "–";
  return ms < 10 ? `${Math.round(ms * 10) / 10} ms` : `${Math.round(ms)} ms`;
}

function formatInterval(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms / 100) / 10}s` : formatDuration(ms);
}

function count(n: number): string {
  return n.toLocaleString("en-US");
}

function percent(share: number | null): string {
  return share === null ? "–" : `${share} %`;
}
