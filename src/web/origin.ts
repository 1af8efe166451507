/**
 * Whether a request that changes something comes from a page of another server.
 *
 * Browsers say which page a request is from: by `Origin`, and the newer ones by `Sec-Fetch-Site`,
 * which no page can set. Programs send neither.
 */

import { RequestError } from "./request_error.ts";

/**
 * Throws a RequestError with 403 for a page of another server. `hosts` are the names and ports by
 * which this one was addressed.
 */
export function refuseForeignPage(headers: Headers, hosts: readonly string[]): void {
  if (isForeignPage(headers, hosts)) {
    throw new RequestError(403, "A web page of another server must not change anything here");
  }
}

/** True when the request says that it is from a page of another server. */
export function isForeignPage(headers: Headers, hosts: readonly string[]): boolean {
  const origin = headers.get("origin");
  if (origin === null) {
    const site = headers.get("sec-fetch-site");
    return site !== null && site !== "same-origin" && site !== "none";
  }
  const page = URL.parse(origin);
  if (page === null || page.host === "") return true;
  return !hosts.some((host) => URL.parse(`${page.protocol}//${host}`)?.host === page.host);
}
