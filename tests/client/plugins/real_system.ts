/**
 * The machine the tests run on, as plugins see it, and a folder for the programs a test needs.
 *
 * The client has a `System` of its own; this one is for plugins alone, so that their tests do not
 * fail with the client's.
 */

import { join } from "@std/path";
import type { RunResult, System } from "../../../src/client/plugin.ts";

const KNOWN = ["linux", "darwin", "windows"] as const;

/** This machine. */
export const realSystem: System = {
  os: KNOWN.find((os) => os === Deno.build.os) ?? "other",
  nowMs: () => Date.now(),
  readText: (path) => Deno.readTextFile(path),
  async readDir(path) {
    const names: string[] = [];
    for await (const { name } of Deno.readDir(path)) names.push(name);
    return names;
  },
  run,
};

/** A signal that never comes. */
export const NEVER: AbortSignal = new AbortController().signal;

/** This machine, and a way to wait until all that was run on it is over. */
export function trackedSystem(): { system: System; settled: () => Promise<unknown> } {
  const runs: Promise<RunResult>[] = [];
  const system: System = {
    ...realSystem,
    run(argv, signal) {
      const result = run(argv, signal);
      runs.push(result);
      return result;
    },
  };
  return { system, settled: () => Promise.allSettled(runs) };
}

async function run(argv: readonly string[], signal: AbortSignal): Promise<RunResult> {
  const [program = "", ...args] = argv;
  const child = new Deno.Command(program, {
    args,
    env: { LC_ALL: "C" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdout = gather(child.stdout);
  const stderr = gather(child.stderr);
  const kill = () => {
    child.kill("SIGKILL");
    // What it has started may hold the other end for ever.
    stdout.stop();
    stderr.stop();
  };
  signal.addEventListener("abort", kill);
  if (signal.aborted) kill();
  try {
    const status = await child.status;
    return {
      code: status.signal === null ? status.code : null,
      signal: status.signal,
      stdout: await stdout.text,
      stderr: await stderr.text,
    };
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

function gather(stream: ReadableStream<Uint8Array>): { text: Promise<string>; stop(): void } {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  const read = async () => {
    let text = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
    return text;
  };
  return { text: read(), stop: () => void reader.cancel() };
}

/** What a program has printed, from the folder of recordings. */
export function recorded(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`recorded/${name}`, import.meta.url));
}

/** A folder for the programs of one test, gone at its end. */
export class Scripts implements AsyncDisposable {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async create(): Promise<Scripts> {
    return new Scripts(await Deno.makeTempDir({ prefix: "hbc-plugins-" }));
  }

  /** Writes a shell script that can be run, and gives its path. */
  async write(name: string, text: string, mode = 0o755): Promise<string> {
    const path = join(this.dir, name);
    await Deno.writeTextFile(path, `#!/bin/sh\n${text}\n`, { mode });
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}
