/**
 * Requests in the dialects of other servers, before anything else looks at them: which they are, who
 * asks, and from where. What they mean is the business of `doors/`.
 */

import { placeOfSender, type Sender } from "../doors/beat.ts";
import type { Dialect } from "../doors/dialect.ts";
import type { DialectDesk } from "../doors/dialect_desk.ts";
import { dialectOf } from "../doors/dialects.ts";
import { identifyOrStranger } from "./identify.ts";
import type { View } from "./view.ts";

/** Below these a dialect that goes by the last part of a path has nothing to say. */
const OWN_PATHS = ["/api/0/", "/plugins/", "/assets/"];

/**
 * The answer to a request in a dialect; null: it is in none.
 *
 * @param target path and query as they were sent
 * @param from where it came from, behind proxies that are trusted; asked for only if need be
 */
export function answerInDialect(
  request: Request,
  target: string,
  from: () => Sender,
  view: View,
  desk: DialectDesk,
): Promise<Response> | null {
  const end = target.indexOf("?");
  const path = plainPath(end < 0 ? target : target.slice(0, end));
  const dialect = dialectOf(request.method, path);
  if (dialect === null || isForPages(request, path, view)) return null;
  return answer(dialect, request, path, end < 0 ? "" : target.slice(end), from(), view, desk);
}

/** Clients put `/ping/…` behind a server's address that ends in a slash: that is no other place. */
function plainPath(path: string): string {
  return path.startsWith("//") ? path.replace(/^\/+/, "/") : path;
}

function answer(
  dialect: Dialect,
  request: Request,
  path: string,
  search: string,
  sender: Sender,
  view: View,
  desk: DialectDesk,
): Promise<Response> {
  const query = new URLSearchParams(search);
  // Beats do not ask for it.
  let who: ReturnType<typeof identifyOrStranger> | null = null;
  const maySee = (host: string) => {
    who ??= identifyOrStranger(view, request.headers, sender.remoteAddr);
    return view.access().maySee(who, host);
  };
  return dialect.answer({ request, path, query, ...placeOfSender(sender), desk, maySee });
}

/** A page of ours is there, and the public status page for browsers. */
function isForPages({ method, headers }: Request, path: string, view: View): boolean {
  if (method !== "GET" && method !== "HEAD") return path.startsWith("/api/0/");
  if (OWN_PATHS.some((own) => path.startsWith(own))) return true;
  return path === "/status" && view.config().web.statusPage !== null &&
    headers.get("accept")?.includes("text/html") === true;
}
