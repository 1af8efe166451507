/**
 * Who a message is from and what it says of itself, read from its query and payload.
 *
 * The order is DESIGN's: the query's `name`, `host` or `appid`; the payload's `name`, `host`,
 * `hostname`, `device` or `id`; the payload's `ip`; the sender's address.
 */

const QUERY_KEYS = ["name", "host", "appid"] as const;
const PAYLOAD_KEYS = ["name", "host", "hostname", "device", "id", "ip"] as const;

/** Longest host name, in UTF-16 code units. */
export const MAX_HOST_NAME = 255;

/** Shortest interval a message is taken at its word for, so that a typo cannot flood the journal. */
const MIN_INTERVAL_MS = 1000;

/** Longest interval a message may state, in seconds: a year. */
export const MAX_INTERVAL_S = 31_536_000;

// deno-lint-ignore no-control-regex -- control characters are just what must not get through
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/**
 * The name of the host that sent `payload` to `target` (path with query) from address `ip`. Halves
 * of surrogate pairs, which no file and no store could keep apart, become U+FFFD.
 */
export function hostNameOf(target: string, payload: unknown, ip: string): string {
  const query = target.indexOf("?");
  if (query >= 0) {
    const parameters = new URLSearchParams(target.slice(query));
    for (const key of QUERY_KEYS) {
      const name = parameters.get(key);
      if (name) return name;
    }
  }
  if (isRecord(payload)) {
    for (const key of PAYLOAD_KEYS) {
      const name = payload[key];
      if (typeof name === "string" && name !== "") return name.toWellFormed();
      if (typeof name === "number") return String(name);
    }
  }
  return ip;
}

/** How an IPv4 sender looks to a socket that listens on IPv6. */
const MAPPED_IPV4 = "::ffff:";

/** An address as people write it: that of an IPv4 sender without the prefix of IPv6. */
export function plainAddress(address: string): string {
  return address.startsWith(MAPPED_IPV4) ? address.slice(MAPPED_IPV4.length) : address;
}

/** Why `name` cannot be a host's name, or null when it can. */
export function hostNameProblem(name: string): string | null {
  if (name === "") return "Host name must not be empty";
  if (name.length > MAX_HOST_NAME) {
    return `Host name must have at most ${MAX_HOST_NAME} characters: got ${name.length}`;
  }
  const bad = CONTROL.exec(name);
  if (bad) {
    const code = name.charCodeAt(bad.index).toString(16).toUpperCase().padStart(4, "0");
    return `Host name must not hold control characters: U+${code} at position ${bad.index + 1}`;
  }
  return null;
}

/** The interval that `payload` states under `interval` (seconds), in milliseconds. */
export function statedIntervalMs(payload: unknown): number | null {
  if (!isRecord(payload)) return null;
  const seconds = payload.interval;
  const usable = typeof seconds === "number" && seconds > 0 && seconds <= MAX_INTERVAL_S;
  return usable ? Math.max(MIN_INTERVAL_MS, Math.round(seconds * 1000)) : null;
}

/** The address that `payload` reports under `ip`, if it looks like one line of text. */
export function reportedIpOf(payload: unknown): string | null {
  if (!isRecord(payload)) return null;
  const ip = payload.ip;
  return typeof ip === "string" && hostNameProblem(ip) === null ? ip : null;
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
