/**
 * The keys of what people use: the ports beside the main one, TLS, who may change something without
 * users, sessions, history and the public status page. Also their way into the program's
 * configuration and back.
 */

import { isAbsolute, join } from "@std/path";
import { z } from "zod";
import type { WebConfig } from "./config.ts";
import {
  hostName,
  inner,
  key,
  keysOf,
  line,
  mapping,
  oneOrList,
  path,
  RELOADS,
  WANTS_BOOLEAN,
  WANTS_LINE,
  WANTS_PATH,
  wholeNumber,
} from "./keys.ts";
import type { KeyProblem } from "./yaml_file.ts";

const HOUR_S = 3600;

const network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

const statusPageShape = {
  title: inner(line.default("Status"), WANTS_LINE),
  hosts: inner(
    oneOrList(hostName).refine((names) => names.length > 0),
    'a host name ("*" stands for any characters), or a list of such, not empty',
  ),
};

/** The keys below `status_page`. */
export const STATUS_PAGE_KEYS = keysOf(statusPageShape);

/** The keys at the top of the file. */
export const webShape = {
  extra_ports: key(
    z.preprocess(
      (v) => v ?? [],
      z.array(z.int().min(0).max(65_535)).max(20)
        .refine((ports) => {
          const fixed = ports.filter((port) => port > 0);
          return new Set(fixed).size === fixed.length;
        }),
    ).default([]),
    "a list of up to 20 different whole numbers from 0 to 65535",
    "Ports that answer as hbd_port does, without TLS, for clients of the servers it replaces",
  ),
  ws_port: wholeNumber(0, 65_535, 50_005, "Port for WebSockets alone; 0 is none"),
  wss_port: key(
    z.int().min(0).max(65_535).nullable().default(null),
    "a whole number from 0 to 65535",
    "Port for WebSockets over TLS; none when not set or 0",
  ),
  https: key(
    z.boolean().default(false),
    WANTS_BOOLEAN,
    "Whether the main port speaks HTTPS and no HTTP, with the files below",
  ),
  cert_path: key(
    path.nullable().default(null),
    `the path of a folder, without "~"`,
    "Folder of wss_pem and wss_key; that of the configuration when not set",
  ),
  wss_pem: key(
    path.nullable().default(null),
    WANTS_PATH,
    "File with the certificate and those that vouch for it, PEM; read again when it changes",
  ),
  wss_key: key(
    path.nullable().default(null),
    WANTS_PATH,
    "File with the certificate's private key, PEM; read again when it changes",
  ),
  allow_anonymous_changes: key(
    z.boolean().default(false),
    WANTS_BOOLEAN,
    "Without users: whether everybody may change everything, not only this machine",
    RELOADS,
  ),
  trusted_proxies: key(
    z.preprocess((v) => v ?? [], oneOrList(network)).default([]),
    "an IP address or a range such as 10.0.0.0/8, or a list of such",
    "Proxies that are believed when they say for whom they ask",
    RELOADS,
  ),
  session_hours: key(
    z.number().min(0.1).max(87_600).default(720),
    "a number of hours from 0.1 to 87600",
    "How long somebody who does nothing stays logged in",
    RELOADS,
  ),
  history_days: wholeNumber(
    0,
    3660,
    90,
    "Days for which hourly figures of each host are kept; 0 is none",
    RELOADS,
  ),
  status_page: key(
    z.preprocess((v) => v ?? null, mapping(z.strictObject(statusPageShape)).nullable())
      .default(null),
    "a mapping with hosts, and a title if you like",
    "Page with the state of some hosts that everybody may see; none when not set",
    RELOADS,
  ),
};

const webSchema = z.object(webShape);
type WebFile = z.output<typeof webSchema>;

/** Keys that need files that are not named. */
export function webProblems(file: WebFile): readonly KeyProblem[] {
  const missing = (["wss_pem", "wss_key"] as const).filter((name) => file[name] === null);
  if (missing.length === 0) return [];
  const users = [
    ...(file.wss_port ? [{ name: "wss_port", shown: `wss_port: ${file.wss_port}` }] : []),
    ...(file.https ? [{ name: "https", shown: "https: true" }] : []),
  ];
  const text = `needs ${missing.join(" and ")}, the files with the certificate and its key`;
  return users.map(({ name, shown }) => ({ path: [name], text: `${shown} ${text}` }));
}

/** Turns the checked keys into the program's configuration; paths stay as they are written. */
export function toWeb(file: WebFile): WebConfig {
  const inFolder = (name: string | null) =>
    name === null || file.cert_path === null || isAbsolute(name)
      ? name
      : join(file.cert_path, name);
  return {
    extraPorts: file.extra_ports,
    // 0 takes no free port here, as it does for the main one: nobody would know which.
    wsPort: file.ws_port === 0 ? null : file.ws_port,
    wssPort: file.wss_port === 0 ? null : file.wss_port,
    https: file.https,
    certFile: inFolder(file.wss_pem),
    keyFile: inFolder(file.wss_key),
    allowAnonymousChanges: file.allow_anonymous_changes,
    trustedProxies: file.trusted_proxies,
    sessionS: file.session_hours * HOUR_S,
    historyDays: file.history_days,
    statusPage: file.status_page,
  };
}

/** Turns the program's configuration back into the file's keys. */
export function fromWeb(web: WebConfig): WebFile {
  return {
    extra_ports: [...web.extraPorts],
    ws_port: web.wsPort ?? 0,
    wss_port: web.wssPort,
    https: web.https,
    cert_path: null,
    wss_pem: web.certFile,
    wss_key: web.keyFile,
    allow_anonymous_changes: web.allowAnonymousChanges,
    trusted_proxies: [...web.trustedProxies],
    session_hours: web.sessionS / HOUR_S,
    history_days: web.historyDays,
    status_page: web.statusPage && { ...web.statusPage, hosts: [...web.statusPage.hosts] },
  };
}
