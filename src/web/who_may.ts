/**
 * Who may change something: whoever shows the `command_token`; while there is none, people on this
 * very machine. Never a web page of somebody else that runs in their browser.
 *
 * A page may reach this machine by a name of its own that leads to 127.0.0.1, and a proxy on this
 * machine brings requests from anywhere: neither counts as being on this machine.
 */

import type { Context, MiddlewareHandler } from "hono";
import type { Sender } from "../doors/beat.ts";
import { sameText } from "../doors/guard.ts";
import { RequestError } from "./request_error.ts";
import type { View } from "./view.ts";

/** What a request comes with beside itself. */
export type Env = { Bindings: Sender };

/** Headers that proxies add. */
const PROXIED = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/** Lets nobody pass who may not change something; throws a RequestError with 401 or 403. */
export function mayChange(view: Pick<View, "commandToken">): MiddlewareHandler<Env> {
  return async (c, next) => {
    refuseForeignPage(c);
    const token = view.commandToken();
    if (token !== null) requireToken(c, token);
    else if (!isFromHere(c)) {
      throw new RequestError(
        403,
        "Without a command_token in the configuration this is allowed from the server's own " +
          "machine only, by an address like http://localhost",
      );
    }
    await next();
  };
}

/** Throws a RequestError with 401 unless the request shows `token`. */
export function requireToken(c: Context, token: string): void {
  if (sameText(c.req.header("authorization") ?? "", `Bearer ${token}`)) return;
  const error = "Show the command_token: Authorization: Bearer <token>";
  throw new RequestError(401, error, { "www-authenticate": "Bearer" });
}

/** Browsers say which page a request that changes something is from. */
function refuseForeignPage(c: Context): void {
  const origin = c.req.header("origin");
  if (origin === undefined) return;
  const page = URL.parse(origin);
  const here = page && URL.parse(`${page.protocol}//${addressedHost(c)}`);
  if (here !== null && page?.host === here.host) return;
  throw new RequestError(403, "A web page of another server must not change anything here");
}

function isFromHere(c: Context<Env>): boolean {
  if (PROXIED.some((name) => c.req.header(name) !== undefined)) return false;
  const { hostname } = c.env.remoteAddr as Deno.NetAddr;
  const named = URL.parse(`http://${addressedHost(c)}`)?.hostname ?? "";
  return isLoopback(hostname) &&
    (named === "localhost" || named.endsWith(".localhost") || isLoopback(named));
}

/** For an address as a socket or a URL has it. */
function isLoopback(address: string): boolean {
  return /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(address) || /^(?:::1|\[::1\])$/.test(address);
}

/** The name and port under which the request reached the server. */
function addressedHost(c: Context): string {
  return c.req.header("host") ?? "";
}
