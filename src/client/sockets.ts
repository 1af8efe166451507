/**
 * The two sockets of the client, one for each version of IP. A version that the machine does not
 * have is no error: sending to such an address fails, and so does the address.
 */

import { getLogger } from "@logtape/logtape";

const log = getLogger(["hbc", "sockets"]);

/** Holds every datagram whole. */
const BUFFER_BYTES = 65_536;

/** Pause after a receive that failed, so that one that fails again and again takes no time. */
const PAUSE_MS = 200;

/** Datagrams that wait for one socket; what comes on top of them is not sent. */
const MAX_WAITING = 1000;

/** Where a datagram goes to or comes from. */
export interface Endpoint {
  /** An IP address. */
  readonly ip: string;
  readonly port: number;
}

export class Sockets implements AsyncDisposable {
  readonly #sockets = new Map<4 | 6, Deno.DatagramConn>();
  readonly #sending = new Map<Deno.DatagramConn, Promise<void>>();
  readonly #loops: Promise<void>[] = [];
  #waiting = 0;
  #isClosed = false;

  /**
   * Opens the sockets on free ports.
   *
   * @param onDatagram called with what comes in; the bytes are only valid during the call
   * @throws {Error} when the machine has neither IPv4 nor IPv6
   */
  constructor(onDatagram: (bytes: Uint8Array, from: Endpoint) => void) {
    let reason: unknown;
    for (const [family, hostname] of [[4, "0.0.0.0"], [6, "::"]] as const) {
      try {
        const socket = Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
        this.#sockets.set(family, socket);
        this.#loops.push(this.#receive(socket, onDatagram));
      } catch (error) {
        reason = error;
        log.debug("No IPv{family} here: {error}", { family, error });
      }
    }
    if (this.#sockets.size === 0) throw new Error(`No UDP socket can be opened: ${reason}`);
  }

  /**
   * Sends a datagram, after those given before it: two that are under way together may overtake one
   * another. Rejects when the system says at once that it cannot be sent.
   */
  async send(bytes: Uint8Array, { ip, port }: Endpoint): Promise<void> {
    const socket = this.#sockets.get(ip.includes(":") ? 6 : 4);
    if (socket === undefined || this.#isClosed) throw new Error(`No socket for ${ip}`);
    if (this.#waiting >= MAX_WAITING) throw new Error("The system takes no more datagrams");
    const before = this.#sending.get(socket) ?? Promise.resolve();
    this.#waiting += 1;
    const sent = before
      .then(() => socket.send(bytes, { transport: "udp", hostname: ip, port }))
      .finally(() => this.#waiting -= 1);
    this.#sending.set(socket, sent.then(() => {}, () => {}));
    await sent;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const socket of this.#sockets.values()) socket.close();
    await Promise.all(this.#loops);
  }

  async #receive(
    socket: Deno.DatagramConn,
    onDatagram: (bytes: Uint8Array, from: Endpoint) => void,
  ): Promise<void> {
    const buffer = new Uint8Array(BUFFER_BYTES);
    while (!this.#isClosed) {
      try {
        const [bytes, from] = await socket.receive(buffer);
        if (from.transport === "udp") onDatagram(bytes, { ip: from.hostname, port: from.port });
      } catch (error) {
        if (this.#isClosed) return;
        // Windows reports here that an earlier datagram found nobody.
        log.debug("Receiving: {error}", { error });
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }
}
