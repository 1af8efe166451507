/**
 * The pages of the web app for browsers, their files, the login and the public status page. Other
 * programs, which do not ask for HTML, are left to whoever comes after.
 */

import { type Context, Hono, type Next } from "hono";
import type { Principal } from "../../access/principal.ts";
import { alertCountsOf } from "../api/alerts.ts";
import type { Assets } from "../assets.ts";
import { identifyOrStranger } from "../identify.ts";
import type { Env } from "../route.ts";
import { beatLine } from "../status.ts";
import type { View } from "../view.ts";
import { ALERTS_REFRESH_S, alertsPage } from "./alerts.ts";
import { asksForHtml, type Html, pageAnswer, redirect } from "./answer.ts";
import { createLogin } from "./login_routes.ts";
import { HOSTS_SHOWN, LIVE_REFRESH_S, livePage } from "./live.ts";
import { loginPath } from "./next_path.ts";
import { createPublicStatus } from "./public_status.ts";
import { seenHosts } from "./seen_hosts.ts";
import { shell } from "./shell.ts";
import { textPage } from "./text_page.ts";

/** A page, before its frame is around it. */
interface Page {
  readonly title: string;
  readonly here: string;
  readonly refreshS: number | null;
  readonly content: Html;
  /** @default {200} */
  readonly status?: number;
}

type Draw = (c: Context<Env>, who: Principal) => Page | Promise<Page>;

/** The routes. What they do not answer goes to the next handler. */
export function createPages(view: View, assets: Assets): Hono<Env> {
  const app = new Hono<Env>({ strict: false });
  app.get(
    "/assets/*",
    // The pattern fits `/assets` as well, where there is nothing.
    (c, next) => c.req.path.startsWith("/assets/") ? assets.answer(c.req.raw) : next(),
  );
  app.route("/", createLogin(view, assets));
  app.route("/", createPublicStatus(view, assets));
  const live: Draw = async (c, who) => {
    const seen = await seenHosts(view, who, HOSTS_SHOWN, view.nowMs());
    const content = livePage(seen, view.nowMs(), beatLine(c.req.raw, c.env.remoteAddr, view));
    return { title: "Heartbeat", here: "/live", refreshS: LIVE_REFRESH_S, content };
  };
  app.get("/", drawn(view, assets, live));
  app.get("/live", drawn(view, assets, live));
  app.get(
    "/alerts",
    drawn(view, assets, async (_c, who) => ({
      title: "Alerts · Heartbeat",
      here: "/alerts",
      refreshS: ALERTS_REFRESH_S,
      content: await alertsPage(view, who, view.nowMs()),
    })),
  );
  app.get("/settings", drawn(view, assets, () => textPage("Settings", "/settings")));
  app.get(
    "/plugins/*",
    drawn(view, assets, (c, who) => {
      const name = hostOfPath(c.req.url);
      const isThere = view.host(name) !== null && view.access().maySee(who, name);
      return isThere
        ? textPage(name, "")
        : { ...textPage("There is no such host", ""), status: 404 };
    }),
  );
  // Any other path is a program's, say that of a logger; a browser there is led to the hosts.
  app.get("*", (c, next) => asksForHtml(c) ? Promise.resolve(redirect(c, "/live", 302)) : next());
  return app;
}

/** Draws a page for browsers of people who may see something; others are led to the login. */
function drawn(view: View, assets: Assets, draw: Draw) {
  return async (c: Context<Env>, next: Next): Promise<Response | void> => {
    if (!asksForHtml(c)) return await next();
    const who = identifyOrStranger(view, c.req.raw.headers, c.env.remoteAddr);
    if (who.reach === "nothing") {
      const { pathname, search } = new URL(c.req.url);
      return redirect(c, loginPath(pathname + search), 302);
    }
    await assets.refresh();
    const { content, status = 200, ...page } = await draw(c, who);
    const alerts = await alertCountsOf(view, who);
    return await pageAnswer(c, shell({ ...page, assets, alerts, user: who.user }, content), {
      status,
    });
  };
}

/** The host that a path is the page of; empty when it names none. */
function hostOfPath(url: string): string {
  const path = new URL(url).pathname.slice("/plugins/".length);
  try {
    return decodeURIComponent(path);
  } catch {
    return "";
  }
}
