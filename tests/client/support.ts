/**
 * Drives the real client: `hbc` as a child process with the permissions it is shipped with, against
 * a small real UDP server of the test, which answers as the test says.
 *
 * Nothing here sleeps to let things settle: `eventually` waits for a condition, with a limit. What
 * a test starts is over, and what it wrote is gone, when its `await using` ends.
 */

import { join } from "@std/path";
import project from "../../deno.json" with { type: "json" };
import { decodeDatagram, encodeDatagram, type Fields } from "../../src/wire/datagram.ts";
import {
  isEnvelope,
  isSealedWith,
  type Key,
  makeKey,
  openEnvelope,
  seal,
} from "../../src/wire/envelope.ts";

/** How long anything may take that should take a moment. Generous: machines that test are busy. */
export const LIMIT_MS = 20_000;

/** The command that runs hbc, without hbc's own arguments, program first. */
export const HBC_COMMAND: readonly [string, ...string[]] = [
  Deno.execPath(),
  ...project.tasks.hbc.command.split(" ").slice(1, -1),
  new URL("../../src/client/main.ts", import.meta.url).pathname,
];

/** A datagram that the server has got. */
export interface Got {
  readonly fields: Fields;
  /** Signed with the server's key. */
  readonly isSealed: boolean;
  readonly from: Deno.NetAddr;
}

export interface ServerOptions {
  readonly hostname?: string;
  readonly port?: number;
  /** Answers are signed with it. */
  readonly key?: string;
}

/** A server that acknowledges everything while `answers` is true. */
export class UdpServer implements AsyncDisposable {
  readonly got: Got[] = [];
  answers: (fields: Fields) => boolean = () => true;
  readonly #socket: Deno.DatagramConn;
  readonly #key: Key | null;
  readonly #loop: Promise<void>;

  constructor({ hostname = "127.0.0.1", port = 0, key }: ServerOptions = {}) {
    this.#socket = Deno.listenDatagram({ transport: "udp", hostname, port });
    this.#key = key === undefined ? null : makeKey(key);
    this.#loop = this.#receive();
  }

  get addr(): Deno.NetAddr {
    return this.#socket.addr as Deno.NetAddr;
  }

  /** As hbc takes it. */
  get label(): string {
    const { hostname, port } = this.addr;
    return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  }

  /** All messages of one type, as fields. */
  all(id: string): readonly Fields[] {
    return this.got.map(({ fields }) => fields).filter(({ ID }) => ID === id);
  }

  /** Waits for the `count`th message of a type that `where` holds for. */
  next(id: string, where: (fields: Fields) => boolean = () => true, count = 1): Promise<Fields> {
    return eventually(() => {
      const found = this.all(id).filter(where)[count - 1];
      if (found !== undefined) return found;
      throw new Error(`No ${id}, only ${JSON.stringify(this.got.map(({ fields }) => fields))}`);
    });
  }

  /** Sends to a client; signed unless `key` is null. */
  async send(fields: Fields, to: Deno.NetAddr, key: Key | null = this.#key): Promise<void> {
    const body = encodeDatagram(fields);
    await this.#socket.send(key === null ? body : seal(body, key), to);
  }

  /** Where the client sends from. */
  async client(): Promise<Deno.NetAddr> {
    await this.next("HTB");
    const [first] = this.got;
    if (first === undefined) throw new Error("Nothing came");
    return first.from;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#loop;
  }

  async #receive(): Promise<void> {
    for await (const [bytes, from] of this.#socket) {
      const envelope = isEnvelope(bytes) ? openEnvelope(bytes) : null;
      const { fields } = decodeDatagram(envelope?.body ?? bytes);
      const isSealed = envelope !== null && this.#key !== null && isSealedWith(envelope, this.#key);
      this.got.push({ fields, isSealed, from: from as Deno.NetAddr });
      if (!this.answers(fields)) continue;
      const { name, time, seq } = fields;
      const answer = { ID: "ACK", name, time, seq, server_time: Date.now() / 1000 };
      await this.send(answer, from as Deno.NetAddr).catch(() => {});
    }
  }
}

/** A client that is running, or was. */
export class Hbc implements AsyncDisposable {
  readonly dir: string;
  readonly #child: Deno.ChildProcess;
  readonly #ownsDir: boolean;
  readonly #out = { stdout: "", stderr: "" };
  readonly #reading: Promise<unknown>;
  #ended: number | null = null;

  private constructor(child: Deno.ChildProcess, dir: string, ownsDir: boolean) {
    this.#child = child;
    this.dir = dir;
    this.#ownsDir = ownsDir;
    this.#reading = Promise.all([this.#read("stdout"), this.#read("stderr")]);
    void child.status.then(({ code }) => this.#ended = code);
  }

  /**
   * Starts a client with a home of its own, whose `.hbc.yaml` is `config`; plugins that run
   * without being asked for are off.
   */
  static async start(
    args: readonly string[],
    config = "",
    { dir, env = {} }: { dir?: string; env?: Readonly<Record<string, string>> } = {},
  ): Promise<Hbc> {
    const home = dir ?? await Deno.makeTempDir({ prefix: "hbc-test-" });
    await Deno.writeTextFile(join(home, ".hbc.yaml"), await withoutPlugins(config));
    const [program, ...rest] = [...HBC_COMMAND, ...args];
    const child = new Deno.Command(program, {
      args: rest,
      // The cache of Deno is found through it, which must not be the test's own.
      env: { DENO_DIR: await denoDir(), HOME: home, XDG_STATE_HOME: join(home, "state"), ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return new Hbc(child, home, dir === undefined);
  }

  /** Runs a client to its end. */
  static async run(args: readonly string[], config = "", options: { dir?: string } = {}) {
    await using hbc = await Hbc.start(args, config, options);
    const code = await hbc.end();
    return { code, stdout: hbc.stdout(), stderr: hbc.stderr() };
  }

  stdout(): string {
    return this.#out.stdout;
  }

  stderr(): string {
    return this.#out.stderr;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Waits until `pattern` is found in what it logs. */
  logged(pattern: RegExp): Promise<void> {
    return eventually(() => {
      if (!pattern.test(this.stderr())) throw new Error(`No ${pattern} in: ${this.stderr()}`);
    });
  }

  /** Asks it to stop and waits for its exit code. */
  async stop(): Promise<number> {
    this.#child.kill("SIGTERM");
    return await this.end();
  }

  /** Ends it without asking. */
  async kill(): Promise<void> {
    if (this.#ended === null) this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#reading;
  }

  /** Waits until it has ended by itself. */
  async end(): Promise<number> {
    try {
      const code = await eventually(() => {
        if (this.#ended !== null) return this.#ended;
        throw new Error(`hbc did not end; it logged: ${this.stderr()}`);
      });
      await this.#reading;
      return code;
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    if (this.#ownsDir) await Deno.remove(this.dir, { recursive: true });
  }

  async #read(name: "stdout" | "stderr"): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of this.#child[name]) {
      this.#out[name] += decoder.decode(bytes, { stream: true });
    }
  }
}

/** `config` with the plugins switched off that run by default. */
async function withoutPlugins(config: string): Promise<string> {
  const { PLUGIN_TYPES } = await import("../../src/client/plugins/mod.ts");
  const names = PLUGIN_TYPES.filter(({ byDefault }) => byDefault).map(({ name }) => name);
  const off = ["plugins:", ...names.map((name) => `  ${name}: false`), ""].join("\n");
  return /^plugins:\n/m.test(config) ? config.replace("plugins:\n", off) : `${config}\n${off}`;
}

let foundDenoDir: string | undefined;

async function denoDir(): Promise<string> {
  if (foundDenoDir === undefined) {
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] })
      .output();
    foundDenoDir = (JSON.parse(new TextDecoder().decode(stdout)) as { denoDir: string }).denoDir;
  }
  return foundDenoDir;
}

/** A folder that is removed at the end. */
export async function tempDir(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "hbc-test-" });
  return {
    path,
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true });
    },
  };
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
      if (performance.now() > endMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
