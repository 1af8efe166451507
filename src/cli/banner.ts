/** What is said of a server that has started: where to post to, and where things are. */

import type { Config } from "../config/config.ts";
import { seconds } from "../screen/format.ts";
import type { RunningServer } from "../server.ts";
import { curlLine, type Scheme } from "../web/status.ts";
import { type LivePorts, peopleLines } from "./banner_lines.ts";

/** What is to be said of a server. */
export type Described =
  & Pick<RunningServer, "addr" | "udpPort" | "journalPath">
  & Partial<LivePorts>;

/** What is printed at the start. */
export function banner(
  server: Described,
  config: Config,
  stateDir: string,
  version: string,
): string {
  return [
    `Heartbeat ${version}`,
    ...bannerRows(server, config, stateDir).map(([name, value]) => `  ${name.padEnd(10)} ${value}`),
    "",
    "Send a beat from another terminal:",
    `  ${beatCommand(server, config)}`,
    "",
    "",
  ].join("\n");
}

/** Names and values; a name that is empty is that of the row above. */
export function bannerRows(
  { addr, udpPort, journalPath, ...live }: Described,
  config: Config,
  stateDir: string,
): readonly (readonly [name: string, value: string])[] {
  const urls = reachableAt(addr, schemeOf(config));
  return [
    ...urls.map((url, i) => [i === 0 ? "Post to" : "", url] as const),
    ["UDP port", udpPort === null ? 'off (hb_port: "off")' : String(udpPort)],
    ...peopleLines(config, { ...config.web, ...live }),
    ["Expecting", expectation(config)],
    ["State", stateDir],
    ["Journal", journalPath ?? "off (journal_enabled: false)"],
    ...(config.beatLog === null ? [] : [["Beat log", config.beatLog] as const]),
    ...(config.logFile === null ? [] : [["Log file", config.logFile] as const]),
  ];
}

/** The line that sends a beat from this machine. */
export function beatCommand({ addr }: Pick<Described, "addr">, config: Config): string {
  const local = addr.hostname === "0.0.0.0" || addr.hostname === "::" ? "localhost" : addr.hostname;
  return curlLine(`${inUrl(local)}:${addr.port}`, schemeOf(config));
}

/** How often beats are expected, in a few words: `Every 10s ±20%`. */
export function rhythmWords({ intervalS, tolerancePct, graceS }: Config): string {
  if (intervalS === "auto") return "Rhythm learned";
  const grace = graceS === null ? `±${tolerancePct}%` : `+${seconds(graceS)}`;
  return `Every ${seconds(intervalS)} ${grace}`;
}

function schemeOf({ web }: Config): Scheme {
  return web.https ? "https" : "http";
}

function expectation(config: Config): string {
  return config.intervalS === "auto"
    ? "a beat as often as each host is used to send one (learned)"
    : `a beat e${rhythmWords(config).slice(1)}`;
}

/** URLs of the server; one for each address of the machine when it listens on all of them. */
function reachableAt({ hostname, port }: Deno.NetAddr, scheme: string): string[] {
  const url = (address: string) => `${scheme}://${inUrl(address)}:${port}/`;
  if (hostname !== "0.0.0.0" && hostname !== "::") return [url(hostname)];
  const others = Deno.networkInterfaces()
    .filter(({ family, address }) => family === "IPv4" && !address.startsWith("127."))
    .map(({ address }) => address);
  return ["localhost", ...others].map(url);
}

function inUrl(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}
