/**
 * Runs nsupdate (BIND's program for RFC 2136) once: without a shell, lines on stdin, with bounded
 * output and time. What it says on failure becomes the message of an Error, in one line.
 */

/** What to run. */
export interface NsupdateCall {
  /** Path of the program, or its name on PATH. */
  readonly bin: string;
  /** Path of a TSIG key file; null: unsigned. */
  readonly keyFile: string | null;
  readonly payload: string;
}

/** Runs one update; rejects with an `NsupdateError` when it was not confirmed. */
export type RunNsupdate = (call: NsupdateCall, signal: AbortSignal) => Promise<void>;

/** An update was not confirmed; the message says why, in one line. */
export class NsupdateError extends Error {
  override readonly name = "NsupdateError";
  /** Updates of other names would fare no better: the server, the key or the program fails. */
  readonly isGeneral: boolean;

  constructor(message: string, isGeneral: boolean) {
    super(message);
    this.isGeneral = isGeneral;
  }
}

/** Time for one update, milliseconds. By itself nsupdate gives up a silent server after 12 s. */
export const NSUPDATE_LIMIT_MS = 20_000;

/** Bytes kept of each of its outputs. */
const MAX_OUTPUT_BYTES = 16_384;

/** Characters of a message. */
const MAX_MESSAGE = 300;

/** Time that output may come after the program's end. */
const OUTPUT_AFTER_END_MS = 200;

const CALLED_OFF = "the update was called off";

const IS_UNIX = Deno.build.os !== "windows";

/**
 * Runs nsupdate. Resolves when the server has confirmed; rejects with an `NsupdateError` otherwise,
 * also when `signal` ends it. `limitMs` is the time it may take.
 */
export async function runNsupdate(
  { bin, keyFile, payload }: NsupdateCall,
  signal: AbortSignal,
  limitMs = NSUPDATE_LIMIT_MS,
): Promise<void> {
  if (signal.aborted) throw new NsupdateError(CALLED_OFF, true);
  const child = start(bin, keyFile);
  let endedBy: string | null = null;
  const end = (why: string): void => {
    endedBy ??= why;
    kill(child);
  };
  const onAbort = (): void => end(CALLED_OFF);
  signal.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(() => end(`${bin} gave no result within ${limitMs / 1000} s`), limitMs);
  const outputs = [child.stderr, child.stdout].map(collect);
  let late: ReturnType<typeof setTimeout> | undefined;
  try {
    const [status] = await Promise.all([child.status, feed(child.stdin, payload)]);
    // Somebody that it has left running may still hold the other end open.
    late = setTimeout(() => outputs.forEach(({ cancel }) => cancel()), OUTPUT_AFTER_END_MS);
    const [stderr = "", stdout = ""] = await Promise.all(outputs.map(({ text }) => text));
    if (status.success) return;
    if (endedBy !== null) throw new NsupdateError(endedBy, true);
    const how = status.signal === null ? `code ${status.code}` : status.signal;
    throw failureOf(stderr.trim() === "" ? stdout : stderr, keyFile) ??
      new NsupdateError(`${bin} ended with ${how} and gave no reason`, false);
  } finally {
    clearTimeout(timer);
    clearTimeout(late);
    signal.removeEventListener("abort", onAbort);
  }
}

function start(bin: string, keyFile: string | null): Deno.ChildProcess {
  try {
    return new Deno.Command(bin, {
      args: keyFile === null ? [] : ["-k", keyFile],
      // Messages as they are looked for below, whatever the language of the machine.
      env: { LC_ALL: "C" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      // Its own process group: a script around nsupdate is ended together with it.
      detached: IS_UNIX,
    }).spawn();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NsupdateError(`${bin} (nsupdate_bin) cannot be run: ${oneLine(reason)}`, true);
  }
}

/** What failed, from what nsupdate has said; null when it has said nothing. */
function failureOf(output: string, keyFile: string | null): NsupdateError | null {
  const lines = output.split("\n").map(oneLine).filter((line) => line !== "");
  const find = (pattern: RegExp): string | undefined => lines.find((line) => pattern.test(line));
  // It goes on without the key: that it is refused then, or that nobody is there, says less.
  const key = find(/could not read key/);
  if (key !== undefined) {
    const reason = key.replace(/^.*\.\{private,key\}: /, "");
    return new NsupdateError(`Key file ${keyFile} (nsupdate_key) cannot be used: ${reason}`, true);
  }
  const failed = find(/^update failed: /);
  if (failed !== undefined) {
    // The key, or the whole zone; NOTAUTH alone is a server without the zone.
    return new NsupdateError(failed, /NOTAUTH|BADKEY|BADSIG|BADTIME/.test(failed));
  }
  const unreachable = find(/^could not reach any name server/);
  if (unreachable !== undefined) {
    const reason = find(/^; Communication with .* failed: /)?.slice(2);
    const message = reason === undefined ? unreachable : `${unreachable}: ${reason}`;
    return new NsupdateError(message, true);
  }
  const noServer = find(/^couldn't get address for /);
  if (noServer !== undefined) return new NsupdateError(noServer, true);
  const last = lines.at(-1);
  return last === undefined ? null : new NsupdateError(last, false);
}

/** `text` trimmed, without what could not be shown in a line, and not too long. */
function oneLine(text: string): string {
  // deno-lint-ignore no-control-regex -- they are just what must not get through
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim().slice(0, MAX_MESSAGE);
}

async function feed(stdin: WritableStream<Uint8Array>, payload: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(payload));
    await writer.close();
  } catch {
    // It ended before it had read everything, and says why itself.
    await writer.abort().catch(() => {});
  }
}

function collect(stream: ReadableStream<Uint8Array>): {
  readonly text: Promise<string>;
  cancel(): void;
} {
  const reader = stream.getReader();
  const bytes = new Uint8Array(MAX_OUTPUT_BYTES);
  let length = 0;
  const text = (async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      // The rest is read too, so that it is not held up, and forgotten.
      const kept = part.value.subarray(0, bytes.length - length);
      bytes.set(kept, length);
      length += kept.length;
    }
    return new TextDecoder().decode(bytes.subarray(0, length));
  })();
  return { text, cancel: () => void reader.cancel().catch(() => {}) };
}

function kill(child: Deno.ChildProcess): void {
  try {
    Deno.kill(IS_UNIX ? -child.pid : child.pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
}
