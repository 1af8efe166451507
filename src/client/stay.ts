/**
 * Runs the client until a signal stops it, and hands over to a new program when there is one: the
 * old one falls silent, starts the new one, and goes when that one has reached a server; else it
 * goes on itself.
 */

import { getLogger } from "@logtape/logtape";
import { Client } from "./client.ts";
import type { ClientConfig } from "./config.ts";
import { BACKGROUND } from "./detach.ts";
import type { Offered } from "./inbox.ts";
import type { PluginType } from "./plugin.ts";
import { READY_FILE, tryNew, Updater } from "./update.ts";

const log = getLogger(["hbc"]);

export interface StayOptions {
  readonly config: ClientConfig;
  readonly version: string;
  readonly stateDir: string | null;
  readonly pluginTypes: readonly PluginType[];
  /** Path of this program's executable; null when it runs from source. */
  readonly binary: string | null;
  /** The arguments of this program, for the one that takes its place. */
  readonly args: readonly string[];
}

/** Settles when the client was stopped or replaced. Rejects when no socket can be opened. */
export async function stay(options: StayOptions): Promise<void> {
  const { config, version, binary, args } = options;
  surviveMistakes();
  const readyFile = Deno.env.get(READY_FILE);
  const background = Deno.env.get(BACKGROUND);
  // Not for the commands and plugins that are started from here; an hbc among them would take it
  // as meant for itself.
  for (const name of [READY_FILE, BACKGROUND]) Deno.env.delete(name);
  const updater = new Updater({ binary, version, isAllowed: config.selfUpdate });
  const stopped = stopSignal();
  let tellBoot = config.boot && readyFile === undefined;

  while (true) {
    const { promise: installed, resolve } = Promise.withResolvers<Offered>();
    const client = await Client.start({
      ...options,
      tellBoot,
      onUpdate: (offered) => void updater.take(offered).then((ok) => ok && resolve(offered)),
      onUp: () => {
        if (readyFile !== undefined) Deno.writeTextFile(readyFile, version).catch(() => {});
      },
    });
    const update = await Promise.race([installed, whenAborted(stopped)]);
    if (update === null) {
      log.info("{signal}: stopping", { signal: String(stopped.reason) });
      return await client.stop(config.boot);
    }
    await client.stop(false);
    log.info("Version {version} is started", { version: update.version });
    const env = background === undefined ? {} : { [BACKGROUND]: background };
    const outcome = await tryNew(binary ?? "", args, stopped, { env });
    if (outcome === "up" || outcome === "stopped") return;
    updater.refuse(update, `it did not reach a server; version ${version} goes on`);
    tellBoot = false;
  }
}

/** Aborted, with the name of the signal, by the first one that asks the client to stop. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => controller.abort(signal));
  }
  return controller.signal;
}

function whenAborted(signal: AbortSignal): Promise<null> {
  if (signal.aborted) return Promise.resolve(null);
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}

/** A mistake of ours in one corner must not end the beats. */
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
