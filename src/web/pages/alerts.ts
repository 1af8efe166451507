/** `/alerts` as the server draws it: the alerts that hold, the worst first. */

import { html } from "hono/html";
import type { AlertRecord } from "../../monitor/alerts/record.ts";
import { alertPage } from "../alert_list.ts";
import { alertFor, type AlertView } from "../own_alert.ts";
import type { Principal } from "../../access/principal.ts";
import type { View } from "../view.ts";
import type { Html } from "./answer.ts";
import { ago, levelMark } from "./marks.ts";

/** Alerts on the page. */
const ALERTS_SHOWN = 200;

/** Seconds after which the page is loaded again, without JavaScript. */
export const ALERTS_REFRESH_S = 30;

/** The page with what `who` may see. */
export async function alertsPage(
  view: AlertView & Pick<View, "alerts">,
  who: Principal,
  nowMs: number,
): Promise<Html> {
  const book = view.alerts();
  const query = { state: "active", limit: ALERTS_SHOWN } as const;
  const { alerts, next } = book === null
    ? { alerts: [], next: null }
    : await alertPage(book, query, (alert) => alertFor(view, who, alert));
  return html`
    <h1 id="page-title">${alerts.length === 0 ? "No alert" : "Alerts"}</h1>
    ${alerts.length === 0
      ? html`<p class="dim">Nothing that is watched is out of order.</p>`
      : html`<ul class="alerts">${alerts.map((alert) => line(alert, nowMs))}</ul>`}
    ${next !== null
      ? html`<p class="dim">There are more: <a href="/api/0/alerts">as JSON</a></p>`
      : ""}
  `;
}

function line({ level, isStale, text, host, kind, sinceMs, ack }: AlertRecord, nowMs: number) {
  const isHosts = kind === "down" || kind === "metric" || kind === "flapping";
  return html`
    <li class="card row">
      ${levelMark(isStale ? "stale" : level)}
      <span>${text}</span>
      <span class="dim">began ${ago(sinceMs, nowMs)}${ack === null ? "" : ", acknowledged"}</span>
      ${isHosts ? html`<a href="/plugins/${encodeURIComponent(host)}">${host}</a>` : ""}
    </li>
  `;
}
