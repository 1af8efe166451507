/**
 * A port with TLS whose certificate can be replaced while it is open. On Linux the new listener opens
 * the same port beside the old one, which then takes no more: nobody is refused. (Who is in the
 * middle of a handshake in that moment may have to try again, and WebSockets are closed with 1001:
 * their clients come back.) Elsewhere, where a port cannot be shared, it is closed and opened again.
 */

import { type Answer, listen, type Listener, type Place } from "./listener.ts";
import type { TlsPair } from "./tls_files.ts";

/** A port can be opened by several listeners at once. */
const CAN_SHARE = Deno.build.os === "linux";

/** Tries to open the port again where it had to be closed, and the time between two of them. */
const TRIES = 40;
const RETRY_MS = 50;

export class TlsListener implements Listener {
  readonly addr: Deno.NetAddr;
  readonly #answer: Answer;
  #current: Listener;
  /** Old ones that let their last requests end. */
  readonly #ending = new Set<Promise<void>>();
  #isClosed = false;

  /** Opens a port. Throws when it is in use, or the certificate is no good. */
  constructor(place: Place, answer: Answer, pair: TlsPair) {
    this.#answer = answer;
    if (CAN_SHARE && place.port !== 0) refuseUsed(place);
    this.#current = listen(place, answer, pair, CAN_SHARE);
    this.addr = this.#current.addr;
  }

  /** Uses another certificate from now on. Rejects when that cannot be; then the old one stays. */
  async replace(pair: TlsPair): Promise<void> {
    if (this.#isClosed) return;
    const { hostname, port } = this.addr;
    const old = this.#current;
    if (CAN_SHARE) {
      this.#current = listen({ hostname, port }, this.#answer, pair, true);
      this.#end(old);
      return;
    }
    await old.close();
    this.#current = await this.#reopen(pair);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#current.close(), ...this.#ending]);
  }

  #end(listener: Listener): void {
    const ending = listener.close().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  async #reopen(pair: TlsPair): Promise<Listener> {
    const { hostname, port } = this.addr;
    for (let n = 1;; n++) {
      try {
        return listen({ hostname, port }, this.#answer, pair);
      } catch (error) {
        if (n === TRIES || !(error instanceof Deno.errors.AddrInUse)) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}

/** A shared port could be opened although another server of the same user has it. */
function refuseUsed(place: Place): void {
  Deno.listen(place).close();
}
