/**
 * All that the server answers over HTTP: routing, and nothing else.
 *
 * A POST or PUT that cannot be meant for the API goes to the door straight away. The router below
 * would send it there too, but costs a sixth of all the time that a beat takes.
 */

import { type Context, Hono } from "hono";
import type { BeatDoor, Sender } from "../doors/beat.ts";
import { targetOf } from "../doors/beat.ts";
import { createApi, mayBeApi } from "./api.ts";
import { methodNotAllowed } from "./method_not_allowed.ts";
import { statusPage, statusText } from "./status.ts";
import type { View } from "./view.ts";
import type { Env } from "./who_may.ts";

/** Answers one request. */
export type Handler = (request: Request, sender: Sender) => Response | Promise<Response>;

const ALLOW = "GET, HEAD, POST, PUT";

/** Puts the routes together. */
export function createApp(door: BeatDoor, view: View): Handler {
  const app = new Hono<Env>({ strict: false });
  app.route("/", createApi(view));
  app.on(["POST", "PUT"], "*", (c) => door(c.req.raw, c.env));
  app.get("*", (c) => status(c, view));
  app.options("*", preflight);
  app.all("*", (c) => methodNotAllowed(c.req.method, ALLOW));

  return (request, sender) => {
    const { method } = request;
    const isBeat = (method === "POST" || method === "PUT") && !mayBeApi(targetOf(request.url));
    return isBeat ? door(request, sender) : app.fetch(request, sender);
  };
}

function status(c: Context<Env>, view: View): Response | Promise<Response> {
  const host = c.req.header("host") ?? `localhost:${view.port()}`;
  if (c.req.header("accept")?.includes("text/html") !== true) {
    return c.text(statusText(view, host));
  }
  c.header(
    "content-security-policy",
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
  );
  c.header("x-content-type-options", "nosniff");
  c.header("referrer-policy", "no-referrer");
  c.header("cache-control", "no-store");
  return c.html(statusPage(view, host));
}

/**
 * A web page on another origin asks before it posts JSON, and beats it may post. Everything else gets
 * the usual 405; so does who asks for the API, where no other page may change anything.
 */
function preflight(c: Context<Env>): Response {
  const isForApi = c.req.path.startsWith("/api/");
  if (isForApi || c.req.header("access-control-request-method") === undefined) {
    return methodNotAllowed("OPTIONS", ALLOW);
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
