/**
 * `/live` as the server draws it: how many hosts are in which state, and a table of them, the worst
 * first. It is the page for browsers without JavaScript, and the first thing that others paint.
 */

import { html } from "hono/html";
import type { AlertCounts } from "../../monitor/alerts/book.ts";
import { formatDuration } from "../../config/duration.ts";
import type { Html } from "./answer.ts";
import { ago, intervalBar, levelMark, stateMark, stateShape } from "./marks.ts";
import type { SeenHost, SeenHosts } from "./seen_hosts.ts";

/** Hosts on the page; the API has them all. */
export const HOSTS_SHOWN = 500;

/** Seconds after which the page is loaded again, without JavaScript. */
export const LIVE_REFRESH_S = 10;

const TILES = [["down", "Down"], ["up", "Up"], ["new", "New"], ["paused", "Paused"], [
  "shutdown",
  "Off",
]] as const;

/** The page. `curl`: the line that sends a beat, as the browser reaches the server. */
export function livePage(seen: SeenHosts, nowMs: number, curl: string): Html {
  const { hosts, totals: { hosts: total, states } } = seen;
  if (hosts.length === 0) return firstRun(curl);
  return html`
    <div class="live" data-server-drawn>
      <h1 id="page-title" class="live-title ${states.down > 0 ? "live-title-down" : ""}">
        ${stateShape(states.down > 0 ? "down" : "up")} ${headline(states.down, total)}
      </h1>
      <ul class="tiles">
        ${TILES.filter(([state]) => state === "down" || state === "up" || states[state] > 0)
          .map(([state, word]) => tile(state, word, states[state]))}
      </ul>
      <div class="live-columns">
        <div class="hosts-box">
          ${hostTable(hosts, nowMs)} ${total <= hosts.length ? "" : html`
            <p class="hosts-more">
              ${count(hosts.length)} of ${count(total)} hosts, the worst first:
              <a href="/api/0/hosts">all of them as JSON</a>
            </p>
          `}
        </div>
      </div>
    </div>
  `;
}

/** What the page says in one line. */
export function headline(down: number, total: number): string {
  const all = total === 1 ? "1 host" : `${count(total)} hosts`;
  if (down === 0) return total === 1 ? "The host is not down" : `None of ${all} is down`;
  return `${count(down)} of ${all} ${down === 1 ? "is" : "are"} down`;
}

function firstRun(curl: string): Html {
  return html`
    <div class="live" data-server-drawn>
      <h1 id="page-title">Waiting for the first heartbeat</h1>
      <p>Nothing has reached this server yet. This line sends a beat from any machine:</p>
      <pre class="card"><code>${curl}</code></pre>
    </div>
  `;
}

function tile(state: SeenHost["host"]["state"], word: string, n: number): Html {
  return html`
    <li class="tile tile-${state} ${n === 0 ? "tile-none" : ""}">
      <span class="tile-count num">${count(n)}</span>
      <span class="tile-word">${stateShape(state)}${word}</span>
    </li>
  `;
}

function hostTable(hosts: readonly SeenHost[], nowMs: number): Html {
  const hasRtt = hosts.some(({ host }) => (host.client?.rttMs ?? null) !== null);
  const hasAlerts = hosts.some(({ alerts }) => alerts !== null);
  return html`
    <table class="hosts" role="table">
      <caption class="unseen">Hosts, the worst first</caption>
      <thead role="rowgroup">
        <tr role="row">
          <th class="c-name" scope="col" role="columnheader">Host</th>
          <th class="c-state" scope="col" role="columnheader">State</th>
          ${hasAlerts ? html`<th class="c-alerts" scope="col" role="columnheader">Alerts</th>` : ""}
          <th class="c-last num" scope="col" role="columnheader">Last beat</th>
          <th class="c-bar" scope="col" role="columnheader">Last 60 intervals</th>
          <th class="c-every num" scope="col" role="columnheader">Every</th>
          ${hasRtt ? html`<th class="c-rtt num" scope="col" role="columnheader">RTT</th>` : ""}
          <th class="c-stability num" scope="col" role="columnheader">Stability</th>
          <th class="c-late num" scope="col" role="columnheader">Late</th>
          <th class="c-missed num" scope="col" role="columnheader">Missed</th>
          <th class="c-address" scope="col" role="columnheader">Address</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${hosts.map((seen) => hostRow(seen, nowMs, hasRtt, hasAlerts))}
      </tbody>
    </table>
  `;
}

function hostRow(
  { host, alerts, cron }: SeenHost,
  nowMs: number,
  hasRtt: boolean,
  hasAlerts: boolean,
): Html {
  const { intervalMs } = host;
  const every = cron !== null
    ? html`<span class="cron">${cron}</span>`
    : intervalMs === null
    ? "–"
    : formatDuration(Math.max(1000, intervalMs));
  return html`
    <tr class="host-${host.state}" role="row">
      <td class="c-name" role="cell">
        <a href="/plugins/${encodeURIComponent(host.name)}">${host.name}</a>
      </td>
      <td class="c-state" role="cell">${stateMark(host.state)}</td>
      ${hasAlerts ? html`<td class="c-alerts" role="cell">${alertMarks(alerts)}</td>` : ""}
      <td class="c-last num" role="cell">${ago(host.lastBeatMs, nowMs)}</td>
      <td class="c-bar" role="cell">${intervalBar(host.bar)}</td>
      <td class="c-every num" role="cell">${every}</td>
      ${hasRtt
        ? html`<td class="c-rtt num" role="cell">${milliseconds(host.client?.rttMs ?? null)}</td>`
        : ""}
      <td class="c-stability num" role="cell">
        ${host.stability === null ? "–" : `${host.stability} %`}
      </td>
      <td class="c-late num" role="cell">${count(host.late)}</td>
      <td class="c-missed num" role="cell">${count(host.missed)}</td>
      <td class="c-address" role="cell">${host.addresses[0] ?? "–"}</td>
    </tr>
  `;
}

/** The worst level, and how many there are of it. */
function alertMarks(alerts: AlertCounts | null): Html | string {
  if (alerts === null) return "";
  const worst = (["CRITICAL", "WARNING", "UNKNOWN", "stale"] as const)
    .find((level) => alerts[level] > 0);
  if (worst === undefined) return "";
  return html`${levelMark(worst)}${
    alerts[worst] > 1
      ? html`
        <span class="num">× ${alerts[worst]}</span>
      `
      : ""
  }`;
}

function milliseconds(ms: number | null): string {
  if (ms === null) return "–";
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

function count(n: number): string {
  return n.toLocaleString("en-US");
}
