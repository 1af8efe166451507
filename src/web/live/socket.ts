/**
 * The WebSocket of the live updates: who may open one, how many there may be, and their end.
 *
 * Deno offers no way to cut a connection whose other side takes nothing: closing it waits until the
 * close frame is taken, too. Such connections are counted apart, so that they take nobody's place,
 * and what waits in them is bounded.
 */

import type { Principal } from "../../access/principal.ts";
import type { Sender } from "../../doors/beat.ts";
import { addressedHosts } from "../client_address.ts";
import { isForeignPage } from "../origin.ts";
import { loginNeeded } from "../permit.ts";
import { RequestError } from "../request_error.ts";
import { CLOSED } from "./crowd.ts";
import { type LiveFeed, MAX_CLIENTS } from "./feed.ts";

/** Connections that are closed and whose other side has not noticed. */
const MAX_CLOSING = 500;

/** Longest message that a client may send, characters or bytes. */
const MAX_MESSAGE = 65_536;

/** A client that does not answer a ping in this time is gone, seconds. */
const IDLE_S = 30;

/** A handshake that is not over by then never will be. */
const HANDSHAKE_MS = 10_000;

/** Pings are not answered while more than this waits, bytes. */
const PONG_ROOM = 1 << 16;

const TOO_BIG = 1009;

export interface SocketOptions {
  readonly feed: LiveFeed;
  /** Who asks; null: nobody who may see anything, so 401. Asked again while the socket is open. */
  who(headers: Headers, from: Deno.Addr): Principal | null;
  /** Port of the web pages: a page from there may open a socket on another port of this server. */
  pagePort(): number;
  /** Proxies that are believed: see the configuration. */
  trustedProxies(): readonly string[];
}

/** True when a request asks for a WebSocket; in which letters does not matter. */
export function wantsSocket({ headers }: Request): boolean {
  return headers.get("upgrade")?.toLowerCase() === "websocket";
}

/** The answer to those who did not ask for a WebSocket where there is nothing else. */
export function socketsOnly(): Response {
  return new Response("Here are WebSockets only: see docs/API.md, Live updates\n", {
    status: 426,
    headers: { upgrade: "websocket", connection: "upgrade" },
  });
}

export class LiveSockets {
  readonly #options: SocketOptions;
  readonly #open = new Set<WebSocket>();
  readonly #closing = new Set<WebSocket>();
  readonly #handshakes = new Map<WebSocket, ReturnType<typeof setTimeout>>();
  #isStopped = false;

  constructor(options: SocketOptions) {
    this.#options = options;
  }

  /** Answers a request for a WebSocket, and for nothing else. */
  upgrade(request: Request, { remoteAddr }: Sender): Response {
    if (!wantsSocket(request)) return socketsOnly();
    try {
      return this.#upgrade(request, remoteAddr);
    } catch (error) {
      if (error instanceof RequestError) return error.getResponse();
      if (!(error instanceof TypeError)) throw error;
      return new RequestError(400, `This is no handshake of a WebSocket: ${error.message}`)
        .getResponse();
    }
  }

  /** Closes all sockets; their feed must be stopped beside. */
  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#handshakes.values()) clearTimeout(timer);
    this.#handshakes.clear();
    for (const socket of this.#open) close(socket, CLOSED.stopping, "The server stops");
  }

  #upgrade(request: Request, from: Deno.Addr): Response {
    const { feed, who } = this.#options;
    // The request is gone once it is upgraded.
    const headers = new Headers(request.headers);
    if (isForeignPage(headers, this.#names(headers, from))) {
      throw new RequestError(403, "A web page of another server must not read here");
    }
    const ask = (): Principal | null => {
      const found = who(headers, from);
      return found?.reach === "nothing" ? null : found;
    };
    if (ask() === null) throw loginNeeded();
    this.#needRoom();
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: IDLE_S });
    this.#open.add(socket);
    this.#handshakes.set(
      socket,
      setTimeout(() => {
        this.#handshakes.delete(socket);
        if (socket.readyState === WebSocket.CONNECTING) this.#open.delete(socket);
      }, HANDSHAKE_MS),
    );
    let unsubscribe = (): void => {};
    socket.onopen = () => {
      this.#shakenHands(socket);
      if (this.#isStopped) return close(socket, CLOSED.stopping, "The server stops");
      this.#open.add(socket);
      unsubscribe = feed.subscribe({
        get bufferedAmount() {
          return socket.bufferedAmount;
        },
        send: (text) => send(socket, text),
        close: (code, reason) => {
          if (this.#open.delete(socket)) this.#closing.add(socket);
          close(socket, code, reason);
        },
        who: ask,
      });
    };
    socket.onmessage = ({ data }) => this.#heard(socket, data);
    socket.onclose = () => {
      this.#shakenHands(socket);
      this.#open.delete(socket);
      this.#closing.delete(socket);
      unsubscribe();
    };
    // An error is always followed by the end, which is all that matters.
    socket.onerror = (event) => event.preventDefault();
    return response;
  }

  #shakenHands(socket: WebSocket): void {
    clearTimeout(this.#handshakes.get(socket));
    this.#handshakes.delete(socket);
  }

  /** Names under which this server may be addressed by its own pages. */
  #names(headers: Headers, from: Deno.Addr): readonly string[] {
    const { trustedProxies, pagePort } = this.#options;
    const names = addressedHosts(headers, from, trustedProxies());
    const onPagePort = names.flatMap((name) => {
      const hostname = URL.parse(`http://${name}`)?.hostname;
      return hostname ? [`${hostname}:${pagePort()}`] : [];
    });
    return [...names, ...onPagePort];
  }

  #needRoom(): void {
    if (this.#isStopped) throw new RequestError(503, "The server stops");
    const isFull = this.#open.size >= MAX_CLIENTS || this.#closing.size >= MAX_CLOSING;
    if (!isFull) return;
    throw new RequestError(503, `There are ${MAX_CLIENTS} dashboards already: try again later`, {
      headers: { "retry-after": "30" },
    });
  }

  #heard(socket: WebSocket, data: unknown): void {
    const size = typeof data === "string" ? data.length : (data as ArrayBuffer).byteLength;
    if (size > MAX_MESSAGE) return close(socket, TOO_BIG, `More than ${MAX_MESSAGE} bytes`);
    if (socket.bufferedAmount <= PONG_ROOM && isPing(data)) send(socket, '{"type":"pong"}');
  }
}

function isPing(data: unknown): boolean {
  if (typeof data !== "string" || data.length > 100) return false;
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === "object" && message !== null && "type" in message &&
      message.type === "ping";
  } catch {
    return false;
  }
}

function send(socket: WebSocket, text: string): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(text);
}

function close(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState <= WebSocket.OPEN) socket.close(code, reason);
}
