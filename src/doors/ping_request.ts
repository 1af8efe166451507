/**
 * What the dialects of pings have in common: the parts of a path, what stands for a host in one, the
 * words that go into a message for people, and who may make a host by a ping.
 */

import { CONTROLS } from "../wire/client_message.ts";
import type { DialectRequest } from "./dialect.ts";
import type { DialectDesk } from "./dialect_desk.ts";

/** What stands in the journal for a part of a path that is a secret. */
export const HIDDEN = "…";

/** Longest text from a header or a parameter that is kept, in UTF-16 code units. */
const MAX_WORDS = 500;

/** Longest id of a run, in UTF-16 code units: what is longer would not be taken for one. */
const MAX_RUN = 64;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A host that a ping speaks for. */
export interface PingedHost {
  readonly host: string;
  /** The ping shows an id of the host, or the ping key. */
  readonly isProven: boolean;
}

/**
 * The parts of `path` between its slashes, decoded. A slash at the end changes nothing. Null when an
 * encoding is broken.
 */
export function partsOf(path: string): readonly string[] | null {
  const whole = path.endsWith("/") ? path.slice(0, -1) : path;
  try {
    return whole.split("/").slice(1).map(decodeURIComponent);
  } catch {
    // Half of an encoded character, or none at all.
    return null;
  }
}

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** An id as ids are compared: a UUID may be written in upper case. */
export function plainId(id: string): string {
  return isUuid(id) ? id.toLowerCase() : id;
}

/** The host whose ping id is `id`. */
export function hostOfPing(desk: DialectDesk, id: string): PingedHost | null {
  const host = desk.hostOfPing(plainId(id));
  return host === null ? null : { host, isProven: true };
}

/**
 * The host called `name`, where pings may speak for it: it is known, or pings make hosts. Where there
 * is a ping key a name is not enough, but for a UUID: a ping made a host of it, and nobody guesses it.
 */
export function hostByName(
  desk: DialectDesk,
  name: string,
  { isProven = false, mayCreate = false } = {},
): PingedHost | null {
  if (desk.asksForKey && !isProven && !isUuid(name)) return null;
  const isThere = desk.hosts.isKnown(name) || mayCreate || desk.createsHosts;
  return isThere ? { host: name, isProven } : null;
}

/** `text` as one line of bounded length; null when nothing is left of it. */
export function oneLine(text: string | null | undefined, limit = MAX_WORDS): string | null {
  const line = (text ?? "").toWellFormed().replace(CONTROLS, " ").trim();
  if (line === "") return null;
  return line.length > limit ? `${line.slice(0, limit - 1)}…`.toWellFormed() : line;
}

/** The first line of `text` that says something, or null. */
export function firstLine(text: string): string | null {
  for (const line of text.split(/\r\n|\r|\n/, 50)) {
    const words = oneLine(line);
    if (words !== null) return words;
  }
  return null;
}

/** The id of a run as messages have it: of one line, and not too long. */
export function runId(text: string | null): string {
  return oneLine((text ?? "").slice(0, MAX_RUN), MAX_RUN) ?? "";
}

/** What the program that pings calls itself, for people. */
export function userAgentOf({ request }: DialectRequest): { readonly user_agent?: string } {
  const name = oneLine(request.headers.get("user-agent"));
  return name === null ? {} : { user_agent: name };
}
