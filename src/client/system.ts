/** The machine that hbc runs on, as plugins see it: the real `System` of `plugin.ts`. */

import type { RunResult, System } from "./plugin.ts";
import { runProgram } from "./program.ts";

/** Most bytes of a program's output that a plugin gets. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

const OS: Readonly<Record<string, System["os"]>> = {
  linux: "linux",
  darwin: "darwin",
  windows: "windows",
};

/** This machine. */
export const machine: System = {
  os: OS[Deno.build.os] ?? "other",
  nowMs: () => Date.now(),
  readText: (path) => Deno.readTextFile(path),
  readDir: async (path) => {
    const names: string[] = [];
    for await (const { name } of Deno.readDir(path)) names.push(name);
    return names;
  },
  run: async (argv, signal): Promise<RunResult> => {
    const { code, signal: killedBy, stdout, stderr } = await runProgram(argv, {
      signal,
      maxBytes: MAX_OUTPUT_BYTES,
      // Numbers and words as parsers expect them, whatever the language of the machine.
      env: { LC_ALL: "C" },
    });
    const decoder = new TextDecoder();
    return {
      code,
      signal: killedBy,
      stdout: decoder.decode(stdout),
      stderr: decoder.decode(stderr),
    };
  },
};
