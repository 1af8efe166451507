/**
 * What the tests of channels share: notifications, HTTP servers that record what a provider would
 * get, TCP servers that misbehave, and programs that write down how they were run.
 */

import { join } from "@std/path";
import type { Channel, Notification } from "../../../src/notify/channel.ts";
import { SendError } from "../../../src/notify/channel.ts";
import type { Secret } from "../../../src/config/config.ts";

/** How long anything may take that should take a moment. Generous: machines that test are busy. */
export const LIMIT_MS = 20_000;

/** 2026-03-28 12:34:56.789 UTC. */
export const AT_MS = 1_774_701_296_789;

/** What all channels have. */
export const COMMON = { minLevel: "WARNING", fallback: null } as const;

/** A notification of an alert, with what is given in place of the usual. */
export function notice(more: Partial<Notification> = {}): Notification {
  return {
    id: "8c0f6a4e-3c6b-4b58-9a4e-6f4f6f1f0c11",
    kind: "alert",
    level: "CRITICAL",
    host: "web1",
    metric: "cpu_monitor.cpu_percent",
    title: "[CRITICAL] web1",
    body: "CRITICAL: web1 - cpu_monitor.cpu_percent = 96.0\nlast beat 12:34:50",
    url: "https://hbd.example.com/hosts/web1",
    atMs: AT_MS,
    ...more,
  };
}

export function secret(value: string): Secret {
  return { value, shown: "***" };
}

/** A signal that is never aborted. */
export function patience(): AbortSignal {
  return new AbortController().signal;
}

/** The SendError that sending ends with. Throws when it ends otherwise. */
export async function failureOf(
  channel: Channel,
  signal = patience(),
  notification = notice(),
): Promise<SendError> {
  try {
    const answer = await channel.send(notification, signal);
    throw new Error(`It was sent: ${answer}`);
  } catch (error) {
    if (error instanceof SendError) return error;
    throw error;
  }
}

/** Waits until `look` gives something without throwing. */
export async function eventually<T>(look: () => T | Promise<T>): Promise<T> {
  const endMs = Date.now() + LIMIT_MS;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > endMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A request that a provider would have got. */
export interface Recorded {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** An HTTP server that records all requests, and answers as the test says. */
export class Recorder implements AsyncDisposable {
  readonly got: Recorded[] = [];
  answer: (request: Recorded) => Response | Promise<Response>;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #end = new AbortController();

  constructor(answer: (request: Recorded) => Response | Promise<Response>) {
    this.answer = answer;
    this.#server = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      signal: this.#end.signal,
      onListen: () => {},
    }, async (request) => {
      const { pathname, search } = new URL(request.url);
      const { method, headers } = request;
      const recorded = {
        method,
        path: `${pathname}${search}`,
        headers,
        body: await request.text(),
      };
      this.got.push(recorded);
      return await this.answer(recorded);
    });
  }

  /** Its address, with `path`. */
  url(path = ""): string {
    return `http://127.0.0.1:${this.#server.addr.port}${path}`;
  }

  /** The only request that it has got. */
  get only(): Recorded {
    const [first, ...others] = this.got;
    if (first !== undefined && others.length === 0) return first;
    throw new Error(`Not one request, but ${this.got.length}`);
  }

  /** The body of the only request, as JSON. */
  get json(): unknown {
    return JSON.parse(this.only.body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#server.finished;
  }
}

/** A recorder that answers everything with the same. */
export function recorder(body: unknown = "ok", init: ResponseInit = {}): Recorder {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Recorder(() => new Response(text, init));
}

/** A TCP server that does with each connection what the test says. */
export class TcpServer implements AsyncDisposable {
  readonly port: number;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.TcpConn>();
  readonly #loop: Promise<void>;
  /** Settles when somebody has come. */
  readonly visited: Promise<void>;

  constructor(serve: (connection: Deno.TcpConn) => Promise<void>) {
    this.port = this.#listener.addr.port;
    const visit = Promise.withResolvers<void>();
    this.visited = visit.promise;
    this.#loop = (async () => {
      const serving: Promise<void>[] = [];
      for await (const connection of this.#listener) {
        this.#open.add(connection);
        serving.push(serve(connection).catch(() => {}));
        visit.resolve();
      }
      await Promise.all(serving);
    })();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) {
      try {
        connection.close();
      } catch {
        // It is closed already.
      }
    }
    await this.#loop;
  }
}

/** Reads until the other side ends. */
export async function drain(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(4096);
  while (await connection.read(buffer) !== null);
}

/** A port of this machine where nobody listens. */
export function closedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A folder with programs that write down how they are run. */
export class Programs implements AsyncDisposable {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async create(): Promise<Programs> {
    return new Programs(await Deno.makeTempDir({ prefix: "hbd-programs-" }));
  }

  /** A shell script that records arguments, environment and input, and then goes on as told. */
  async script(name: string, then = ""): Promise<string> {
    const path = join(this.dir, name);
    const record = join(this.dir, `${name}.got`);
    await Deno.writeTextFile(
      path,
      `#!/bin/sh
for word in "$@"; do printf '%s\\0' "$word"; done > '${record}.argv'
tr '\\0' '\\0' < /proc/$$/environ > '${record}.env'
cat > '${record}.stdin'
${then}
`,
      { mode: 0o755 },
    );
    return path;
  }

  argv(name: string): Promise<readonly string[]> {
    return this.#record(name, "argv");
  }

  /** The environment, with what a shell adds left out. */
  async env(name: string): Promise<ReadonlyMap<string, string>> {
    const words = await this.#record(name, "env");
    return new Map(words.map((word) => {
      const at = word.indexOf("=");
      return [word.slice(0, at), word.slice(at + 1)];
    }));
  }

  stdin(name: string): Promise<string> {
    return Deno.readTextFile(join(this.dir, `${name}.got.stdin`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }

  async #record(name: string, part: string): Promise<readonly string[]> {
    const text = await Deno.readTextFile(join(this.dir, `${name}.got.${part}`));
    return text.split("\0").slice(0, -1);
  }
}
