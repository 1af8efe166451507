/**
 * Answers in JSON. Those to a GET carry an `ETag`, and who has that already gets 304 without a body.
 *
 * What is too long to be held as one text is streamed and has none.
 */

import { createHash } from "node:crypto";

/** Headers of every answer of the API: nobody keeps it without asking again, or guesses its type. */
export const API_HEADERS = {
  "content-type": "application/json",
  "cache-control": "private, no-cache",
  "x-content-type-options": "nosniff",
} as const;

/** The answer with `text`, which is JSON. */
export function jsonAnswer(request: Request, text: string, status: number): Response {
  const { method, headers } = request;
  if (status !== 200 || (method !== "GET" && method !== "HEAD")) {
    return new Response(text, { status, headers: { ...API_HEADERS, "cache-control": "no-store" } });
  }
  const digest = createHash("sha1").update(text).digest("base64url");
  const etag = `W/"${digest}"`;
  const isKnown = knows(headers.get("if-none-match"), digest);
  return new Response(isKnown ? null : text, {
    status: isKnown ? 304 : 200,
    headers: { ...API_HEADERS, etag },
  });
}

/** The answer with a text that is made while it is sent. */
export function streamAnswer(stream: ReadableStream<Uint8Array>): Response {
  return new Response(stream, { headers: API_HEADERS });
}

function knows(header: string | null, digest: string): boolean {
  if (header === null) return false;
  return header.split(",").some((tag) => {
    const text = tag.trim().replace(/^W\//, "");
    return text === "*" || text === `"${digest}"`;
  });
}
