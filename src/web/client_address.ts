/**
 * Whom a request is from when it came through proxies, and whether it came encrypted.
 *
 * Each proxy adds the address that it got the request from at the end of `X-Forwarded-For`, so it
 * is read from there: the first one that is no trusted proxy is the client. What stands before that
 * anybody can have written, and without a trusted proxy in front all of it.
 */

import { BlockList, isIP } from "node:net";

type Family = "ipv4" | "ipv6";

/** The lists that were made of the settings, so that not every request makes one. */
const LISTS = new WeakMap<readonly string[], BlockList>();

/** The sender of a request, without `::ffff:` before an IPv4 address. */
export function clientAddress(
  headers: Headers,
  remoteAddr: Deno.Addr,
  trustedProxies: readonly string[],
): string {
  let address = peerOf(remoteAddr);
  if (!isTrusted(address, trustedProxies)) return address;
  const hops = (headers.get("x-forwarded-for") ?? "").split(",");
  for (let n = hops.length - 1; n >= 0; n--) {
    const hop = addressOfHop(hops[n] ?? "");
    if (hop === null) break;
    address = hop;
    if (!isTrusted(address, trustedProxies)) break;
  }
  return address;
}

/** True when the request, or the way to the trusted proxy in front, is encrypted. */
export function isEncrypted(
  { url, headers }: Request,
  remoteAddr: Deno.Addr,
  trustedProxies: readonly string[],
): boolean {
  if (url.startsWith("https:")) return true;
  return forwarded(headers, "x-forwarded-proto", remoteAddr, trustedProxies) === "https";
}

/** The names under which the client addressed the server: by its own word, and a trusted proxy's. */
export function addressedHosts(
  headers: Headers,
  remoteAddr: Deno.Addr,
  trustedProxies: readonly string[],
): readonly string[] {
  const outer = forwarded(headers, "x-forwarded-host", remoteAddr, trustedProxies);
  return [headers.get("host") ?? "", ...(outer === null ? [] : [outer])];
}

/** For an address as a socket or a URL has it. */
export function isLoopback(address: string): boolean {
  return /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(address) || /^(?:::1|\[::1\])$/.test(address);
}

function forwarded(
  headers: Headers,
  name: string,
  remoteAddr: Deno.Addr,
  trustedProxies: readonly string[],
): string | null {
  if (!isTrusted(peerOf(remoteAddr), trustedProxies)) return null;
  return headers.get(name)?.split(",").at(-1)?.trim().toLowerCase() ?? null;
}

function peerOf(remoteAddr: Deno.Addr): string {
  return "hostname" in remoteAddr ? plain(remoteAddr.hostname) : "";
}

function isTrusted(address: string, trustedProxies: readonly string[]): boolean {
  if (trustedProxies.length === 0) return false;
  const family = familyOf(address);
  if (family === null) return false;
  let list = LISTS.get(trustedProxies);
  if (list === undefined) LISTS.set(trustedProxies, list = listOf(trustedProxies));
  return list.check(address, family);
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    const family = familyOf(address);
    if (family === null) continue;
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::1`, `[2001:db8::1]:4711`; null: none of those. */
function addressOfHop(text: string): string | null {
  const hop = text.trim().replace(/^"(.*)"$/, "$1");
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(hop) ?? [];
  const bare = bracketed ?? (/^[\d.]+:\d+$/.test(hop) ? hop.slice(0, hop.indexOf(":")) : hop);
  return familyOf(bare) === null ? null : plain(bare);
}

function familyOf(address: string): Family | null {
  const version = isIP(address);
  return version === 0 ? null : version === 4 ? "ipv4" : "ipv6";
}

function plain(address: string): string {
  return address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}
