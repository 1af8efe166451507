/**
 * The live updates of a server elsewhere, over its WebSocket. When the connection is lost it comes
 * back by itself: soon at first, then ever more slowly.
 */

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;

/** A connection that says nothing for so long is asked, and given up when it does not answer. */
const QUIET_MS = 20_000;
const ANSWER_MS = 8000;

/** Why a connection ends: see docs/API.md. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [1001, "the server has stopped"],
  [4401, "the token is no good any more"],
  [4408, "too slow"],
]);

export interface LiveSourceOptions {
  /** Of the server: `http://server:50004/`. */
  readonly url: URL;
  readonly token: string | null;
  /** Called with each message. */
  readonly onMessage: (json: string) => void;
  /** Called when there is no connection any more, or still none. */
  readonly onLost: (why: string) => void;
}

export class LiveSource {
  readonly #options: LiveSourceOptions;
  readonly #url: URL;
  #socket: WebSocket | null = null;
  #retryMs = FIRST_RETRY_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  constructor(options: LiveSourceOptions) {
    this.#options = options;
    this.#url = new URL("ws", options.url);
    this.#url.protocol = options.url.protocol === "https:" ? "wss:" : "ws:";
  }

  /** Connects, and stays connected. */
  start(): void {
    const { token, onMessage } = this.#options;
    const headers = headersWith(token);
    const socket = this.#socket = new WebSocket(this.#url, { headers });
    let why = "";
    this.#expect(socket, ANSWER_MS, () => this.#lose(socket, "no answer"));
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket || typeof data !== "string") return;
      this.#retryMs = FIRST_RETRY_MS;
      this.#expectMore(socket);
      onMessage(data);
    };
    socket.onerror = (event) => {
      event.preventDefault();
      why = event instanceof ErrorEvent ? reasonOf(event.message) : "";
    };
    socket.onclose = ({ code }) =>
      this.#lose(socket, REASONS.get(code) ?? (why || "no connection"));
  }

  /** Closes the connection; there will be no other. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /** A network that was unplugged does not close a connection: only asking tells. */
  #expectMore(socket: WebSocket): void {
    this.#expect(socket, QUIET_MS, () => {
      if (socket.readyState === WebSocket.OPEN) socket.send('{"type":"ping"}');
      this.#expect(socket, ANSWER_MS, () => this.#lose(socket, "no answer"));
    });
  }

  #expect(socket: WebSocket, delayMs: number, otherwise: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (socket === this.#socket) otherwise();
    }, delayMs);
  }

  #lose(socket: WebSocket, why: string): void {
    if (socket !== this.#socket || this.#isStopped) return;
    this.#socket = null;
    if (socket.readyState <= WebSocket.OPEN) socket.close();
    clearTimeout(this.#timer);
    this.#options.onLost(why);
    // A little chance keeps many screens from coming back in the same moment.
    const delayMs = this.#retryMs * (0.75 + Math.random() / 2);
    this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
    this.#timer = setTimeout(() => this.start(), delayMs);
  }
}

/** The headers of a request with `token`. */
export function headersWith(token: string | null): HeadersInit {
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

/** The runtime tells the status of an answer that is no WebSocket in the text of the error only. */
function reasonOf(message: string): string {
  const [, status] = /status code: (\d+)/.exec(message) ?? [];
  if (status === "401") return "the token is no good any more";
  if (status === "503") return "the server has no room for one more";
  return status === undefined ? "no connection" : `the server answers with ${status}`;
}
