/**
 * What all benchmarks share: processes that are ended whatever happens, folders that are removed,
 * the load generator, and a median.
 *
 * Every figure gets one `Bench` and starts everything through it; `main.ts` disposes of it, also
 * after an error, a time limit or Ctrl-C. All traffic stays on the loopback interface.
 */

import { dirname, join } from "@std/path";

/** One line of the table. */
export interface Figure {
  readonly name: string;
  readonly measured: string;
  readonly wanted: string;
  readonly ok: boolean;
  /** What else was seen, and what it takes to judge the figure. */
  readonly notes: readonly string[];
}

/** A benchmark could not run; the message says why and what to do. */
export class BenchError extends Error {
  override readonly name = "BenchError";
}

/** A server that listens. */
export interface Served {
  readonly pid: number;
  readonly port: number;
  /** 0 when there is none. */
  readonly udpPort: number;
  /** Ends it with SIGTERM, after 10 s with SIGKILL. A second call waits for the first. */
  stop(): Promise<void>;
}

export interface HbdOptions {
  readonly stateDir: string;
  /** @default {"main.ts"} */
  readonly entry?: string;
  /** More of the command line. @default {a free port} */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that runs, or has run. */
export interface Running {
  readonly pid: number;
  hasEnded(): boolean;
  /** As that of a server. */
  stop(): Promise<void>;
}

interface ServeOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly listens?: RegExp;
}

/** What `wrk` did in one run. */
export interface Load {
  readonly answers: number;
  readonly perSecond: number;
  /** Answers that are not 2xx or 3xx, and connections that failed. */
  readonly failures: number;
  /** Share of one core that `wrk` used; near 1 it is the bottleneck itself. */
  readonly wrkBusy: number;
}

export const BENCH_DIR = import.meta.dirname ?? ".";
const ROOT = dirname(dirname(BENCH_DIR));

const FREE_PORT = ["--http-port", "0"];

/** What servers print when they listen, the second one when they do so on UDP too. */
const LISTENS = /http:\/\/[^\s/]+:(\d+)\//;
const LISTENS_ON_UDP = /http:\/\/[^\s/]+:(\d+)\/[^]*UDP port +(\d+)\n/;

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 10_000;

/** Kernel ticks a second in /proc/PID/stat; 100 on every Linux. */
const TICKS_PER_S = 100;

/** Owns what one benchmark has started. */
export class Bench implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();

  /** Says on standard error what is being done. */
  progress(text: string): void {
    Deno.stderr.writeSync(new TextEncoder().encode(`  … ${text}\n`));
  }

  /** Makes an empty folder. */
  async tempDir(): Promise<string> {
    const path = await Deno.makeTempDir({ prefix: "hbd-bench-" });
    this.#stack.defer(() => Deno.remove(path, { recursive: true }));
    return path;
  }

  /** Ends something that was started otherwise, when the benchmark is over. */
  defer(end: () => Promise<void>): void {
    this.#stack.defer(end);
  }

  /** Starts the program and waits until it says that it listens. */
  hbd({ stateDir, entry = "main.ts", args = FREE_PORT, env = {} }: HbdOptions): Promise<Served> {
    const options = ["--bind", "127.0.0.1", "--state-dir", stateDir, "--no-ui", "--udp-port", "0"];
    const command = ["run", "-A", join(ROOT, entry), "serve", ...args, ...options];
    return this.serve("deno", command, { env, listens: LISTENS_ON_UDP });
  }

  /** Starts a server that takes datagrams too, and prints its UDP port as hbd does. */
  serveUdp(command: string, args: readonly string[]): Promise<Served> {
    return this.serve(command, args, { listens: LISTENS_ON_UDP });
  }

  /** Starts a server and waits until it prints its URL; what else it prints is read and dropped. */
  async serve(
    command: string,
    args: readonly string[],
    { env = {}, listens = LISTENS }: ServeOptions = {},
  ): Promise<Served> {
    const child = new Deno.Command(command, {
      args: [...args],
      cwd: ROOT,
      env,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const stop = stopper(child);
    this.#stack.defer(stop);
    const errors = tail(child.stderr);
    const ports = await portsOf(child.stdout, listens);
    if (ports === null) {
      await stop();
      throw new BenchError(`${[command, ...args].join(" ")} did not start:\n${await errors}`);
    }
    return { pid: child.pid, ...ports, stop };
  }

  /** Runs a program to its end. Returns what it printed; throws a BenchError when it fails. */
  async run(command: string, args: readonly string[]): Promise<string> {
    const child = new Deno.Command(command, {
      args: [...args],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stack.defer(stopper(child));
    const { success, stdout, stderr } = await child.output();
    if (success) return new TextDecoder().decode(stdout);
    throw new BenchError(
      `${[command, ...args].join(" ")} failed:\n${new TextDecoder().decode(stderr)}`,
    );
  }

  /** Starts a program that listens on nothing; what it prints on standard error is shown. */
  start(command: string, args: readonly string[]): Running {
    const child = new Deno.Command(command, {
      args: [...args],
      cwd: ROOT,
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    const stop = stopper(child);
    this.#stack.defer(stop);
    let ended = false;
    void child.status.then(() => ended = true);
    return { pid: child.pid, hasEnded: () => ended, stop };
  }

  /** Loads a server with `wrk` for whole `seconds`, or until `signal` ends it. */
  async wrk(
    port: number,
    seconds: number,
    script: string,
    hosts: number,
    signal?: AbortSignal,
  ): Promise<Load> {
    const command = new Deno.Command("wrk", {
      args: [
        "-t1",
        "-c32",
        `-d${seconds}s`,
        "--timeout",
        "10s",
        "-s",
        join(BENCH_DIR, script),
        `http://127.0.0.1:${port}/heartbeat`,
        "--",
        String(hosts),
      ],
      env: { LUA_PATH: `${BENCH_DIR}/?.lua;;` },
      stdout: "piped",
      stderr: "piped",
    });
    const child = command.spawn();
    this.#stack.defer(stopper(child));
    signal?.addEventListener("abort", () => child.kill("SIGINT"));
    let cpuS = 0;
    const sampler = setInterval(() => cpuS = cpuSeconds(child.pid) ?? cpuS, 50);
    const { stdout, stderr } = await child.output();
    clearInterval(sampler);
    const text = new TextDecoder().decode(stdout);
    const [, answers, elapsedS, failures] = /^load (\d+) ([\d.]+) (\d+)$/m.exec(text) ?? [];
    if (answers === undefined || elapsedS === undefined) {
      throw new BenchError(`wrk failed:\n${text}${new TextDecoder().decode(stderr)}`);
    }
    return {
      answers: Number(answers),
      perSecond: Number(answers) / Number(elapsedS),
      failures: Number(failures),
      wrkBusy: cpuS / Number(elapsedS),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** Throws a BenchError when `wrk` is not installed. */
export async function needWrk(): Promise<void> {
  try {
    await new Deno.Command("wrk", { args: ["-v"], stdout: "null", stderr: "null" }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new BenchError(
      "wrk, the load generator, is not installed. Debian and Ubuntu: apt-get install wrk. " +
        "Elsewhere: https://github.com/wg/wrk",
    );
  }
}

/** The parts of `/healthz` that benchmarks look at. */
export interface HealthAnswer {
  readonly hosts: number;
  readonly down: number;
  readonly total: number;
  readonly udp: { readonly kernel_drops: number | null; readonly overload_drops: number } | null;
}

/** What `/healthz` says; it must say it with 200. */
export async function health(port: number): Promise<HealthAnswer> {
  const response = await fetch(`http://127.0.0.1:${port}/healthz`);
  const body = await response.json();
  if (response.status !== 200) throw new BenchError(`Server is degraded: ${JSON.stringify(body)}`);
  return body;
}

/** CPU time that a process has used so far, or null when it has ended. */
export function cpuSeconds(pid: number): number | null {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
  } catch {
    return null;
  }
}

/** The middle one; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const high = sorted[Math.floor(middle)] ?? NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? NaN) + high) / 2 : high;
}

/** Lowest and highest, as text. */
export function range(values: readonly number[], digits: number): string {
  return `${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}`;
}

/** `61,234` */
export function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function stopper(child: Deno.ChildProcess): () => Promise<void> {
  let ended = false;
  const end = child.status.then(() => {
    ended = true;
  });
  const kill = (signal: Deno.Signal) => {
    if (!ended) child.kill(signal);
  };
  return async () => {
    kill("SIGTERM");
    const limit = setTimeout(() => kill("SIGKILL"), STOP_LIMIT_MS);
    await end;
    clearTimeout(limit);
  };
}

/** Ports that `listens` finds in what is printed, or null when it ends before; reads on after it. */
async function portsOf(
  stream: ReadableStream<Uint8Array>,
  listens: RegExp,
): Promise<Pick<Served, "port" | "udpPort"> | null> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  const limit = setTimeout(() => void reader.cancel(), START_LIMIT_MS);
  let text = "";
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    text += chunk.value;
    const [, port, udpPort = 0] = listens.exec(text) ?? [];
    if (port === undefined) continue;
    clearTimeout(limit);
    void drain(reader);
    return { port: Number(port), udpPort: Number(udpPort) };
  }
  clearTimeout(limit);
  return null;
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}

/** The end of what a stream brings. */
async function tail(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text = (text + part).slice(-2000);
  }
  return text;
}
