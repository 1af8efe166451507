/**
 * Runs the programs of channels: without a shell, with bounded output, and never longer than the
 * attempt. A program gets the chance to end by itself (SIGTERM) and is then killed together with
 * all that it has started. What a program leaves running when it ends by itself goes on.
 */

import { SendError } from "../channel.ts";
import { abortedError, firstLine, messageOf, teller } from "./trouble.ts";

/** Time between SIGTERM and SIGKILL. */
const MERCY_MS = 1000;

/** Time that output may come after the program's end, from what it has left running. */
const OUTPUT_AFTER_END_MS = 500;

/** Bytes kept of each output. */
const MAX_OUTPUT_BYTES = 16_384;

const IS_UNIX = Deno.build.os !== "windows";

export interface ProgramRun {
  /** What people call it; errors begin with it. */
  readonly name: string;
  /** The program and its arguments, without NULs. */
  readonly argv: readonly string[];
  /** Set on top of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it can read from its standard input. @default {nothing} */
  readonly stdin?: string;
}

/**
 * Runs a program to its end.
 *
 * @returns the first line of its output
 * @throws {ProgramMissing} when there is no such program
 * @throws {SendError} when it cannot be run, fails, or `signal` is aborted
 */
export async function runProgram(run: ProgramRun, signal: AbortSignal): Promise<string> {
  const tell = teller([]);
  if (signal.aborted) throw abortedError(run.name, signal);
  const child = spawn(run);
  const outputs = [collect(child.stdout), collect(child.stderr)] as const;
  const written = write(child, run.stdin);
  const stopReading = (): void => {
    for (const { cancel } of outputs) cancel();
  };
  const timers: ReturnType<typeof setTimeout>[] = [];
  const stop = (): void => {
    kill(child, "SIGTERM");
    timers.push(setTimeout(() => kill(child, "SIGKILL"), MERCY_MS));
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    const status = await child.status;
    signal.removeEventListener("abort", stop);
    if (signal.aborted) {
      // What it has started may have been deaf to SIGTERM.
      kill(child, "SIGKILL");
      stopReading();
    } else {
      timers.push(setTimeout(stopReading, OUTPUT_AFTER_END_MS));
    }
    await written.abort();
    const [stdout, stderr] = await Promise.all([outputs[0].text, outputs[1].text]);
    if (signal.aborted) throw abortedError(run.name, signal);
    if (status.code === 0) return tell(firstLine(stdout));
    const how = status.signal === null
      ? `ended with code ${status.code}`
      : `was killed by ${status.signal}`;
    const said = tell(firstLine(stderr) || firstLine(stdout));
    throw new SendError(`${run.name} ${how}${said === "" ? "" : `: ${said}`}`);
  } finally {
    signal.removeEventListener("abort", stop);
    for (const timer of timers) clearTimeout(timer);
  }
}

/** There is no program of that name. */
export class ProgramMissing extends SendError {}

function spawn({ name, argv, env = {}, stdin }: ProgramRun): Deno.ChildProcess {
  const [program = "", ...args] = argv;
  try {
    return new Deno.Command(program, {
      args,
      env,
      stdin: stdin === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
      // Its own process group, so that it can be killed as a whole.
      detached: IS_UNIX,
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new ProgramMissing(`${name} cannot be run: there is no program ${program}`);
    }
    throw new SendError(`${name} cannot be run: ${teller([])(messageOf(error))}`);
  }
}

interface Output {
  readonly text: Promise<string>;
  readonly cancel: () => void;
}

/** Reads all there is, so that the program never waits, and keeps the beginning. */
function collect(stream: ReadableStream<Uint8Array>): Output {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const text = (async () => {
    let kept = "";
    let left = MAX_OUTPUT_BYTES;
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        kept += decoder.decode(part.value.subarray(0, left), { stream: true });
        left = Math.max(0, left - part.value.length);
      }
    } catch {
      // What came so far is worth telling.
    }
    return kept;
  })();
  return { text, cancel: () => void reader.cancel().catch(() => {}) };
}

/** Writes the standard input; a program that does not read it all is free to. */
function write(child: Deno.ChildProcess, text: string | undefined): { abort(): Promise<void> } {
  if (text === undefined) return { abort: () => Promise.resolve() };
  const writer = child.stdin.getWriter();
  const done = (async () => {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  })().catch(() => {});
  return {
    async abort() {
      await writer.abort().catch(() => {});
      await done;
    },
  };
}

function kill(child: Deno.ChildProcess, how: Deno.Signal): void {
  try {
    Deno.kill(IS_UNIX ? -child.pid : child.pid, how);
  } catch {
    // It has just ended.
  }
}
