/**
 * What may stand in the DNS: which name a host gets there, and what an address is there.
 *
 *   host "Web1.office", domain "example.com"      -> web1.example.com
 *   sender ::ffff:192.0.2.7                       -> A     192.0.2.7
 *   sender 2001:db8:0:0::7                        -> AAAA  2001:db8::7
 *
 * All of it is pure. Whatever a datagram brings, what comes out is made of letters, digits, hyphens,
 * dots and colons, or it is a problem in words.
 */

import { isIPv4, isIPv6 } from "node:net";

export type RecordType = "A" | "AAAA";

/** An address as the DNS has it. */
export interface RecordData {
  readonly type: RecordType;
  /** Canonical text: dotted decimal, or RFC 5952. */
  readonly address: string;
}

/** A value, or why there is none: one sentence. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string };

/** One part of a name, RFC 1035 2.3.1 with the digits of RFC 1123 2.1. */
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

const LABEL_RULE = "1 to 63 letters a to z, digits and hyphens, with no hyphen at either end";

/** Longest whole name, without the dot at its end: RFC 1035 2.3.4 has 255 octets of the wire. */
const MAX_NAME = 253;

/** True for a whole name, in lower case and without the dot at its end, that hosts may have. */
export function isDnsName(name: string): boolean {
  return name.length <= MAX_NAME && name === name.toLowerCase() &&
    name.split(".").every((label) => LABEL.test(label));
}

/** The first part of a host's name, in lower case, as it stands in the DNS. */
export function shortNameOf(host: string): Checked<string> {
  // The name of one that said none. Its first part would make a fine label, and mean nothing.
  if (isIPv4(host) || isIPv6(host)) return problem(`${show(host)} is an address, not a name`);
  const label = host.split(".", 1)[0] ?? "";
  if (LABEL.test(label)) return { ok: true, value: label.toLowerCase() };
  return problem(`${show(label)} cannot stand in the DNS: it must be ${LABEL_RULE}`);
}

/** A domain in lower case and without the dot at its end. */
export function domainOf(text: string): Checked<string> {
  const name = text.endsWith(".") ? text.slice(0, -1) : text;
  if (name.length <= MAX_NAME && name.split(".").every((label) => LABEL.test(label))) {
    return { ok: true, value: name.toLowerCase() };
  }
  return problem(`${show(text)} is no domain: each part must be ${LABEL_RULE}`);
}

/** The whole name of `host` in `domain`, which `domainOf` has given; without a dot at its end. */
export function recordNameOf(host: string, domain: string): Checked<string> {
  const short = shortNameOf(host);
  if (!short.ok) return short;
  const value = `${short.value}.${domain}`;
  if (isDnsName(value)) return { ok: true, value };
  return problem(`${show(value)} cannot stand in the DNS: at most ${MAX_NAME} characters`);
}

/** The record for the address of a sender. */
export function recordDataOf(ip: string): Checked<RecordData> {
  if (isIPv4(ip)) return checkedV4(ip);
  // isIPv6 takes a zone too: fe80::1%eth0.
  if (!isIPv6(ip) || ip.includes("%")) {
    return problem(
      isIPv6(ip) ? `${show(ip)} holds on one link alone` : `${show(ip)} is no address`,
    );
  }
  const address = canonicalV6(ip);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address);
  if (mapped !== null) return checkedV4(v4Of(mapped[1] ?? "", mapped[2] ?? ""));
  const reach = reachOfV6(address);
  if (reach !== null) return problem(`${address} is ${reach}`);
  return { ok: true, value: { type: "AAAA", address } };
}

/** True for what `recordDataOf` gives. */
export function isRecordData(type: RecordType, address: string): boolean {
  const data = recordDataOf(address);
  return data.ok && data.value.type === type && data.value.address === address;
}

function checkedV4(address: string): Checked<RecordData> {
  const [first = 0, second = 0] = address.split(".").map(Number);
  const reach = first === 0
    ? "no address of a host"
    : first === 169 && second === 254
    ? "an address of one link alone"
    : first >= 224 && first < 240
    ? "a multicast address"
    : first >= 240
    ? "a reserved address"
    : null;
  if (reach !== null) return problem(`${address} is ${reach}`);
  return { ok: true, value: { type: "A", address } };
}

function reachOfV6(address: string): string | null {
  if (address === "::") return "no address of a host";
  if (/^fe[89ab][0-9a-f]:/.test(address)) return "an address of one link alone";
  if (/^ff[0-9a-f]{2}:/.test(address)) return "a multicast address";
  return null;
}

/** RFC 5952, as URLs have it. */
function canonicalV6(ip: string): string {
  return new URL(`http://[${ip}]/`).hostname.slice(1, -1);
}

function v4Of(high: string, low: string): string {
  const bits = parseInt(high, 16) * 0x10000 + parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join(".");
}

function problem(text: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem: text };
}

/** Text from outside, on one line and not too long. */
function show(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
