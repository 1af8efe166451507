/**
 * `/install`: how to install the client for this server, or another server, and the scripts that do
 * it. They are `scripts/install.sh` with the address filled in by which this server was reached.
 *
 * That address comes from a header that anybody can write, and the script is made to be piped into a
 * shell: an address that is not plainly a name or an IP address, with or without a port, is left out.
 */

import type { Context } from "hono";
import { Hono } from "hono";
import { isIPv4, isIPv6 } from "node:net";
import script from "../../scripts/install.sh" with { type: "text" };
import { addressedHosts, isEncrypted } from "./client_address.ts";
import { RequestError } from "./request_error.ts";
import type { Env } from "./route.ts";
import type { View } from "./view.ts";

/** The port that clients beat to when they are not told another one. */
const CLIENT_PORT = 50_003;

/** Longest name in the DNS. */
const MAX_NAME = 253;

const NAME = /^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9.])?$/;

/** An address by which the server was reached. */
export interface Reached {
  /** A name, an IPv4 address, or an IPv6 address in brackets. */
  readonly host: string;
  /** `:8080`, or nothing. */
  readonly port: string;
}

/** Reads a `Host` header; null when it is no name and no address, and must not be shown a shell. */
export function reachedAs(header: string): Reached | null {
  const [, host = "", port = ""] =
    /^([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/.exec(header) ??
      [];
  if (host.length > MAX_NAME) return null;
  const isGood = host.startsWith("[") ? isIPv6(host.slice(1, -1)) : isIPv4(host) || NAME.test(host);
  return isGood ? { host, port } : null;
}

/** The server as a client is told it: `monitor`, or `monitor:7` where the port is another one. */
export function clientAddressOf({ host }: Reached, udpPort: number): string {
  return udpPort === CLIENT_PORT ? host : `${host}:${udpPort}`;
}

/**
 * The script for one of the two programs.
 *
 * @param server what the client is to beat to; null: not known. Only the characters of `reachedAs`
 */
export function installScript(program: "hbd" | "hbc", server: string | null): string {
  return script
    .replace(/^default_program=.*$/m, `default_program='${program}'`)
    .replace(/^default_server=.*$/m, `default_server='${server ?? ""}'`);
}

/** Answers GET of `/install` and what is below it; POSTs there are beats, as everywhere. */
export function createInstall(view: View): Hono<Env> {
  const app = new Hono<Env>({ strict: false });
  app.get("/install", (c) => plain(c, explanation(c, view)));
  app.get("/install/hbd.sh", (c) => plain(c, installScript("hbd", null)));
  app.get("/install/hbc.sh", (c) => {
    const { udp } = view.counters();
    const reached = reachedBy(c, view);
    const server = reached === null || udp === null ? null : clientAddressOf(reached, udp.port);
    return plain(c, installScript("hbc", server));
  });
  app.get("/install/*", (c) => {
    throw new RequestError(404, `There is no ${c.req.path}: see /install`);
  });
  return app;
}

/** The last of the names is that which a trusted proxy was addressed by. */
function reachedBy(c: Context<Env>, view: View): Reached | null {
  const { trustedProxies } = view.config().web;
  const hosts = addressedHosts(c.req.raw.headers, c.env.remoteAddr, trustedProxies);
  return reachedAs(hosts.at(-1) ?? "");
}

function explanation(c: Context<Env>, view: View): string {
  const { trustedProxies } = view.config().web;
  const isSafe = isEncrypted(c.req.raw, c.env.remoteAddr, trustedProxies);
  const reached = reachedBy(c, view);
  const home = `${isSafe ? "https" : "http"}://${reached?.host ?? "SERVER"}${reached?.port ?? ""}`;
  const lines = (program: string) => [
    `  curl -fsS ${home}/install/${program}.sh | sh`,
    `  wget -qO- ${home}/install/${program}.sh | sh`,
  ];
  return [
    ...(view.counters().udp === null
      ? ['hbc, the client, cannot beat to this server: its UDP port is off (hb_port: "off").']
      : ["hbc, the client, on a machine that this server is to watch:"]),
    ...lines("hbc"),
    "",
    "hbd, another server:",
    ...lines("hbd"),
    "",
    "The scripts download the latest release, check its SHA-256, and install it into",
    "/usr/local/bin or ~/.local/bin (HBD_INSTALL_DIR). Nothing is started: the line to run next is",
    "printed. HBD_RELEASE_URL names another place to download from.",
    ...(isSafe ? [] : [
      "",
      "This connection is not encrypted: who does not trust the network reads a script before it is",
      "run.",
    ]),
    "",
  ].join("\n");
}

function plain(c: Context<Env>, text: string): Response {
  c.header("cache-control", "no-store");
  c.header("x-content-type-options", "nosniff");
  return c.text(text);
}
