/**
 * Whether somebody may use a route, and what is said to who may not: 401 where showing who one is
 * could help, 404 for hosts that one may not even see, 403 for all else.
 */

import type { Access } from "../access/access.ts";
import {
  includesRole,
  isAdmin,
  type Principal,
  type Role,
  ROLES,
  seesEverything,
} from "../access/principal.ts";
import { RequestError, unknownHost } from "./request_error.ts";
import type { Needs, Route } from "./route.ts";
import type { View } from "./view.ts";

/** Who asks, and what they may. */
export interface Asker {
  readonly view: Pick<View, "config">;
  readonly who: Principal;
  readonly access: Access;
}

/** Throws a RequestError with 401, 403 or 404 unless the asker may use the route. */
export function permit(
  asker: Asker,
  { needs, method }: Pick<Route, "needs" | "method">,
  host: string | undefined,
): void {
  const { who } = asker;
  if (needs === "anybody") return;
  if (who.reach === "nothing") throw loginNeeded();
  if (isRole(needs)) return requireRole(asker, host ?? "", needs);
  if (needs === "admin" && !seesEverything(who)) throw refusal(asker, "the role of an admin");
  if (method !== "GET" && who.most === "monitor") throw refusal(asker, "leave to change something");
  if (needs === "admin" && method !== "GET" && !isAdmin(who)) {
    throw refusal(asker, "the role of an admin");
  }
  if (needs === "user" && who.user === null && !isAdmin(who)) throw refusal(asker, "a user");
}

/** Throws a RequestError unless the asker has at least that role at `host`. */
export function requireRole(asker: Asker, host: string, needed: Role): void {
  const { who, access } = asker;
  if (who.reach === "nothing") throw loginNeeded();
  const role = access.role(who, host);
  if (role === null) throw unknownHost(host);
  if (includesRole(role, needed)) return;
  const mine = who.user === null ? "" : `: yours is ${role}`;
  throw refusal(asker, `the role ${needed} at host ${JSON.stringify(host)}${mine}`);
}

/** One must log in first, or show a key. */
export function loginNeeded(): RequestError {
  return unauthorized("Log in, or show a token or key: Authorization: Bearer <token>");
}

/** What was shown is no good, or not any more. */
export function badCredentials(): RequestError {
  return unauthorized("The session, key or token is not valid, or not any more: log in again");
}

/** Who one is, is not known. */
export function unauthorized(message: string): RequestError {
  return new RequestError(401, message, { headers: { "www-authenticate": "Bearer" } });
}

function refusal({ who, view }: Asker, needed: string): RequestError {
  if (who.via === "api_key" && who.most === "monitor") {
    return new RequestError(403, "This key may only read");
  }
  if (who.user !== null) return new RequestError(403, `This needs ${needed}`);
  if (view.config().auth.commandToken !== null) {
    return unauthorized("Show the command_token: Authorization: Bearer <token>");
  }
  return new RequestError(
    403,
    "Without a command_token or users in the configuration this is allowed from the server's own " +
      "machine only, by an address like http://localhost",
  );
}

function isRole(needs: Needs): needs is Role {
  return ROLES.some((role) => role === needs);
}
