/** Where the state and the journal are, for commands that work on them beside the server. */

import { join, resolve } from "@std/path";
import type { CommandLine } from "../config/command_line.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import { defaultStateDir } from "../config/state_dir.ts";
import { CONFIG_OPTION, option } from "./tool.ts";

/** The options that say where; a command spreads them into its own. */
export const PLACE_OPTIONS = [...CONFIG_OPTION, option("--state-dir", "DIR")] as const;

export interface Places {
  readonly config: Config;
  /** Absolute. */
  readonly stateDir: string;
  /** Where the journal is; null: the configuration has none. */
  readonly journal: { readonly dir: string; readonly file: string } | null;
  readonly storeFile: string;
}

/**
 * The places that the command line and the configuration it names say.
 *
 * @throws {ConfigError} when the configuration cannot be read or is not valid
 */
export async function placesOf({ given }: CommandLine): Promise<Places> {
  const config = await loadConfig(given.get("--config") ?? null);
  const stateDir = resolve(
    given.get("--state-dir") ?? defaultStateDir(Deno.build.os, (name) => Deno.env.get(name)),
  );
  const { enabled, dir, file } = config.journal;
  return {
    config,
    stateDir,
    journal: enabled ? { dir: dir ?? stateDir, file } : null,
    storeFile: join(stateDir, "hbd.kv"),
  };
}

/** Whether there is something under `path`. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** What an error says, in one line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
