/**
 * The keys of what the server does towards other servers: addresses of hosts in the DNS, and its
 * own beats to whoever watches it. Also their way into the program's configuration and back.
 */

import { z } from "zod";
import type { DnsConfig, HeartbeatTarget } from "./config.ts";
import {
  complain,
  hostName,
  inner,
  isWebUrl,
  key,
  keysOf,
  mapping,
  oneOrList,
  path,
  RELOADS,
  secretKey,
  splitHostPort,
  wholeNumber,
} from "./keys.ts";
import {
  KEY_RULE,
  type SecretLookup,
  secretText,
  URL_RULE,
  wantsSecret,
  writeSecret,
} from "./secret_text.ts";

const UDP_PORT = 50_003;
const UDP_INTERVAL_S = 10;
const HTTP_INTERVAL_S = 60;
const YEAR_S = 31_536_000;
const MAX_TARGETS = 100;

const domain = z.string().transform((name) => name.replace(/\.$/, ""))
  .pipe(z.string().max(253).regex(/^(?!-)[\w-]{1,63}(?:\.(?!-)[\w-]{1,63})*$/));
const hostPort = z.string().refine((text) => splitHostPort(text) !== null);

const targetShape = {
  udp: inner(
    hostPort.optional(),
    "a host name or address with an optional port: hbd2.example.com, [2001:db8::1]:50003",
  ),
  url: secretKey(secretText(URL_RULE).optional(), wantsSecret(URL_RULE)),
  name: inner(hostName.nullable().default(null), "1 to 255 characters without control characters"),
  key: secretKey(secretText(KEY_RULE).nullable().default(null), wantsSecret(KEY_RULE)),
  method: inner(z.enum(["GET", "POST"]).optional(), '"GET" or "POST"'),
  interval: inner(
    z.number().min(1).max(YEAR_S).optional(),
    `a number of seconds from 1 to ${YEAR_S}`,
  ),
};

const targetSchema = z.strictObject(targetShape).superRefine(
  ({ udp, url, name, key, method }, ctx) => {
    if ((udp === undefined) === (url === undefined)) {
      complain(ctx, [], 'needs either "udp" or "url"');
    } else if (url !== undefined && (name !== null || key !== null)) {
      complain(ctx, [name === null ? "key" : "name"], 'goes with "udp" only, not with "url"');
    } else if (udp !== undefined && method !== undefined) {
      complain(ctx, ["method"], 'goes with "url" only, not with "udp"');
    }
  },
);
type TargetFile = z.output<typeof targetSchema>;

/** The keys of one who watches this server. */
export const TARGET_KEYS = keysOf(targetShape);

/** What one who watches this server must be. */
export const WANTS_TARGET =
  'a mapping with "udp" or "url", an http or https address, or udp://host:port';

/** `udp://host:port` and plain addresses as the mappings that they are short for. */
function spelledOut(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const [, udp] = /^udp:\/\/([^/]+)\/?$/i.exec(value) ?? [];
  if (udp !== undefined) return new Map([["udp", udp]]);
  return isWebUrl(value) || /^(?:\$\{|file:)/.test(value) ? new Map([["url", value]]) : value;
}

/** The keys at the top of the file. */
export const outwardShape = {
  dyndomains: key(
    z.preprocess((v) => v ?? [], oneOrList(domain)).default([]),
    "a domain, or a list of such",
    "Domains in which the addresses of hosts with dyn: true are kept",
    RELOADS,
  ),
  nsupdate_bin: key(
    path.default("nsupdate"),
    `the name or path of a program, without "~"`,
    "The program that updates the DNS",
    RELOADS,
  ),
  nsupdate_key: key(
    path.nullable().default(null),
    `the path of a file, without "~"`,
    "File with the TSIG key that signs updates",
    RELOADS,
  ),
  nsupdate_server: key(
    hostPort.nullable().default(null),
    "a host name or address with an optional port",
    "Server that takes the updates; the one that the domain itself names when not set",
    RELOADS,
  ),
  nsupdate_ttl: wholeNumber(1, 604_800, 60, "Seconds that others may remember an address", RELOADS),
  heartbeat_to: secretKey(
    z.preprocess(
      (v) => (Array.isArray(v) ? v : v === null || v === undefined ? [] : [v]).map(spelledOut),
      z.array(mapping(targetSchema)).max(MAX_TARGETS),
    ).default([]),
    `${WANTS_TARGET}, or a list of such`,
    "Who gets beats of this server itself",
  ),
  metrics_max_hosts: wholeNumber(
    0,
    1_000_000,
    100,
    "Most hosts that have figures of their own in /metrics",
    RELOADS,
  ),
};

const outwardSchema = z.object(outwardShape);
type OutwardFile = z.output<typeof outwardSchema>;

/** Turns the checked keys of DNS updates into the program's; paths stay as they are written. */
export function toDns(file: OutwardFile): DnsConfig {
  return {
    domains: file.dyndomains,
    bin: file.nsupdate_bin,
    keyFile: file.nsupdate_key,
    server: file.nsupdate_server,
    ttlS: file.nsupdate_ttl,
  };
}

/** Turns a checked target into the program's. */
export function toTarget(file: TargetFile, secret: SecretLookup): HeartbeatTarget {
  const { udp = "", url, name, key, method = "GET", interval } = file;
  if (url !== undefined) {
    return { kind: "http", url: secret(url), method, intervalS: interval ?? HTTP_INTERVAL_S };
  }
  const { hostname, port } = splitHostPort(udp) ?? { hostname: udp, port: null };
  return {
    kind: "udp",
    hostname,
    port: port ?? UDP_PORT,
    name,
    key: key && secret(key),
    intervalS: interval ?? UDP_INTERVAL_S,
  };
}

/** Turns the program's configuration back into the file's keys. */
export function fromOutward(
  dns: DnsConfig,
  targets: readonly HeartbeatTarget[],
  metricsMaxHosts: number,
): OutwardFile {
  return {
    dyndomains: [...dns.domains],
    nsupdate_bin: dns.bin,
    nsupdate_key: dns.keyFile,
    nsupdate_server: dns.server,
    nsupdate_ttl: dns.ttlS,
    heartbeat_to: targets.map(fromTarget),
    metrics_max_hosts: metricsMaxHosts,
  };
}

function fromTarget(target: HeartbeatTarget): TargetFile {
  const { intervalS: interval } = target;
  if (target.kind === "http") {
    const { url, method } = target;
    return { url: writeSecret(url), method, interval, name: null, key: null };
  }
  const { hostname, port, name, key } = target;
  const address = hostname.includes(":") ? `[${hostname}]` : hostname;
  return { udp: `${address}:${port}`, name, key: key && writeSecret(key), interval };
}
