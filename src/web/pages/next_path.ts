/**
 * Where a browser goes after the login. The path comes in a link that anybody can have made, so it
 * must not lead to another server.
 */

const START = "/live";

/** `next` when it is a path of this server, otherwise that of the first page. */
export function nextPath(next: string | null | undefined): string {
  if (next === null || next === undefined || !isLocal(next)) return START;
  const { pathname } = new URL(next, "http://here.invalid");
  return pathname === "/login" || pathname === "/logout" ? START : next;
}

/** The login that leads back to `target`. */
export function loginPath(target: string): string {
  return `/login?next=${encodeURIComponent(nextPath(target))}`;
}

/** Browsers take `\` for `/`, and leave out tabs and line breaks wherever they stand. */
function isLocal(path: string): boolean {
  // deno-lint-ignore no-control-regex -- those are what must not be in it
  if (!/^\/(?!\/)[^\\\x00-\x20\x7f]*$/.test(path)) return false;
  return URL.parse(path, "http://here.invalid")?.origin === "http://here.invalid";
}
