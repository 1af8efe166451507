/**
 * A machine that answers with recorded outputs: files, folders and programs of another one, so that
 * what a plugin makes of macOS, Windows or a large server can be tested anywhere.
 *
 * What was not recorded is not there, as on a machine that lacks it.
 */

import type { RunResult, System } from "../../../src/client/plugin.ts";
import { recorded } from "./real_system.ts";

export interface Recording {
  readonly os: System["os"];
  /** Paths to recordings; a list is read one after the other, its last one for ever. */
  readonly files?: Readonly<Record<string, string | readonly string[]>>;
  readonly folders?: Readonly<Record<string, readonly string[]>>;
  /** The beginning of a command line to the recording of what it prints, or to how it ends. */
  readonly programs?: Readonly<Record<string, string | Partial<RunResult>>>;
}

/** The recorded machine, and the command lines it was given. */
export function replay(
  { os, files = {}, folders = {}, programs = {} }: Recording,
): { readonly system: System; readonly commands: string[] } {
  const commands: string[] = [];
  const reads = new Map<string, number>();
  const system: System = {
    os,
    nowMs: () => 1_785_900_000_000,
    async readText(path) {
      const names = [files[path] ?? []].flat();
      const read = reads.get(path) ?? 0;
      reads.set(path, read + 1);
      const name = names[Math.min(read, names.length - 1)];
      if (name === undefined) throw new Deno.errors.NotFound(`No such file: ${path}`);
      return await recorded(name);
    },
    readDir(path) {
      const names = folders[path];
      return names === undefined
        ? Promise.reject(new Deno.errors.NotFound(`No such folder: ${path}`))
        : Promise.resolve(names);
    },
    async run(argv) {
      const command = argv.join(" ");
      commands.push(command);
      const [, end] = Object.entries(programs).find(([start]) => command.startsWith(start)) ?? [];
      if (end === undefined) throw new Deno.errors.NotFound(`No such program: ${argv[0]}`);
      const result = typeof end === "string" ? { stdout: await recorded(end) } : end;
      return { code: 0, signal: null, stdout: "", stderr: "", ...result };
    },
  };
  return { system, commands };
}
