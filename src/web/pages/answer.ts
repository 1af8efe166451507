/**
 * A page as an answer: what it may load (its own scripts and styles, nothing from anywhere else),
 * and that nobody keeps it.
 */

import type { Context } from "hono";
import type { html } from "hono/html";

/** Escaped text; what is put into it is escaped as well. */
export type Html = ReturnType<typeof html>;

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * Answers with a page. A page with a form says `hasForm`: a browser that must not tell where it
 * comes from sends `Origin: null` with a form, which is nobody's.
 */
export function pageAnswer(
  c: Context,
  page: Html,
  { status = 200, hasForm = false }: { readonly status?: number; readonly hasForm?: boolean } = {},
): Response | Promise<Response> {
  for (const [name, value] of Object.entries(pageHeaders(hasForm))) c.header(name, value);
  return c.html(page, status as 200);
}

/** True for browsers: they ask for HTML. */
export function asksForHtml(c: Context): boolean {
  return c.req.header("accept")?.includes("text/html") === true;
}

/** The browser goes on to `to`, a path of this server. */
export function redirect(c: Context, to: string, status: 302 | 303): Response {
  for (const [name, value] of Object.entries(pageHeaders(false))) c.header(name, value);
  return c.redirect(to, status);
}

function pageHeaders(hasForm: boolean): Readonly<Record<string, string>> {
  return {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": hasForm ? "same-origin" : "no-referrer",
    "cache-control": "no-store",
  };
}
