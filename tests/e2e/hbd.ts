/**
 * Drives the real program: `hbd` as a child process with the permissions it is shipped with, on a
 * port of its own, with a state folder of its own, and raw TCP to talk to it.
 *
 * Nothing here sleeps to let things settle: `eventually` waits for a condition, with a limit. What a
 * test starts is over, and what it wrote is gone, when its `await using` ends.
 */

import { join } from "@std/path";
import project from "../../deno.json" with { type: "json" };

/** How long anything may take that should take a moment. Generous: machines that test are busy. */
export const LIMIT_MS = 20_000;

/** The command that runs hbd, without hbd's own arguments, program first: what `deno task start` runs. */
export const HBD_COMMAND: readonly [string, ...string[]] = [
  Deno.execPath(),
  ...project.tasks.start.command.split(" ").slice(1, -1),
  new URL("../../main.ts", import.meta.url).pathname,
];

export interface HbdOptions {
  /** Arguments before `--bind`, `--http-port` and `--state-dir`. */
  readonly args?: readonly string[];
  /** YAML of the configuration file; none when left out. */
  readonly config?: string;
  /** Kept at the end; when left out there is one for this server alone. */
  readonly stateDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs the program given after its own arguments. */
  readonly launcher?: readonly [string, ...string[]];
}

/** A server that is running, or was. */
export class Hbd implements AsyncDisposable {
  readonly stateDir: string;
  /** The configuration file, whether there is one or not. */
  readonly configFile: string;
  readonly #child: Deno.ChildProcess;
  readonly #cleanUp: () => Promise<void>;
  readonly #out = { stdout: "", stderr: "" };
  readonly #reading: Promise<unknown>;
  #gate: PromiseWithResolvers<void> | null = null;
  #ended: number | null = null;
  #port = 0;
  #udpPort = 0;

  private constructor(
    child: Deno.ChildProcess,
    stateDir: string,
    configFile: string,
    cleanUp: () => Promise<void>,
  ) {
    this.#child = child;
    this.stateDir = stateDir;
    this.configFile = configFile;
    this.#cleanUp = cleanUp;
    this.#reading = Promise.all([this.#read("stdout"), this.#read("stderr")]);
    void child.status.then(({ code }) => {
      this.#ended = code;
    });
  }

  /** Starts a server and waits until it has printed its address. Rejects when it ends instead. */
  static async start(options: HbdOptions = {}): Promise<Hbd> {
    const hbd = await Hbd.spawn(options);
    try {
      const [, port] = await hbd.waitForOutput(
        /Post to +http:\/\/(?:127\.0\.0\.1|localhost):(\d+)\//,
      );
      hbd.#port = Number(port);
      const [, udpPort] = await hbd.waitForOutput(/UDP port +(\d+|off)/);
      hbd.#udpPort = Number(udpPort);
      await hbd.waitForOutput(/curl .*\n/);
      return hbd;
    } catch (error) {
      await hbd[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Starts a server and does not wait for it: it has no port yet. */
  static async spawn(options: HbdOptions = {}): Promise<Hbd> {
    const { args = [], config, env = {}, launcher } = options;
    const scratch = await Deno.makeTempDir({ prefix: "hbd-e2e-" });
    const stateDir = options.stateDir ?? join(scratch, "state");
    const configFile = join(scratch, "hbd.yaml");
    if (config !== undefined) await Deno.writeTextFile(configFile, config);
    const [program, ...rest] = [
      ...(launcher ?? []),
      ...HBD_COMMAND,
      ...args,
      ...(config === undefined ? [] : ["-c", configFile]),
      ...(/^\d/.test(args[0] ?? "") ? [] : ["--http-port", "0"]),
      ...(args.includes("--udp-port") ? [] : ["--udp-port", "0"]),
      ...(args.includes("--bind") ? [] : ["--bind", "127.0.0.1"]),
      ...["--state-dir", stateDir],
    ];
    const child = new Deno.Command(program ?? "", {
      args: rest,
      // Empty counts as not set: what the tests run under must not decide on colours.
      env: { NO_COLOR: "", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return new Hbd(child, stateDir, configFile, async () => {
      await Deno.remove(scratch, { recursive: true });
    });
  }

  get port(): number {
    return this.#port;
  }

  /** NaN when there is none. */
  get udpPort(): number {
    return this.#udpPort;
  }

  get pid(): number {
    return this.#child.pid;
  }

  get journal(): string {
    return join(this.stateDir, "messages.journal");
  }

  /** Address of `path` on the server. */
  url(path = "/"): string {
    return `http://127.0.0.1:${this.#port}${path}`;
  }

  /** All it has printed so far. */
  stdout(): string {
    return this.#out.stdout;
  }

  /** All it has logged so far. */
  stderr(): string {
    return this.#out.stderr;
  }

  /** True until the process has ended. */
  get running(): boolean {
    return this.#ended === null;
  }

  /** Waits until `pattern` is found in what it prints or logs. */
  waitForOutput(pattern: RegExp, limitMs = LIMIT_MS): Promise<RegExpMatchArray> {
    return eventually(() => {
      const found = this.stdout().match(pattern) ?? this.stderr().match(pattern);
      if (found !== null) return found;
      const output = `${pattern} is not in:\n${this.stdout()}\n${this.stderr()}`;
      if (this.#ended !== null) throw new GiveUp(`hbd ended with ${this.#ended}; ${output}`);
      throw new Error(output);
    }, limitMs);
  }

  /** From now on nobody reads what it prints, until `readOn()`. */
  stopReading(): void {
    this.#gate ??= Promise.withResolvers();
  }

  readOn(): void {
    this.#gate?.resolve();
    this.#gate = null;
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Asks it to stop, and returns its exit code. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<number> {
    if (this.#ended === null) this.signal(signal);
    return await this.exit();
  }

  /** Waits for its end. Rejects when it does not come, after killing the process. */
  async exit(limitMs = LIMIT_MS): Promise<number> {
    const code = await orElse(this.#child.status.then((status) => status.code), limitMs, null);
    if (code === null) {
      await this.kill();
      throw new Error(`hbd did not end within ${limitMs} ms; it logged:\n${this.stderr()}`);
    }
    this.readOn();
    await this.#reading;
    return code;
  }

  /** Ends it without asking (SIGKILL). */
  async kill(): Promise<void> {
    if (this.#ended === null) this.signal("SIGKILL");
    await this.#child.status;
    this.readOn();
    await this.#reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#cleanUp().catch(ignoreMissing);
  }

  async #read(name: "stdout" | "stderr"): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of this.#child[name]) {
      this.#out[name] += decoder.decode(bytes, { stream: true });
      if (name === "stdout") await this.#gate?.promise;
    }
  }
}

/** Runs hbd to its end with these arguments alone, for those that do not serve. */
export async function runHbd(
  args: readonly string[],
  limitMs = LIMIT_MS,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const [program, ...rest] = [...HBD_COMMAND, ...args];
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: rest,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(limitMs),
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A folder that is removed at the end. */
export async function tempDir(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "hbd-e2e-" });
  return {
    path,
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true }).catch(ignoreMissing);
    },
  };
}

/** Thrown by a check of `eventually` that can never become true any more. */
export class GiveUp extends Error {
  override readonly name = "GiveUp";
}

/** Calls `check` until it does not throw, and returns what it does. Rejects with its last error. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  limitMs = LIMIT_MS,
): Promise<T> {
  const endMs = performance.now() + limitMs;
  while (true) {
    try {
      return await check();
    } catch (error) {
      if (error instanceof GiveUp || performance.now() > endMs) throw error;
    }
    await pause(20);
  }
}

/** Waits for real time to pass, where passing time is what is tested. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What `promise` gives, or `otherwise` when it takes longer than `limitMs`. */
export async function orElse<T, U>(promise: Promise<T>, limitMs: number, otherwise: U) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<U>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Sends `bytes` over a TCP connection and returns what comes back: up to the end of the connection,
 * or up to `answers` whole HTTP answers where that is given. Rejects after `limitMs`.
 */
export async function rawHttp(
  port: number,
  bytes: string | Uint8Array,
  { answers = Infinity, limitMs = LIMIT_MS } = {},
): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  let text = "";
  const timer = setTimeout(() => connection.close(), limitMs);
  try {
    const data = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
    // A server that has answered may close before it has read everything: that is its right.
    const sent = writeAll(connection, data).catch(() => {});
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(65_536);
    while (parseAnswers(text).length < answers) {
      const read = await connection.read(buffer).catch(nullIfReset);
      if (read === null) break;
      text += decoder.decode(buffer.subarray(0, read), { stream: true });
    }
    await sent;
    return text;
  } catch (error) {
    throw new Error(`No whole answer, only: ${JSON.stringify(text)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function nullIfReset(error: unknown): null {
  if (error instanceof Deno.errors.ConnectionReset) return null;
  throw error;
}

/** Writes all of `bytes`. */
export async function writeAll(to: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await to.write(bytes.subarray(done));
}

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** The whole answers at the beginning of `text`; one without a `Content-Length` has no body. */
export function parseAnswers(text: string): readonly Answer[] {
  const answers: Answer[] = [];
  for (let rest = text; rest !== "";) {
    const headEnd = rest.indexOf("\r\n\r\n");
    if (headEnd < 0) break;
    const [statusLine = "", ...lines] = rest.slice(0, headEnd).split("\r\n");
    const status = Number(statusLine.split(" ")[1]);
    const headers = new Map(lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    rest = rest.slice(headEnd + 4);
    if (status < 200) continue;
    const bytes = new TextEncoder().encode(rest);
    const length = Number(headers.get("content-length") ?? "0");
    if (bytes.length < length) break;
    answers.push({ status, headers, body: new TextDecoder().decode(bytes.subarray(0, length)) });
    rest = new TextDecoder().decode(bytes.subarray(length));
  }
  return answers;
}

/** A POST as text, with `Content-Length` and `Connection: close` unless `headers` say otherwise. */
export function post(target: string, body: string, headers: readonly string[] = []): string {
  const length = new TextEncoder().encode(body).length;
  return [
    `POST ${target} HTTP/1.1`,
    "Host: server",
    `Content-Length: ${length}`,
    ...(headers.some((line) => line.startsWith("Connection:")) ? [] : ["Connection: close"]),
    ...headers,
    "",
    body,
  ].join("\r\n");
}

/** Sends a beat and fails unless it is acknowledged. */
export async function beat(hbd: Hbd, payload: unknown, path = "/"): Promise<void> {
  const response = await fetch(hbd.url(path), { method: "POST", body: JSON.stringify(payload) });
  const text = await response.text();
  if (response.status === 200) return;
  throw new Error(`Beat answered with ${response.status}: ${text}`);
}

/** JSON from the server, whatever the status. */
export async function getJson(hbd: Hbd, path: string): Promise<unknown> {
  const response = await fetch(hbd.url(path));
  return await response.json();
}

/** A host as the API tells it: see the table of the HTTP door. */
export interface ApiHost {
  readonly name: string;
  readonly state: string;
  readonly total: number;
  readonly late: number;
  readonly missed: number;
  readonly stability: number | null;
  readonly interval: number | null;
  readonly grace: number | null;
  readonly last_beat: number | null;
  readonly deadline: number | null;
  readonly addresses: readonly string[];
  readonly reported_ip: string | null;
  readonly rtt: number | null;
  readonly loss: number | null;
  readonly lost: number;
  readonly duplicates: number;
  readonly reordered: number;
  readonly reboots: number;
  readonly booted: number | null;
  readonly clock_skew: number | null;
  readonly version: string | null;
}

/** What the API tells of a host whose client says nothing of itself. */
export const NO_CLIENT = {
  rtt: null,
  loss: null,
  lost: 0,
  duplicates: 0,
  reordered: 0,
  reboots: 0,
  booted: null,
  clock_skew: null,
  version: null,
};

/** The host called `name`; null when the server does not know it. */
export async function getHost(hbd: Hbd, name: string): Promise<ApiHost | null> {
  const response = await fetch(hbd.url(`/api/0/hosts/${encodeURIComponent(name)}`));
  const body = await response.json();
  return response.status === 200 ? body as ApiHost : null;
}

export async function getHosts(hbd: Hbd): Promise<readonly ApiHost[]> {
  return (await getJson(hbd, "/api/0/hosts") as { readonly hosts: readonly ApiHost[] }).hosts;
}

/** A line of the journal: a beat has `message`, an event has `event`. */
export interface JournalLine {
  readonly seq: number;
  readonly timestamp: number;
  readonly datetime: string;
  readonly source_ip?: string;
  readonly source_port?: number;
  readonly transport?: string;
  readonly host?: string;
  readonly path?: string;
  readonly late?: boolean;
  readonly message?: unknown;
  readonly event?: string;
  readonly silence_s?: number;
  readonly missed?: number;
}

/** All whole lines of the journal in `dir`, the oldest file first. Throws on a line that is no JSON. */
export async function readJournal(dir: string): Promise<readonly JournalLine[]> {
  const numbers: number[] = [];
  for await (const { name } of Deno.readDir(dir)) {
    const [, number] = /^messages\.journal(?:\.(\d+))?$/.exec(name) ?? [null];
    if (/^messages\.journal/.test(name)) numbers.push(Number(number ?? 0));
  }
  const lines: JournalLine[] = [];
  for (const number of numbers.sort((a, b) => b - a)) {
    const name = number === 0 ? "messages.journal" : `messages.journal.${number}`;
    const text = await Deno.readTextFile(join(dir, name));
    for (const line of text.split("\n").slice(0, -1)) lines.push(JSON.parse(line) as JournalLine);
  }
  return lines;
}

/** Local time as the program writes it: `2026-03-28 12:34:56`. */
export const LOCAL_TIME = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;

/** `text` with nothing in it that means something in a regular expression. */
export function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
