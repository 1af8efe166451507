/**
 * `hbd serve`: runs the server in the foreground until it is told to stop.
 *
 * SIGINT and SIGTERM stop it, SIGHUP reloads the configuration. Its own log goes to standard error,
 * so that standard output holds beats and alerts only.
 */

import { configure, getLogger, getTextFormatter, type LogRecord } from "@logtape/logtape";
import { resolve } from "@std/path";
import { loadConfig } from "../config/load.ts";
import type { Config } from "../config/config.ts";
import { defaultStateDir } from "../config/state_dir.ts";
import { warningsOf } from "../config/warnings.ts";
import { LocalTime } from "../wire/local_time.ts";
import { formatSeconds, PlainScreen } from "../screen/plain.ts";
import { Terminal } from "../screen/terminal.ts";
import { SdNotify } from "../self/sd_notify.ts";
import { type RunningServer, startServer } from "../server.ts";
import { UdpBindError } from "../udp_service.ts";
import { curlLine } from "../web/status.ts";
import type { ServeOptions } from "./serve_args.ts";
import { type LivePorts, peopleLines } from "./banner_lines.ts";

const log = getLogger(["hbd", "serve"]);

/** The server could not start; the message says why and what to do, ready to print. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** Serves until a signal stops it. Rejects with a ConfigError or a StartError. */
export async function serve(options: ServeOptions, version: string): Promise<void> {
  const config = await loadConfig(options.configFile, options.overrides);
  await logToStderr(options.verbose);
  for (const text of warningsOf(config)) log.warn("{text}", { text });
  surviveMistakes();
  const stateDir = resolve(
    options.stateDir ?? defaultStateDir(Deno.build.os, (name) => Deno.env.get(name)),
  );
  const terminal = new Terminal(Deno.stdout);
  const colour = Deno.stdout.isTerminal() && !Deno.env.get("NO_COLOR");
  const screen = new PlainScreen(terminal, new LocalTime(), colour);

  const manager = SdNotify.fromEnvironment();
  manager?.starting();
  const stopped = stopSignal();
  const starting = startServer({ config, stateDir, version, screen }).catch((error) => {
    throw startError(error, config);
  });
  Deno.addSignalListener("SIGHUP", async () => {
    const server = await starting;
    manager?.reloading();
    await reload(server, options);
    manager?.reloaded();
  });
  const server = await starting;
  terminal.print(banner(server, config, stateDir, version));
  manager?.ready(() => server.vitals());
  const seconds = setInterval(() => screen.second(Date.now()), 1000);

  const signal = await stopped;
  log.info("{signal}: stopping", { signal });
  manager?.stopping();
  clearInterval(seconds);
  await server.stop();
  await terminal.flushed();
  await manager?.close();
}

/** What is printed at the start: where to post to, and where things are. */
export function banner(
  { addr, udpPort, journalPath, ...live }:
    & Pick<RunningServer, "addr" | "udpPort" | "journalPath">
    & Partial<LivePorts>,
  config: Config,
  stateDir: string,
  version: string,
): string {
  const scheme = config.web.https ? "https" : "http";
  const rows: (readonly [string, string])[] = [
    ...reachableAt(addr, scheme).map((url, i): [string, string] => [i === 0 ? "Post to" : "", url]),
    ["UDP port", udpPort === null ? 'off (hb_port: "off")' : String(udpPort)],
    ...peopleLines(config, { ...config.web, ...live }),
    ["Expecting", expectation(config)],
    ["State", stateDir],
    ["Journal", journalPath ?? "off (journal_enabled: false)"],
  ];
  if (config.beatLog !== null) rows.push(["Beat log", config.beatLog]);
  if (config.logFile !== null) rows.push(["Log file", config.logFile]);
  const local = addr.hostname === "0.0.0.0" || addr.hostname === "::" ? "localhost" : addr.hostname;
  return [
    `Heartbeat ${version}`,
    ...rows.map(([name, value]) => `  ${name.padEnd(10)} ${value}`),
    "",
    "Send a beat from another terminal:",
    `  ${curlLine(`${inUrl(local)}:${addr.port}`, scheme)}`,
    "",
    "",
  ].join("\n");
}

function expectation({ intervalS, tolerancePct, graceS }: Config): string {
  if (intervalS === "auto") return "a beat as often as each host is used to send one (learned)";
  const grace = graceS === null ? `±${tolerancePct}%` : `+${formatSeconds(graceS * 1000)}`;
  return `a beat every ${formatSeconds(intervalS * 1000)} ${grace}`;
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

async function reload(server: RunningServer, options: ServeOptions): Promise<void> {
  try {
    const config = await loadConfig(options.configFile, options.overrides);
    const restart = server.reload(config);
    for (const text of warningsOf(config)) log.warn("{text}", { text });
    log.info("Configuration reloaded from {file}", { file: options.configFile ?? "the defaults" });
    if (restart.length > 0) log.warn("These changes need a restart: {keys}", { keys: restart });
  } catch (error) {
    log.error("Configuration not reloaded, the old one stays:\n{message}", {
      message: error instanceof Error ? error.message : String(error),
    });
  }
}

function startError(error: unknown, config: Config): Error {
  const { bindAddress, httpPort, udpPort } = config;
  if (error instanceof UdpBindError) {
    if (!(error.cause instanceof Deno.errors.AddrInUse)) return startError(error.cause, config);
    return new StartError(
      `UDP port ${udpPort} on ${bindAddress} is in use, perhaps by another hbd or the server it ` +
        `replaces. To see by whom: ${whoListens(udpPort ?? 0, "udp")}. ` +
        `To use another port: hbd --udp-port N, or "off"`,
    );
  }
  if (error instanceof Deno.errors.AddrInUse) {
    return new StartError(
      `Port ${httpPort} on ${bindAddress} is in use, perhaps by another hbd or the server it ` +
        `replaces. To see by whom: ${whoListens(httpPort, "tcp")}. ` +
        `To use another port: hbd --http-port N`,
    );
  }
  if (error instanceof Deno.errors.PermissionDenied && httpPort > 0 && httpPort < 1024) {
    return new StartError(`Port ${httpPort} is below 1024 and needs more rights: ${error.message}`);
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return new StartError(`Address ${bindAddress} (hbd_host, --bind) is not one of this machine`);
  }
  if (error instanceof Error && error.message.includes("lookup address")) {
    return new StartError(
      `Address ${bindAddress} (hbd_host, --bind) is not known: ${error.message}`,
    );
  }
  return new StartError(error instanceof Error ? error.message : String(error), { cause: error });
}

function whoListens(port: number, protocol: "tcp" | "udp"): string {
  if (Deno.build.os === "windows") return `netstat -ano | findstr :${port}`;
  if (Deno.build.os === "darwin") return `lsof -nP -i${protocol.toUpperCase()}:${port}`;
  return `ss -l${protocol === "tcp" ? "t" : "u"}np 'sport = :${port}'`;
}

/** Settles with the name of the first signal that asks the server to stop. */
function stopSignal(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => resolve(signal));
  }
  return promise;
}

/** A mistake of ours in one corner must not take the watch over everybody else down. */
function surviveMistakes(): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log.error("Unexpected: {reason}", { reason: event.reason });
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    log.error("Unexpected: {error}", { error: event.error });
  });
}

async function logToStderr(verbose: boolean): Promise<void> {
  const encoder = new TextEncoder();
  const format = getTextFormatter({
    timestamp: "time",
    category: "·",
    value: (value) => typeof value === "string" ? value : Deno.inspect(value),
  });
  await configure({
    sinks: {
      stderr: (record: LogRecord) => {
        try {
          Deno.stderr.writeSync(encoder.encode(format(record)));
        } catch {
          // Standard error is closed: nobody reads the log.
        }
      },
    },
    loggers: [
      { category: "hbd", sinks: ["stderr"], lowestLevel: verbose ? "debug" : "info" },
      { category: ["logtape", "meta"], sinks: ["stderr"], lowestLevel: "warning" },
    ],
    reset: true,
  });
}
