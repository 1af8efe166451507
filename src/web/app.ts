/**
 * All that the server answers over HTTP: routing, and nothing else.
 *
 * A POST or PUT that cannot be meant for the API goes to the door straight away. The router below
 * would send it there too, but costs a sixth of all the time that a beat takes.
 */

import { type Context, Hono } from "hono";
import { seesEverything } from "../access/principal.ts";
import type { BeatDoor, Sender } from "../doors/beat.ts";
import { targetOf } from "../doors/beat.ts";
import type { DialectDesk } from "../doors/dialect_desk.ts";
import { createApi } from "./api.ts";
import { answerInDialect } from "./dialects.ts";
import { clientAddress } from "./client_address.ts";
import { identifyOrStranger } from "./identify.ts";
import { createInstall } from "./install.ts";
import { wrongMethod } from "./request_error.ts";
import type { Env } from "./route.ts";
import { errorAnswer, mayBeApi } from "./router.ts";
import { beatLine, lockedText, statusText } from "./status.ts";
import type { View } from "./view.ts";
import { totalsOf } from "./visible.ts";

/** Answers one request. */
export type Handler = (request: Request, sender: Sender) => Response | Promise<Response>;

const ALLOW = "GET, HEAD, POST, PUT";

export interface AppOptions {
  /** The pages of the web app and their files; what is not theirs they pass on by `next()`. */
  readonly pages?: Hono<Env>;
  /** Takes what is said in the dialects of other servers; without, none is understood. */
  readonly desk?: DialectDesk;
}

/** Puts the routes together. */
export function createApp(
  door: BeatDoor,
  view: View,
  { pages, desk }: AppOptions = {},
): Handler {
  const app = new Hono<Env>({ strict: false });
  const beat: BeatDoor = (request, sender) => door(request, behindProxies(request, sender, view));
  app.onError(errorAnswer);
  app.route("/", createApi(view));
  app.route("/", createInstall(view));
  if (pages !== undefined) app.route("/", pages);
  app.on(["POST", "PUT"], "*", (c) => beat(c.req.raw, c.env));
  app.get("*", (c) => status(c, view));
  app.options("*", preflight);
  app.all("*", (c) => {
    throw wrongMethod(c.req.method, ALLOW);
  });

  return (request, sender) => {
    const { method } = request;
    const target = targetOf(request.url);
    const inDialect = desk === undefined
      ? null
      : answerInDialect(request, target, () => behindProxies(request, sender, view), view, desk);
    if (inDialect !== null) return inDialect;
    const isBeat = (method === "POST" || method === "PUT") && !mayBeApi(target);
    return isBeat ? beat(request, sender) : app.fetch(withHost(request), sender);
  };
}

/** The sender of a beat that may have come through trusted proxies. */
function behindProxies(request: Request, sender: Sender, view: View): Sender {
  const { trustedProxies } = view.config().web;
  const { remoteAddr } = sender;
  if (trustedProxies.length === 0 || !("hostname" in remoteAddr)) return sender;
  const hostname = clientAddress(request.headers, remoteAddr, trustedProxies);
  return { remoteAddr: { ...remoteAddr, hostname } };
}

/**
 * A request that says in `Host` by which name the server was addressed. Over HTTP/2, which browsers
 * speak with TLS, only the URL has it.
 */
function withHost(request: Request): Request {
  if (!request.url.startsWith("https:") || request.headers.has("host")) return request;
  const headers = new Headers(request.headers);
  headers.set("host", new URL(request.url).host);
  return new Request(request, { headers });
}

async function status(c: Context<Env>, view: View): Promise<Response> {
  const curl = beatLine(c.req.raw, c.env.remoteAddr, view);
  c.header("cache-control", "no-store");
  c.header("x-content-type-options", "nosniff");
  const who = identifyOrStranger(view, c.req.raw.headers, c.env.remoteAddr);
  if (who.reach === "nothing") return c.text(lockedText());
  return c.text(statusText(view, await totalsOf(view, who), seesEverything(who), curl));
}

/**
 * A web page on another origin asks before it posts JSON, and beats it may post. Everything else gets
 * the usual 405; so does who asks for the API, where no other page may change anything.
 */
function preflight(c: Context<Env>): Response {
  const isForApi = c.req.path.startsWith("/api/");
  if (isForApi || c.req.header("access-control-request-method") === undefined) {
    throw wrongMethod("OPTIONS", ALLOW);
  }
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "POST, PUT",
      "access-control-allow-headers": c.req.header("access-control-request-headers") ?? "*",
      "access-control-max-age": "86400",
    },
  });
}
