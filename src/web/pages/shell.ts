/**
 * The frame of every page: what it loads, and the bar on top. Inside is what the server knows
 * already; where JavaScript runs, the web app takes over from it.
 */

import { html } from "hono/html";
import type { AlertCounts } from "../../monitor/alerts/book.ts";
import type { Assets } from "../assets.ts";
import type { Html } from "./answer.ts";

export interface Frame {
  readonly title: string;
  readonly assets: Assets;
  /** The path of the page that is marked in the bar; null: the page has no bar. */
  readonly here: string | null;
  /** Without JavaScript the page is loaded again after so many seconds; null: never. */
  readonly refreshS: number | null;
  /** Alerts that hold, of those that one may see; null: it is not known. */
  readonly alerts: AlertCounts | null;
  /** Who is logged in; null: nobody. */
  readonly user: string | null;
}

const LINKS = [["/live", "Live"], ["/alerts", "Alerts"], ["/settings", "Settings"]] as const;

/** The page with `content` in its frame. */
export function shell(frame: Frame, content: Html): Html {
  const { assets, here } = frame;
  const inside = here === null
    ? content
    : html`${bar(frame, here)}<main class="page">${content}</main>`;
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${frame.title}</title>
    ${head(assets, "app.js")}
    ${noScriptRefresh(frame.refreshS)}
      </head>
      <body>
        <div id="app">${inside}</div>
      </body>
    </html>
  `;
}

/** What the head of a page loads: the style sheet, the theme, and `script`. */
export function head(assets: Assets, script: "app.js" | "status.js"): Html {
  const [icon, theme, css, main] = ["favicon.svg", "theme.js", "app.css", script]
    .map((name) => assets.path(name));
  return html`${icon && html`<link rel="icon" type="image/svg+xml" href="${icon}">`}
${theme && html`<script src="${theme}"></script>`}
${css && html`<link rel="stylesheet" href="${css}">`}
${main && html`<script type="module" src="${main}"></script>`}`;
}

/** Without JavaScript a page is loaded again after so many seconds; null: never. */
export function noScriptRefresh(seconds: number | null): Html | string {
  if (seconds === null) return "";
  return html`<noscript><meta http-equiv="refresh" content="${seconds}"></noscript>`;
}

/** As `static/app/components/navigation.tsx` draws it, so that nothing moves when that takes over. */
function bar({ alerts, user }: Frame, here: string): Html {
  return html`<header class="bar">
<a class="brand" href="/live"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M2 12h5l2-6 4 12 3-8 1.5 2H22"/></svg><span>Heartbeat</span></a>
<nav aria-label="Pages">${
    LINKS.map(([path, name]) =>
      html`<a href="${path}" ${path === here ? html`aria-current="page"` : ""}>${name}${
        path === "/alerts" ? countOf(alerts) : ""
      }</a>`
    )
  }</nav>
${
    user === null
      ? ""
      : html`<noscript><a class="button" href="/logout">Log out<span class="menu-name"> ${user}</span></a></noscript>`
  }
</header>`;
}

function countOf(alerts: AlertCounts | null): Html | string {
  if (alerts === null) return "";
  const total = alerts.CRITICAL + alerts.WARNING + alerts.UNKNOWN + alerts.stale;
  return total === 0 ? "" : html`
    <span class="num">${total}</span>
  `;
}
