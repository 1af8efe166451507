/**
 * What may be said of a failure: one short line without secrets. Providers repeat what they were
 * sent, and errors of the network carry whole addresses, so everything that comes from outside goes
 * through here before it is put into an error that is logged and shown.
 */

import { SendError } from "../channel.ts";
import { oneLine } from "./text.ts";

/** Characters of an answer that are told. */
const TOLD = 200;

/** Parts of an address that are shorter are words of its path, say `hooks`. */
const SECRET_PART = 8;

/** A shorter secret is looked for as a whole word: it would be found in everything. */
const FINDABLE = 4;

const HIDDEN = "***";

/** Makes one short line of a text, with asterisks for secrets. */
export type Tell = (text: string) => string;

/** A `Tell` that knows `secrets`, also as URLs, JSON and base64 have them. */
export function teller(secrets: readonly string[]): Tell {
  const forms = new Set(secrets.filter((secret) => secret !== "").flatMap(formsOf));
  // The longest first: one may be a part of another.
  const patterns = [...forms].sort((a, b) => b.length - a.length).map(patternOf);
  return (text) => {
    const hidden = patterns.reduce((told, pattern) => told.replace(pattern, HIDDEN), text);
    const line = oneLine(hidden);
    return line.length <= TOLD ? line : `${line.slice(0, TOLD).toWellFormed()}…`;
  };
}

/** What is secret in an address that is one: all of it, and the parts that somebody may repeat. */
export function secretsOfUrl(address: string): readonly string[] {
  const url = URL.parse(address);
  if (url === null) return [address];
  const parts = [...url.pathname.split("/"), ...url.searchParams.values()]
    .filter((part) => part.length >= SECRET_PART);
  const { href, origin, pathname, search, username, password } = url;
  const path = `${pathname}${search}`;
  return [address, href, `${origin}${path}`, ...path.length >= SECRET_PART ? [path] : []]
    .concat(parts, parts.map(decode), [username, password].map(decode));
}

/** The error of an attempt that `signal` has ended. */
export function abortedError(provider: string, signal: AbortSignal): SendError {
  const { reason } = signal;
  const isTimeout = reason instanceof DOMException && reason.name === "TimeoutError";
  const isTold = reason instanceof Error && !(reason instanceof DOMException);
  const why = isTimeout ? "no answer in time" : isTold ? oneLine(reason.message) : "it was stopped";
  return new SendError(`${provider}: the attempt was given up: ${why}`);
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The first line of an output that has something in it. */
export function firstLine(output: string): string {
  return output.split("\n").find((line) => line.trim() !== "") ?? "";
}

/** The text as base64 of its UTF-8. */
export function base64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

function formsOf(secret: string): readonly string[] {
  const quoted = JSON.stringify(secret).slice(1, -1);
  const slashes = quoted.replaceAll("/", "\\/");
  return [secret, quoted, slashes, encodeURIComponent(secret.toWellFormed())]
    .concat(secret.length < FINDABLE ? [] : base64(secret));
}

function patternOf(secret: string): RegExp {
  const literal = RegExp.escape(secret);
  return secret.length < FINDABLE
    ? new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, "gu")
    : new RegExp(literal, "g");
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
