/**
 * Runs programs: without a shell, with bounded output, and killed together with all that they have
 * started. What a program leaves running when it ends by itself, say a service that it has started,
 * goes on. Commands and plugins both run through here.
 */

/** Time that the output may come after the program's end, from what it has left running. */
const OUTPUT_AFTER_END_MS = 1000;

/** What became of a program. */
export interface Ended {
  /** Exit code, or null when a signal killed it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Output was left out, as there was more than the bound. */
  readonly isTruncated: boolean;
  /** It was killed before its end, by the signal of its options. */
  readonly wasAborted: boolean;
}

/** How to run a program. */
export interface RunOptions {
  /** Kills it, and what it has started, as long as it runs itself. */
  readonly signal: AbortSignal;
  /** Most bytes kept, of both outputs together. */
  readonly maxBytes: number;
  /** Set on top of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each piece of either output that is kept, in the order they come. */
  readonly onOutput?: (bytes: Uint8Array) => void;
}

const IS_UNIX = Deno.build.os !== "windows";

/**
 * Runs `argv` to its end.
 *
 * @throws {Error} when it cannot be started, or `signal` is aborted already
 */
export async function runProgram(argv: readonly string[], options: RunOptions): Promise<Ended> {
  const { signal, maxBytes, env = {}, onOutput = () => {} } = options;
  signal.throwIfAborted();
  const [program = "", ...args] = argv;
  const child = new Deno.Command(program, {
    args,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // Its own process group, so that it can be killed as a whole.
    detached: IS_UNIX,
  }).spawn();
  let left = maxBytes;
  let isTruncated = false;
  const readers = [child.stdout, child.stderr].map((stream) => {
    const reader = stream.getReader();
    const kept: Uint8Array[] = [];
    const done = (async () => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        const bytes = part.value.slice(0, left);
        isTruncated ||= bytes.length < part.value.length;
        left -= bytes.length;
        if (bytes.length === 0) continue;
        kept.push(bytes);
        onOutput(bytes);
      }
      return joined(kept);
    })();
    return { reader, done };
  });
  // Somebody else may still hold the other end open.
  const stopReading = (): void => {
    for (const { reader } of readers) void reader.cancel().catch(() => {});
  };
  let wasAborted = false;
  const kill = (): void => {
    wasAborted = true;
    killGroup(child);
    stopReading();
  };
  signal.addEventListener("abort", kill, { once: true });
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const status = await child.status;
    signal.removeEventListener("abort", kill);
    timer = setTimeout(stopReading, OUTPUT_AFTER_END_MS);
    const [stdout, stderr] = await Promise.all(readers.map(({ done }) => done));
    return {
      code: status.signal === null ? status.code : null,
      signal: status.signal,
      stdout: stdout ?? new Uint8Array(),
      stderr: stderr ?? new Uint8Array(),
      isTruncated,
      wasAborted,
    };
  } finally {
    signal.removeEventListener("abort", kill);
    clearTimeout(timer);
  }
}

function killGroup(child: Deno.ChildProcess): void {
  try {
    Deno.kill(IS_UNIX ? -child.pid : child.pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
