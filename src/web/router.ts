/**
 * Makes an app of declared routes: who asks, whether they may, what they ask for, and the form of
 * all answers. A handler is reached only by who may use it, with a query and a body that are right.
 */

import { getLogger } from "@logtape/logtape";
import { type Context, type Handler, Hono } from "hono";
import type { Principal } from "../access/principal.ts";
import { addressedHosts } from "./client_address.ts";
import { credentialOf, identify, identifyOrStranger } from "./identify.ts";
import { jsonAnswer } from "./json_answer.ts";
import { refuseForeignPage } from "./origin.ts";
import { badCredentials, permit } from "./permit.ts";
import { fieldOf, readBody, readNoBody } from "./request_body.ts";
import { RequestError, unknownHost, unknownPath, wrongMethod } from "./request_error.ts";
import type { Env, Route } from "./route.ts";
import type { View } from "./view.ts";

const log = getLogger(["hbd", "web"]);

/** Where all that there is, is declared: nothing else below is anything. */
const OWN = "/api/0/*";

/** The app that answers `routes`, and all else below `/api/0/` with 404 or 405. */
export function createRouter(view: View, routes: readonly Route[]): Hono<Env> {
  const app = new Hono<Env>({ strict: false });
  app.onError((error, c) => errorAnswer(error, c));
  const paths = new Map<string, Route[]>();
  for (const route of routes) {
    const pattern = patternOf(route.path);
    paths.set(pattern, [...paths.get(pattern) ?? [], route]);
    app.on(route.method, pattern, handlerOf(view, route));
  }
  for (const [pattern, here] of paths) {
    // Under any other path there may be a beat.
    if (!mayBeApi(pattern)) continue;
    const allow = allowOf(here);
    app.all(pattern, (c) => {
      throw wrongMethod(c.req.method, allow);
    });
  }
  app.all(OWN, (c, next) => {
    if (c.req.method === "OPTIONS") return next();
    throw unknownPath(c.req.path);
  });
  app.get("/api/*", (c, next) => {
    // The pattern fits `/api` as well.
    if (!c.req.path.startsWith("/api/")) return next();
    throw unknownPath(c.req.path);
  });
  return app;
}

/** True when only the API, or the login of the pages, can be meant, whatever the method. */
export function mayBeApi(target: string): boolean {
  return target.startsWith("/api/0/") || target.startsWith("/healthz") ||
    target.startsWith("/metrics") || target === "/login" || target === "/logout";
}

/** The answer to a request that failed. */
export function errorAnswer(error: unknown, c: Context): Response {
  if (error instanceof RequestError) return error.getResponse();
  log.error("{method} {path} failed: {error}", { method: c.req.method, path: c.req.path, error });
  return new RequestError(500, "Internal error: see the log of the server").getResponse();
}

/** Methods that a path knows, as `Allow` has them. */
export function allowOf(routes: readonly Route[]): string {
  return ["GET", "POST", "PUT", "PATCH", "DELETE"]
    .filter((method) => routes.some((route) => route.method === method))
    .map((method) => method === "GET" ? "GET, HEAD" : method).join(", ");
}

function handlerOf(view: View, route: Route): Handler<Env> {
  const isChange = route.method !== "GET";
  return async (c) => {
    if (isChange) {
      const { trustedProxies } = view.config().web;
      const { headers } = c.req.raw;
      refuseForeignPage(headers, addressedHosts(headers, c.env.remoteAddr, trustedProxies));
    }
    const who = whoAsks(view, route, c);
    const access = view.access();
    const params = paramsOf(route, c);
    permit({ view, who, access }, route, params.name);
    const body = route.body === undefined
      ? isChange ? await readNoBody(c) : undefined
      : await readBody(c, route.body, route.bodySample ?? "{}");
    if (namesHost(route) && view.host(params.name ?? "") === null) {
      throw unknownHost(params.name ?? "");
    }
    const query = queryOf(route, c);
    const asked = { c, who, access, params, query, body, nowMs: view.nowMs() };
    const answer = await route.handle(asked);
    if (answer instanceof Response) return answer;
    return jsonAnswer(c.req.raw, JSON.stringify(answer), route.status ?? 200);
  };
}

function whoAsks(view: View, { needs }: Route, { req, env }: Context<Env>): Principal {
  const { headers } = req.raw;
  const who = identify(view, headers, env.remoteAddr);
  if (who !== "bad credentials") return who;
  // A browser goes on to send the cookie of a session that is over; it must be able to log in.
  const isCookie = credentialOf(view, headers)?.from === "cookie";
  if (needs !== "anybody" || !isCookie) throw badCredentials();
  return identifyOrStranger(view, headers, env.remoteAddr);
}

/** True when the path names a host that must be there. */
function namesHost({ path, needs, isForUnknown }: Route): boolean {
  return path.startsWith("/api/0/hosts/{name}") && needs !== "anybody" && isForUnknown !== true;
}

function queryOf({ query: schema }: Route, c: Context): unknown {
  if (schema === undefined) return {};
  const query = c.req.query();
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = fieldOf(issue) ?? "";
  const got = JSON.stringify(query[field]?.slice(0, 80));
  const message = `${field} ${issue?.message}: got ${got}`;
  throw new RequestError(400, message, { field });
}

/** `/badge/{name}.svg` as the router below has it: `/badge/:name{.+\.svg}`. */
function patternOf(path: string): string {
  return path.replace(
    /\{(\w+)\}(\.\w+)?/g,
    (_, name: string, suffix?: string) =>
      suffix === undefined ? `:${name}` : `:${name}{.+\\${suffix}}`,
  );
}

function paramsOf({ path }: Route, c: Context): Readonly<Record<string, string>> {
  const params: Record<string, string> = { ...c.req.param() };
  const [, name, suffix] = /\{(\w+)\}(\.\w+)$/.exec(path) ?? [];
  if (name !== undefined && suffix !== undefined) {
    params[name] = params[name]?.slice(0, -suffix.length) ?? "";
  }
  return params;
}
