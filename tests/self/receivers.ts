/**
 * Those who watch the server in the tests: a UDP socket that reads what comes as the server's own
 * door does, and an HTTP server that records requests and answers as it is told.
 */

import { assert } from "@std/assert";
import type { HeartbeatTarget } from "../../src/config/config.ts";
import { decodeDatagram, encodeDatagram } from "../../src/wire/datagram.ts";
import { isEnvelope, isSealedWith, makeKey, openEnvelope } from "../../src/wire/envelope.ts";
import { readClientMessage } from "../../src/wire/client_message.ts";
import type { MessageFacts } from "../../src/wire/message.ts";
import { eventually } from "../e2e/hbd.ts";

/** A message as it came. */
export interface Heard {
  readonly facts: MessageFacts;
  /** True when it was sealed with the receiver's key. */
  readonly isSigned: boolean;
}

/** A watcher over UDP; it acknowledges what it gets, as servers do. */
export class UdpReceiver implements Disposable {
  readonly #socket: Deno.DatagramConn;
  readonly #key: string | null;
  /** The oldest first. */
  readonly heard: Heard[] = [];

  constructor(options: { hostname?: string; port?: number; key?: string } = {}) {
    const { hostname = "127.0.0.1", port = 0, key = null } = options;
    this.#socket = Deno.listenDatagram({ transport: "udp", hostname, port });
    this.#key = key;
    void this.#receive();
  }

  get port(): number {
    return (this.#socket.addr as Deno.NetAddr).port;
  }

  /** Waits until `count` messages have come. */
  async until(count: number): Promise<void> {
    await eventually(() => {
      assert(this.heard.length >= count, `only ${this.heard.length} messages came`);
    });
  }

  /** Kinds of what came, in order. */
  kinds(): readonly string[] {
    return this.heard.map(({ facts }) => facts.kind);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  async #receive(): Promise<void> {
    for await (const [bytes, from] of this.#socket) {
      const envelope = isEnvelope(bytes) ? openEnvelope(bytes) : null;
      const { fields } = decodeDatagram(envelope?.body ?? bytes);
      const { hostname, port } = from as Deno.NetAddr;
      const facts = readClientMessage(fields, hostname, port);
      const isSigned = envelope !== null && this.#key !== null &&
        isSealedWith(envelope, makeKey(this.#key));
      this.heard.push({ facts, isSigned });
      await this.#socket.send(encodeDatagram({ ID: "ACK", seq: fields.seq }), from).catch(() => {});
    }
  }
}

/** A request as it came. */
export interface Requested {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** A watcher over HTTP. */
export class HttpReceiver implements AsyncDisposable {
  readonly requests: Requested[] = [];
  /** Requests that are under way. */
  open = 0;
  /** What it answers; `hang`: nothing, until it says something else or ends. */
  answer: number | "hang" = 200;
  readonly #released = Promise.withResolvers<void>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(port = 0) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port, onListen: () => {} },
      (request) => this.#handle(request),
    );
  }

  get port(): number {
    return this.#server.addr.port;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** Waits until `count` requests have come. */
  async until(count: number): Promise<void> {
    await eventually(() => {
      assert(this.requests.length >= count, `only ${this.requests.length} requests came`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#released.resolve();
    await this.#server.shutdown();
  }

  async #handle(request: Request): Promise<Response> {
    this.open += 1;
    try {
      const { method } = request;
      this.requests.push({
        method,
        path: new URL(request.url).pathname,
        body: await request.text(),
      });
      const { answer } = this;
      if (answer !== "hang") return new Response("thank you", { status: answer });
      const gone = Promise.withResolvers<void>();
      request.signal.addEventListener("abort", () => gone.resolve());
      await Promise.race([gone.promise, this.#released.promise]);
      return new Response(null, { status: 503 });
    } finally {
      this.open -= 1;
    }
  }
}

/** A target of `heartbeat_to`, as the configuration has it. */
export function udpTarget(
  port: number,
  more: Partial<Extract<HeartbeatTarget, { kind: "udp" }>> = {},
): HeartbeatTarget {
  const hostname = "127.0.0.1";
  return { kind: "udp", hostname, port, name: null, key: null, intervalS: 0.05, ...more };
}

/** The same over HTTP. */
export function httpTarget(url: string, method: "GET" | "POST" = "GET"): HeartbeatTarget {
  return { kind: "http", url: { value: url, shown: "***" }, method, intervalS: 0.05 };
}
