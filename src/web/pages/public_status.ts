/**
 * The public status page: off unless `status_page` in the configuration names hosts, and then for
 * everybody, but of those hosts alone. It works without any script: one that runs only keeps it up to date.
 */

import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { Assets } from "../assets.ts";
import { type PublicHost, type PublicHosts, publicHosts } from "../public_hosts.ts";
import type { Env } from "../route.ts";
import { formatDuration } from "../../config/duration.ts";
import type { View } from "../view.ts";
import { asksForHtml, type Html, pageAnswer } from "./answer.ts";
import { stateShape } from "./marks.ts";
import { type Day, type HostPast, PublicPast } from "./public_past.ts";
import { head, noScriptRefresh } from "./shell.ts";

/** Seconds after which the page is loaded again. */
const REFRESH_S = 60;

/** What everybody may ask for is made at most this often, milliseconds. */
const FRESH_MS = 5000;

/** Hosts whose past is shown, at most. */
const WITH_PAST = 100;

/** The page as it was made last. */
interface Made {
  readonly atMs: number;
  /** The configuration of the page, to know when it is another. */
  readonly of: unknown;
  readonly page: Promise<Html>;
}

const NOT_MADE: Made = { atMs: -Infinity, of: null, page: Promise.resolve(html``) };

const WORDS: Readonly<Record<PublicHost["state"], string>> = {
  up: "Up",
  down: "Down",
  new: "Not heard from yet",
  paused: "Maintenance",
  shutdown: "Switched off",
};

/** The route; where the page is off there is nothing. */
export function createPublicStatus(view: View, assets: Assets): Hono<Env> {
  const app = new Hono<Env>({ strict: false });
  const past = new PublicPast(view);
  let made = NOT_MADE;

  app.get("/status", async (c: Context<Env>, next) => {
    if (!asksForHtml(c)) return await next();
    await assets.refresh();
    const { statusPage } = view.config().web;
    if (statusPage === null) {
      const title = "There is no such page";
      return await pageAnswer(c, frame(assets, title, html`<h1>${title}</h1>`), { status: 404 });
    }
    const nowMs = view.nowMs();
    if (made.of !== statusPage || Math.abs(nowMs - made.atMs) >= FRESH_MS) {
      const page = draw(nowMs);
      made = { atMs: nowMs, of: statusPage, page };
      page.catch(() => made = NOT_MADE);
    }
    return await pageAnswer(c, frame(assets, statusPage.title, await made.page));
  });

  async function draw(nowMs: number) {
    const shown = await publicHosts(view);
    if (shown === null) return html``;
    const names = shown.hosts.slice(0, WITH_PAST).map(({ name }) => name);
    return content(shown, await past.of(names, nowMs), nowMs);
  }
  return app;
}

function frame(assets: Assets, title: string, content: Html): Html {
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>${title}</title>
        ${head(assets, "status.js")} ${noScriptRefresh(REFRESH_S)}
      </head>
      <body>
        <main class="public">${content}</main>
      </body>
    </html>
  `;
}

function content(
  { title, hosts, isTruncated }: PublicHosts,
  pasts: ReadonlyMap<string, HostPast>,
  nowMs: number,
): Html {
  const state = overall(hosts);
  const exact = new Date(nowMs).toISOString();
  return html`
    <h1>${title}</h1>
    <p class="public-overall public-${state.kind}">
      ${stateShape(state.kind)} <strong>${state.text}</strong>
    </p>
    <ul class="public-hosts">
      ${hosts.map((host) => line(host, pasts.get(host.name), nowMs))}
    </ul>
    ${isTruncated ? html`<p class="dim">There are more than are shown here.</p>` : ""}
    <footer class="dim">
      As of <time datetime="${exact}">${exact.slice(0, 19).replace("T", " ")} UTC</time>.
      Time in which the monitoring itself was away is left out.
    </footer>
  `;
}

/** The state of all of them together, in words. */
export function overall(
  hosts: readonly Pick<PublicHost, "state">[],
): { readonly kind: "up" | "down" | "new" | "paused"; readonly text: string } {
  const of = (state: PublicHost["state"]) => hosts.filter((host) => host.state === state).length;
  const [down, up, paused] = [of("down"), of("up"), of("paused")];
  if (down > 0) {
    const verb = down === 1 ? "is" : "are";
    const text = hosts.length === 1 ? "It is down" : `${down} of ${hosts.length} ${verb} down`;
    return { kind: "down", text };
  }
  if (paused > 0) {
    return { kind: "paused", text: `Maintenance on ${paused} of ${hosts.length}` };
  }
  if (up === 0) return { kind: "new", text: "Nothing is known yet" };
  return { kind: "up", text: up === hosts.length ? "Everything is up" : "Nothing is down" };
}

function line(host: PublicHost, past: HostPast | undefined, nowMs: number): Html {
  const { name, state, lastWellMs } = host;
  const downFor = state === "down" && lastWellMs !== null
    ? ` for ${formatDuration(nowMs - lastWellMs)}`
    : "";
  const uptime = past?.uptimePct ?? null;
  return html`
    <li class="card public-host">
      <h2>${name}</h2>
      <span class="state state-${state}">${stateShape(state)}${WORDS[state]}${downFor}</span>
      ${past?.days ? dayBar(past.days) : ""}
      ${uptime === null ? "" : html`
        <p class="dim num">${percent(uptime)} up in ${known(past?.days ?? [])}</p>
      `}
    </li>
  `;
}

/** Which time the uptime is of: of a new host that is less than the bar has room for. */
function known(days: readonly Day[]): string {
  const count = days.filter(({ upPct }) => upPct !== null).length;
  if (count === days.length) return "90 days";
  return count === 1 ? "the one day that is known" : `the ${count} days that are known`;
}

/** A cell a day, the newest at the right: how high it is says as much as its colour. */
function dayBar(days: readonly Day[]): Html {
  const kinds = days.map(({ upPct }) => kindOf(upPct));
  const count = (kind: string) => kinds.filter((one) => one === kind).length;
  const [well, some, bad, unknown] = ["well", "some", "bad", "unknown"].map(count);
  const text = `Last ${days.length} days: ${well} without a fault, ${some} with a short one, ` +
    `${bad} with a long one, ${unknown} not known`;
  const shapes = { well: [6, 12], some: [3, 18], bad: [0, 24], unknown: [11, 2] } as const;
  return html`
    <svg class="days" role="img" aria-label="${text}" viewBox="0 0 ${days.length * 6} 24"
      preserveAspectRatio="none">${days.map(({ startMs, upPct }, n) => {
        const kind = kinds[n] ?? "unknown";
        const [y, height] = shapes[kind];
        const date = new Date(startMs).toISOString().slice(0, 10);
        const what = upPct === null ? "not known" : `${percent(upPct)} up`;
        return html`
          <rect class="${kind}" x="${n * 6}" y="${y}" width="4" height="${height}">
            <title>${date}: ${what}</title>
          </rect>
        `;
      })}</svg>
  `;
}

function kindOf(upPct: number | null): "well" | "some" | "bad" | "unknown" {
  if (upPct === null) return "unknown";
  if (upPct >= 99.995) return "well";
  return upPct >= 99 ? "some" : "bad";
}

/** Never 100 when it is not all of it. */
function percent(value: number): string {
  if (value >= 100) return "100 %";
  return `${(Math.floor(value * 100) / 100).toFixed(2)} %`;
}
