/**
 * Replaces the program by a newer one that a server offers, without ever being without one that
 * works: the new one is proven by its SHA-256, takes the place of the old one in one step, and has
 * to reach a server before the old one goes; else the old one is put back and goes on.
 *
 *   hbc       the program          hbc.new   on its way
 *   hbc.old   the one before, kept
 */

import { createHash } from "node:crypto";
import { getLogger } from "@logtape/logtape";
import { join } from "@std/path";
import type { Offered } from "./inbox.ts";

const log = getLogger(["hbc", "update"]);

/** Largest program, bytes. */
const MAX_BYTES = 200 * 1024 * 1024;

/** Seconds that the download may take. */
const DOWNLOAD_LIMIT_S = 600;

/** Seconds in which the new program must have reached a server. */
const UP_LIMIT_S = 60;

/** Milliseconds that the new program has to end when it is asked to. */
const STOP_LIMIT_MS = 5000;

/** Time before an offer that failed is tried again, milliseconds. */
const RETRY_MS = 3_600_000;

/** The variable that names the file by which a new program says that it works. */
export const READY_FILE = "HBC_READY_FILE";

/** The program that runs, as far as updating it goes. */
export interface Installed {
  /** Path of the executable; null when there is none, as it runs from source. */
  readonly binary: string | null;
  readonly version: string;
  /** The configuration allows updates. */
  readonly isAllowed: boolean;
}

/** An update cannot be installed; the message says why. */
export class UpdateError extends Error {
  override readonly name = "UpdateError";
}

/** Judges offers and installs at most one at a time. */
export class Updater {
  readonly #installed: Installed;
  readonly #notBeforeMs = new Map<string, number>();
  #isBusy = false;

  constructor(installed: Installed) {
    this.#installed = installed;
  }

  /** Installs what is offered. True when the new program is in place and can be started. */
  async take(offered: Offered, nowMs: number = Date.now()): Promise<boolean> {
    const { binary, version, isAllowed } = this.#installed;
    if (offered.version === version || this.#isBusy) return false;
    if (nowMs < (this.#notBeforeMs.get(offered.sha256) ?? 0)) return false;
    this.#isBusy = true;
    try {
      if (!isAllowed) {
        throw new UpdateError("the configuration does not allow it (self_update: true would)");
      }
      if (binary === null) {
        throw new UpdateError("hbc runs from source; only a compiled program can be replaced");
      }
      log.info("Version {version} is fetched from {url}", { ...offered });
      await install(offered, binary);
      return true;
    } catch (error) {
      this.refuse(offered, error instanceof Error ? error.message : String(error), nowMs);
      return false;
    } finally {
      this.#isBusy = false;
    }
  }

  /** Notes that an offer is no good, now or once it has been started. */
  refuse({ version, sha256 }: Offered, reason: string, nowMs: number = Date.now()): void {
    log.warn("Update to {version}: {reason}", { version, reason });
    this.#notBeforeMs.set(sha256, nowMs + RETRY_MS);
  }
}

/**
 * Fetches a program, proves it, and puts it in the place of `binary`, which stays as `….old`.
 *
 * @throws {Error} with nothing changed
 */
export async function install({ url, sha256 }: Offered, binary: string): Promise<void> {
  const fresh = `${binary}.new`;
  try {
    const found = await download(url, fresh);
    if (found !== sha256) {
      throw new UpdateError(`${url} has the SHA-256 ${found}, announced was ${sha256}`);
    }
    const mode = (await Deno.stat(binary)).mode ?? 0o700;
    if (Deno.build.os !== "windows") await Deno.chmod(fresh, (mode & 0o777) | 0o100);
    await keepOld(binary);
    await Deno.rename(fresh, binary);
  } catch (error) {
    await removeIfThere(fresh);
    throw error;
  }
}

/** Puts the program before back in its place. */
export async function restore(binary: string): Promise<void> {
  if (Deno.build.os === "windows") await removeIfThere(binary);
  await Deno.rename(`${binary}.old`, binary);
}

/** What a trial may do otherwise. */
export interface TrialOptions {
  /** Set on top of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds in which the new program must have reached a server. */
  readonly limitS?: number;
}

/** How the trial of a new program ended. */
export type Trial = "up" | "failed" | "stopped";

/**
 * Starts the new program and waits until it says that it works. One that does not is ended and
 * replaced by the one before.
 *
 * @param stopped ends the trial, as when this program is told to stop
 */
export async function tryNew(
  binary: string,
  args: readonly string[],
  stopped: AbortSignal,
  { env = {}, limitS = UP_LIMIT_S }: TrialOptions = {},
): Promise<Trial> {
  const dir = await Deno.makeTempDir({ prefix: "hbc-update-" });
  const readyFile = join(dir, "up");
  try {
    const outcome = await trial(binary, args, { ...env, [READY_FILE]: readyFile }, stopped, limitS);
    if (outcome !== "up") await restore(binary);
    return outcome;
  } finally {
    await Deno.remove(dir, { recursive: true }).catch(() => {});
  }
}

async function trial(
  binary: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> & { readonly [READY_FILE]: string },
  stopped: AbortSignal,
  limitS: number,
): Promise<Trial> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(binary, {
      args: [...args],
      env,
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
  } catch (error) {
    log.warn("The new program cannot be started: {error}", { error });
    return "failed";
  }
  let hasEnded = false;
  void child.status.then(() => hasEnded = true);
  const endMs = performance.now() + limitS * 1000;
  while (!hasEnded && !stopped.aborted && performance.now() < endMs) {
    if (await exists(env[READY_FILE])) {
      child.unref();
      return "up";
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  // Asked to stop, the new one says goodbye to the servers, as this one would have.
  if (!hasEnded) child.kill(stopped.aborted ? "SIGTERM" : "SIGKILL");
  const timer = setTimeout(() => hasEnded || child.kill("SIGKILL"), STOP_LIMIT_MS);
  await child.status;
  clearTimeout(timer);
  return stopped.aborted ? "stopped" : "failed";
}

/** Fetches `url` into `file`; returns the SHA-256 of it. */
async function download(url: string, file: string): Promise<string> {
  if (!/^https?:\/\//.test(url)) throw new UpdateError(`"${url}" is no http(s) URL`);
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new UpdateError(`not fetched within ${DOWNLOAD_LIMIT_S} s`)),
    DOWNLOAD_LIMIT_S * 1000,
  );
  try {
    const response = await fetch(url, { signal: controller.signal });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new UpdateError(`${url} answers with ${response.status} ${response.statusText}`);
    }
    const hash = createHash("sha256");
    let length = 0;
    using target = await Deno.open(file, {
      write: true,
      create: true,
      truncate: true,
      mode: 0o700,
    });
    for await (const bytes of response.body) {
      length += bytes.length;
      if (length > MAX_BYTES) throw new UpdateError(`${url} is over ${MAX_BYTES} bytes`);
      hash.update(bytes);
      for (let done = 0; done < bytes.length;) done += await target.write(bytes.subarray(done));
    }
    await target.sync();
    return hash.digest("hex");
  } finally {
    clearTimeout(timer);
  }
}

/** Keeps `binary` as `….old` too. A running program of Windows can only be moved, not shared. */
async function keepOld(binary: string): Promise<void> {
  const old = `${binary}.old`;
  await removeIfThere(old);
  if (Deno.build.os === "windows") return await Deno.rename(binary, old);
  try {
    await Deno.link(binary, old);
  } catch {
    await Deno.copyFile(binary, old);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
