/**
 * The bodies of requests that change something: JSON of a known form and of bounded size.
 *
 * Their content type must be `application/json`. A form in a web page can send anything but that to
 * a server that did not allow it, so no page can make its reader's browser pause a host.
 */

import type { Context } from "hono";
import type { z } from "zod";
import { RequestError } from "./request_error.ts";

/** Longest body that is read, bytes. */
const MAX_BODY = 16_384;

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/**
 * The body as `schema` has it; without a body, what that makes of `{}`. Throws a RequestError with
 * 415 or 413, with 400 for what is no JSON, and with 422 for JSON that is not right. `sample` shows
 * what would be.
 */
export async function readBody<T>(c: Context, schema: z.ZodType<T>, sample: string): Promise<T> {
  const text = await readText(c);
  const parsed = schema.safeParse(text === "" ? {} : jsonOf(text, sample));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") || "The body";
  const field = fieldOf(issue);
  const message = `${where}: ${issue?.message}. Right is ${sample}`;
  throw new RequestError(422, message, field === null ? {} : { field });
}

/** Makes sure that a request without a body has none that a form could have sent. */
export async function readNoBody(c: Context): Promise<void> {
  await readText(c);
}

/** What of the body or the query an issue is about; null: all of it. */
export function fieldOf(issue: z.core.$ZodIssue | undefined): string | null {
  if (issue === undefined) return null;
  const [unknown] = issue.code === "unrecognized_keys" ? issue.keys : [];
  return [...issue.path, ...(unknown === undefined ? [] : [unknown])].join(".") || null;
}

async function readText(c: Context): Promise<string> {
  const type = c.req.header("content-type");
  if (type !== undefined && !JSON_TYPE.test(type)) {
    throw new RequestError(415, `Content-Type must be application/json: got ${shown(type)}`);
  }
  const text = await boundedText(c.req.raw);
  if (text !== "" && type === undefined) {
    throw new RequestError(415, "Content-Type must be application/json: got none");
  }
  return text;
}

async function boundedText({ body, headers }: Request): Promise<string> {
  if (Number(headers.get("content-length") ?? "0") > MAX_BODY) throw tooLong();
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BODY) throw tooLong();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function jsonOf(text: string, sample: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestError(400, `The body is not JSON. Right is ${sample}`);
  }
}

function tooLong(): RequestError {
  return new RequestError(413, `Body is over ${MAX_BODY} bytes`);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
