/** Pages that are made by JavaScript alone: what stands there until it runs, or in its place. */

import { html } from "hono/html";
import type { Html } from "./answer.ts";

interface TextPage {
  readonly title: string;
  readonly here: string;
  readonly refreshS: null;
  readonly content: Html;
}

/** The page called `heading`, marked in the bar as `here` (empty: as none). */
export function textPage(heading: string, here: string): TextPage {
  const content = html`
    <h1 id="page-title">${heading}</h1>
    <noscript>
      <p>
        This page needs JavaScript. Without it there are the <a href="/live">hosts</a>, the
        <a href="/alerts">alerts</a> and the <a href="/api/0/hosts">API</a>.
      </p>
    </noscript>
  `;
  return { title: `${heading} · Heartbeat`, here, refreshS: null, content };
}
