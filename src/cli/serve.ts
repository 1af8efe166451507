/**
 * `hbd serve`: runs the server in the foreground until it is told to stop.
 *
 * On a terminal it shows the screen; elsewhere, or with --no-ui, what comes in is printed. SIGINT and
 * SIGTERM stop it, SIGHUP reloads the configuration. Its own log goes to standard error, so that
 * standard output holds beats and alerts only.
 */

import { getLogger } from "@logtape/logtape";
import { resolve } from "@std/path";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import { defaultStateDir } from "../config/state_dir.ts";
import { warningsOf } from "../config/warnings.ts";
import type { Facts } from "../screen/context.ts";
import { PlainScreen } from "../screen/plain.ts";
import { Terminal } from "../screen/terminal.ts";
import { canShowScreen } from "../screen/tty.ts";
import { SdNotify } from "../self/sd_notify.ts";
import { type RunningServer, startServer } from "../server.ts";
import { UdpBindError } from "../udp_service.ts";
import { LocalTime } from "../wire/local_time.ts";
import { banner, bannerRows, beatCommand, rhythmWords } from "./banner.ts";
import { onEndingSignal } from "./ending_signals.ts";
import { LogOutput } from "./log_output.ts";
import { type OpenScreen, openScreen } from "./open_screen.ts";
import type { ServeOptions } from "./serve_args.ts";

const log = getLogger(["hbd", "serve"]);

/** The server could not start; the message says why and what to do, ready to print. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** Serves until a signal or a key stops it. Rejects with a ConfigError or a StartError. */
export async function serve(options: ServeOptions, version: string): Promise<void> {
  let config = await loadConfig(options.configFile, options.overrides);
  const logs = new LogOutput();
  await logs.configure(options.verbose);
  for (const text of warningsOf(config)) log.warn("{text}", { text });
  surviveMistakes();
  const stateDir = resolve(
    options.stateDir ?? defaultStateDir(Deno.build.os, (name) => Deno.env.get(name)),
  );
  const hasScreen = options.ui && canShowScreen((name) => Deno.env.get(name));
  const plain = new PlainOutput();

  const manager = SdNotify.fromEnvironment();
  manager?.starting();
  const stop = Promise.withResolvers<string>();
  onEndingSignal(stop.resolve);
  const starting = startServer({
    ...{ config, stateDir, version },
    ...(!hasScreen && { screen: plain.screen }),
  }).catch((error) => {
    throw startError(error, config);
  });
  let open: OpenScreen | null = null;
  // A terminal that is closed sends it, too: then there is nobody to go on for.
  Deno.addSignalListener("SIGHUP", async () => {
    const server = await starting;
    if (open?.isLost()) return stop.resolve("The terminal is gone");
    manager?.reloading();
    config = await reload(server, options) ?? config;
    manager?.reloaded();
  });
  const server = await starting;
  if (hasScreen) {
    let shown = config;
    let facts = factsOf(server, config, stateDir, version);
    const factsNow = (): Facts => {
      if (shown !== config) facts = factsOf(server, config, stateDir, version);
      shown = config;
      return facts;
    };
    open = showServer(server, openScreen(factsNow, logs), stop.resolve);
  } else plain.begin(banner(server, config, stateDir, version));
  manager?.ready(() => server.vitals());

  const reason = await stop.promise;
  await open?.close();
  plain.end();
  log.info("{reason}: stopping", { reason });
  manager?.stopping();
  await server.stop();
  await plain.flushed();
  await manager?.close();
}

/** Beats and alerts on standard output. */
class PlainOutput {
  readonly #terminal = new Terminal(Deno.stdout);
  readonly screen = new PlainScreen(
    this.#terminal,
    new LocalTime(),
    Deno.stdout.isTerminal() && !Deno.env.get("NO_COLOR"),
  );
  #seconds: ReturnType<typeof setInterval> | undefined;

  begin(text: string): void {
    this.#terminal.print(text);
    this.#seconds = setInterval(() => this.screen.second(Date.now()), 1000);
  }

  end(): void {
    clearInterval(this.#seconds);
  }

  flushed(): Promise<void> {
    return this.#terminal.flushed();
  }
}

/** Shows what happens at `server` until the screen is left, which calls `stop` with the reason. */
function showServer(
  server: RunningServer,
  open: OpenScreen,
  stop: (reason: string) => void,
): OpenScreen {
  const { screen } = open;
  const unwatch = server.watch((json) => screen.take(json));
  void screen.ended.then(async (end) => {
    unwatch();
    if (end.kind !== "failed") {
      return stop(end.kind === "lost" ? "The terminal is gone" : "Left by a key");
    }
    await open.close();
    log.error("The screen failed and is off, all else goes on; Ctrl-C stops it: {error}", {
      error: end.error,
    });
  });
  return open;
}

function factsOf(
  server: RunningServer,
  config: Config,
  stateDir: string,
  version: string,
): Facts {
  const home = Deno.env.get("HOME");
  const journal = server.journalPath ?? "no journal";
  const isAtHome = home !== undefined && home !== "/" && journal.startsWith(`${home}/`);
  return {
    head: [
      `:${server.addr.port}`,
      rhythmWords(config),
      isAtHome ? `~${journal.slice(home.length)}` : journal,
    ],
    rows: [...bannerRows(server, config, stateDir), ["Version", version]],
    curl: beatCommand(server, config),
  };
}

/** Returns the configuration that is in force from now on; null: the old one. */
async function reload(server: RunningServer, options: ServeOptions): Promise<Config | null> {
  try {
    const config = await loadConfig(options.configFile, options.overrides);
    const restart = server.reload(config);
    for (const text of warningsOf(config)) log.warn("{text}", { text });
    log.info("Configuration reloaded from {file}", { file: options.configFile ?? "the defaults" });
    if (restart.length > 0) log.warn("These changes need a restart: {keys}", { keys: restart });
    return config;
  } catch (error) {
    log.error("Configuration not reloaded, the old one stays:\n{message}", {
      message: error instanceof Error ? error.message : String(error),
    });
    return null;
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
