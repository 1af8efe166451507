/**
 * Who asks. Looked up anew with every request, so that whoever logs out, is taken out of the
 * configuration or has a key revoked has lost everything with the next one.
 *
 * A credential that is not good is never the same as none: who shows one wants to be somebody. A
 * page may reach this machine by a name of its own that leads to 127.0.0.1, and a proxy on this
 * machine brings requests from anywhere: neither counts as being on this machine.
 */

import { NOBODY, type Principal, type Via } from "../access/principal.ts";
import { sameText } from "../doors/guard.ts";
import { isLoopback } from "./client_address.ts";
import type { View } from "./view.ts";

/** The cookie that holds the token of a session. */
export const SESSION_COOKIE = "hbd_session";

/** What the secrets of API keys begin with. */
const KEY_PREFIX = "hbk_";

/** Headers that proxies add. */
const PROXIED = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-server",
  "x-real-ip",
  "x-client-ip",
  "true-client-ip",
  "cf-connecting-ip",
];

/** What is asked of the server to know somebody. */
export type Register = Pick<View, "config" | "sessions" | "apiKeys">;

/** A secret that came with a request. */
export interface Credential {
  readonly secret: string;
  readonly from: "cookie" | "header";
}

/** Who made the request with these headers, from that address. */
export function identify(
  register: Register,
  headers: Headers,
  remoteAddr: Deno.Addr,
): Principal | "bad credentials" {
  const credential = credentialOf(register, headers);
  if (credential === null) return anonymous(register, headers, remoteAddr);
  return principalOf(register, credential) ?? "bad credentials";
}

/** The same for who only looks: what is no good counts as if it had not been shown. */
export function identifyOrStranger(
  register: Register,
  headers: Headers,
  remoteAddr: Deno.Addr,
): Principal {
  const who = identify(register, headers, remoteAddr);
  return who === "bad credentials" ? anonymous(register, headers, remoteAddr) : who;
}

/** Somebody who shows nothing. */
function anonymous(
  register: Register,
  headers: Headers,
  remoteAddr: Deno.Addr,
): Principal {
  const { users, auth, web } = register.config();
  if (users.size > 0) return NOBODY;
  const mayChange = web.allowAnonymousChanges ||
    (auth.commandToken === null && isFromHere(headers, remoteAddr));
  return {
    user: null,
    via: "anonymous",
    reach: "everything",
    most: mayChange ? "owner" : "monitor",
  };
}

/** The secret that a request shows; null: none. A header counts before a cookie. */
export function credentialOf(register: Register, headers: Headers): Credential | null {
  const [, bearer] = /^Bearer +(.+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  const inHeader = bearer ?? headers.get("x-auth-token");
  if (inHeader !== null) return { secret: inHeader.trim(), from: "header" };
  // Where nobody can log in any more, browsers may still have a cookie of a time when one could.
  if (register.config().users.size === 0) return null;
  const [, cookie] = COOKIE.exec(headers.get("cookie") ?? "") ?? [];
  return cookie ? { secret: cookie, from: "cookie" } : null;
}

const COOKIE = new RegExp(`(?:^|;) *${SESSION_COOKIE}=([^;]*)`);

function principalOf(register: Register, { secret, from }: Credential): Principal | null {
  const { auth } = register.config();
  if (
    from === "header" && auth.commandToken !== null && sameText(secret, auth.commandToken.value)
  ) {
    return { user: null, via: "command_token", reach: "everything", most: "owner" };
  }
  if (from === "header" && secret.startsWith(KEY_PREFIX)) {
    const key = register.apiKeys.find(secret);
    return key === null ? null : ofUser(register, key.user, "api_key", key.readOnly);
  }
  const session = register.sessions.find(secret);
  if (session === null) return null;
  return ofUser(register, session.user, from === "cookie" ? "cookie" : "session", false);
}

function ofUser(
  register: Register,
  name: string,
  via: Via,
  isReadOnly: boolean,
): Principal | null {
  const user = register.config().users.get(name);
  if (user === undefined) return null;
  return {
    user: name,
    via,
    reach: user.admin ? "everything" : "own",
    most: isReadOnly ? "monitor" : "owner",
  };
}

function isFromHere(headers: Headers, remoteAddr: Deno.Addr): boolean {
  if (PROXIED.some((name) => headers.has(name))) return false;
  const named = URL.parse(`http://${headers.get("host") ?? ""}`)?.hostname ?? "";
  return "hostname" in remoteAddr && isLoopback(remoteAddr.hostname) &&
    (named === "localhost" || named.endsWith(".localhost") || isLoopback(named));
}
