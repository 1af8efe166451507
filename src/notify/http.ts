/**
 * One request to a provider over HTTP, and what became of it: an answer, or a SendError that says
 * whether to come back, and when, without the secrets that the request carries.
 *
 * It never follows a redirect: the secret would go to whoever is named there. It reads no more of
 * an answer than is worth telling, so that an endless one ends.
 */

import { SendError, type SendErrorOptions } from "./channel.ts";
import { abortedError, messageOf, teller } from "./channels/trouble.ts";

/** Bytes of an answer that are read. */
const MAX_ANSWER_BYTES = 65_536;

/** Longest time that a provider can keep us away, milliseconds. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** Answers to a message that no further attempt makes better. */
const REFUSALS: ReadonlySet<number> = new Set([400, 413, 422]);

/** Answers that may say when to come back. */
const BUSY: ReadonlySet<number> = new Set([429, 503]);

/** Methods without a body. */
const BODILESS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

export interface HttpRequest {
  /** What people call it; errors begin with it. */
  readonly provider: string;
  readonly url: string;
  /** @default {"POST"} */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body: a JSON value or a form. Not sent with GET and HEAD. */
  readonly body?: { readonly json: unknown } | { readonly form: Readonly<Record<string, string>> };
  /** What must not be told. */
  readonly secrets: readonly string[];
  /**
   * Whether a 2xx answer is the provider's own. Something in between, say a login page, answers 200
   * to everything. @default {all are}
   */
  readonly isSuccess?: (json: unknown) => boolean;
  /** Whether a refusal is about the configuration, which may be put right. @default {none is} */
  readonly isCurable?: (json: unknown) => boolean;
}

export interface HttpAnswer {
  /** The answer as JSON; undefined when it is none. */
  readonly json: unknown;
  /** Status and answer in one short line. */
  readonly line: string;
}

/**
 * Sends one request. Ends soon after `signal` is aborted.
 *
 * @throws {SendError} and nothing else
 */
export async function request(options: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const { provider, secrets, isSuccess = () => true, isCurable = () => false } = options;
  const tell = teller(secrets);
  const response = await reach(options, tell, signal);
  const { status } = response;
  const { text, isWhole } = await readAnswer(response);
  const json = parse(text);
  const line = `${status} ${tell(text)}`.trim();
  if (response.ok) {
    // What was cut off says nothing against it, and sending it again would be a second message.
    if (!isWhole || isSuccess(json)) return { json, line };
    throw new SendError(`${provider} gave an answer that is not its own: ${line}`);
  }
  if (status >= 300 && status < 400) {
    const to = originOf(response, options.url);
    throw new SendError(
      `${provider} answered ${status} and points to ${tell(to)}: redirects are not followed, ` +
        "the configuration must have the final address",
    );
  }
  const failure: SendErrorOptions = REFUSALS.has(status) && !isCurable(json)
    ? { isRefused: true }
    : BUSY.has(status)
    ? retryAfter(response, json)
    : {};
  throw new SendError(`${provider} answered ${line}`, failure);
}

/** An address below `base`, whether that ends with a slash or not. */
export function addressBelow(base: string, path: string): string {
  return `${base.replace(/\/+$/, "")}${path}`;
}

/** The value of a field of a JSON object; undefined when it is none, or has none. */
export function fieldOf(json: unknown, name: string): unknown {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined;
  return Object.hasOwn(json, name) ? (json as Record<string, unknown>)[name] : undefined;
}

async function reach(
  { provider, url, method = "POST", headers = {}, body }: HttpRequest,
  tell: (text: string) => string,
  signal: AbortSignal,
): Promise<Response> {
  try {
    const all = new Headers({ "user-agent": "heartbeat" });
    const init: RequestInit = { method, headers: all, redirect: "manual", signal };
    if (body !== undefined && !BODILESS.has(method.toUpperCase())) {
      if ("json" in body) {
        all.set("content-type", "application/json");
        init.body = JSON.stringify(body.json);
      } else {
        init.body = new URLSearchParams(body.form);
      }
    }
    for (const [name, value] of Object.entries(headers)) all.set(name, value);
    return await fetch(url, init);
  } catch (error) {
    if (signal.aborted) throw abortedError(provider, signal);
    throw new SendError(`${provider} cannot be reached: ${tell(reasonOf(error, url))}`);
  }
}

/** Why `fetch` got no answer, without the address, which may be a secret as a whole. */
export function reasonOf(error: unknown, url: string): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = messageOf(inner);
  // Deno: "error sending request for url (…): client error (Connect): tcp connect error: …"
  const [, reason] = / client error \(\w+\): (.+)$/s.exec(message) ?? [];
  return reason ?? message.replaceAll(URL.parse(url)?.href ?? url, "the address");
}

/** The beginning of an answer; whatever ends it, its status holds. */
async function readAnswer(
  response: Response,
): Promise<{ readonly text: string; readonly isWhole: boolean }> {
  const reader = response.body?.getReader();
  if (reader === undefined) return { text: "", isWhole: true };
  const decoder = new TextDecoder();
  let text = "";
  let left = MAX_ANSWER_BYTES;
  try {
    while (left > 0) {
      const { done, value } = await reader.read();
      if (done) return { text: text + decoder.decode(), isWhole: true };
      text += decoder.decode(value.subarray(0, left), { stream: true });
      left -= value.length;
    }
  } catch {
    return { text, isWhole: false };
  }
  await reader.cancel().catch(() => {});
  return { text, isWhole: false };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where a redirect leads, without its path: there the secret may be again. */
function originOf(response: Response, url: string): string {
  const location = URL.parse(response.headers.get("location") ?? "", url);
  return location?.origin ?? "nowhere";
}

/** Reads the header (seconds or a date), and the JSON of Discord, Telegram and Matrix. */
function retryAfter(response: Response, json: unknown): SendErrorOptions {
  const header = response.headers.get("retry-after")?.trim() ?? "";
  const headerMs = /^\d+(\.\d+)?$/.test(header)
    ? Number(header) * 1000
    : Date.parse(header) - Date.now();
  const found = [
    headerMs,
    asNumber(fieldOf(json, "retry_after")) * 1000,
    asNumber(fieldOf(fieldOf(json, "parameters"), "retry_after")) * 1000,
    asNumber(fieldOf(json, "retry_after_ms")),
  ].filter(Number.isFinite);
  if (found.length === 0) return {};
  const ms = Math.ceil(Math.max(0, ...found));
  return { retryAfterMs: Math.min(ms, MAX_RETRY_AFTER_MS) };
}

function asNumber(value: unknown): number {
  return typeof value === "number" ? value : NaN;
}
