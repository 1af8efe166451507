/**
 * What the forms of login and logout do, for browsers with JavaScript and without. Where no users
 * are configured nobody can log in, and they lead on.
 */

import { type Context, Hono } from "hono";
import type { Assets } from "../assets.ts";
import { addressedHosts, clientAddress } from "../client_address.ts";
import { credentialOf, identify } from "../identify.ts";
import { isForeignPage } from "../origin.ts";
import type { Env } from "../route.ts";
import { sessionCookie } from "../session_cookie.ts";
import { formatDuration } from "../../config/duration.ts";
import type { View } from "../view.ts";
import { asksForHtml, type Html, pageAnswer, redirect } from "./answer.ts";
import { loginPage, logoutPage, readForm } from "./login.ts";
import { nextPath } from "./next_path.ts";
import { shell } from "./shell.ts";

const FOREIGN = "A web page of another server must not log anybody in or out here";
const WRONG = "User or password is wrong";

/** The routes of login and logout. */
export function createLogin(view: View, assets: Assets): Hono<Env> {
  const app = new Hono<Env>({ strict: false });

  async function answer(
    c: Context<Env>,
    title: string,
    content: Html,
    status: number,
  ): Promise<Response> {
    await assets.refresh();
    const frame = { title: `${title} · Heartbeat`, here: null, refreshS: null, alerts: null };
    const page = shell({ ...frame, assets, user: null }, content);
    return await pageAnswer(c, page, { status, hasForm: true });
  }

  function refused(
    c: Context<Env>,
    status: number,
    problem: string,
    { next = "/live", user = "" } = {},
  ): Promise<Response> {
    return answer(c, "Log in", loginPage(next, user, problem), status);
  }

  app.get("/login", async (c, more) => {
    if (!asksForHtml(c)) return await more();
    const next = nextPath(c.req.query("next"));
    if (!view.access().hasUsers) return redirect(c, next, 302);
    return await answer(c, "Log in", loginPage(next, "", null), 200);
  });

  app.post("/login", async (c, more) => {
    if (!isForm(c)) return await more();
    if (!view.access().hasUsers) return redirect(c, "/live", 303);
    if (isFromElsewhere(view, c)) return await refused(c, 403, FOREIGN);
    const form = await readForm(c.req.raw);
    if (form === null || form.user === "" || form.password === "") {
      return await refused(c, 400, "Fill in user and password");
    }
    const filled = { next: nextPath(form.next), user: form.user };
    const { headers } = c.req.raw;
    const { trustedProxies } = view.config().web;
    const address = clientAddress(headers, c.env.remoteAddr, trustedProxies);
    const agent = headers.get("user-agent");
    const result = await view.login.login(form.user, form.password, address, agent);
    if (result.ok) {
      const lastsS = (result.expiresMs - view.nowMs()) / 1000;
      setCookie(view, c, result.token, form.remember ? lastsS : null);
      return redirect(c, filled.next, 303);
    }
    if (result.reason === "wrong") return await refused(c, 401, WRONG, filled);
    const retryAfterS = Math.max(1, Math.ceil(result.retryAfterS));
    c.header("retry-after", String(retryAfterS));
    return result.reason === "limited"
      ? await refused(c, 429, `Too many tries: wait ${formatDuration(retryAfterS * 1000)}`, filled)
      : await refused(c, 503, "Too many people log in at this moment: try again", filled);
  });

  app.get("/logout", async (c, more) => {
    if (!asksForHtml(c)) return await more();
    const who = identify(view, c.req.raw.headers, c.env.remoteAddr);
    if (who === "bad credentials" || who.user === null) return redirect(c, "/live", 302);
    return await answer(c, "Log out", logoutPage(who.user), 200);
  });

  app.post("/logout", async (c, more) => {
    if (!isForm(c)) return await more();
    if (isFromElsewhere(view, c)) return await refused(c, 403, FOREIGN);
    const credential = credentialOf(view, c.req.raw.headers);
    if (credential !== null) await view.sessions.end(credential.secret);
    setCookie(view, c, "", 0);
    return redirect(c, "/login", 303);
  });
  return app;
}

function setCookie(view: View, c: Context<Env>, token: string, lifetimeS: number | null): void {
  const { trustedProxies } = view.config().web;
  const request = { request: c.req.raw, remoteAddr: c.env.remoteAddr, trustedProxies };
  c.header("set-cookie", sessionCookie(request, token, lifetimeS));
}

function isFromElsewhere(view: View, c: Context<Env>): boolean {
  const { headers } = c.req.raw;
  const { trustedProxies } = view.config().web;
  return isForeignPage(headers, addressedHosts(headers, c.env.remoteAddr, trustedProxies));
}

/** Sent by a browser. Whatever else is posted there is a beat, as on any path. */
function isForm(c: Context): boolean {
  if (!asksForHtml(c)) return false;
  const type = c.req.header("content-type") ?? "";
  return /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(type);
}
