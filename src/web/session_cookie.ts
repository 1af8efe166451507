/** The cookie of a session: no script can read it, and no page of another server has it sent. */

import { isEncrypted } from "./client_address.ts";
import { SESSION_COOKIE } from "./identify.ts";

/** Whom the cookie is for, and what came with the request for it. */
export interface CookieRequest {
  readonly request: Request;
  readonly remoteAddr: Deno.Addr;
  readonly trustedProxies: readonly string[];
}

/**
 * The value of `Set-Cookie` for a session that lasts `lifetimeS` seconds; null: until the browser is
 * closed; 0: it is over.
 */
export function sessionCookie(
  { request, remoteAddr, trustedProxies }: CookieRequest,
  token: string,
  lifetimeS: number | null,
): string {
  return [
    `${SESSION_COOKIE}=${token}`,
    "Path=/",
    "HttpOnly",
    "SameSite=Lax",
    ...(lifetimeS === null ? [] : [`Max-Age=${Math.max(0, Math.floor(lifetimeS))}`]),
    ...(isEncrypted(request, remoteAddr, trustedProxies) ? ["Secure"] : []),
  ].join("; ");
}
