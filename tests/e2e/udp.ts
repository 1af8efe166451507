/** A UDP client of the tests: a real socket that sends what it is told and waits for answers. */

import { makeKey, openEnvelope, seal } from "../../src/wire/envelope.ts";
import { decodeDatagram, encodeDatagram, type Fields } from "../../src/wire/datagram.ts";
import { eventually, type Hbd } from "./hbd.ts";

/** A client with one socket; it collects all answers. */
export class UdpClient implements Disposable {
  readonly #socket: Deno.DatagramConn;
  readonly #port: number;
  readonly #hostname: string;
  /** All datagrams received, the oldest first. */
  readonly answers: { readonly fields: Fields; readonly signed: boolean }[] = [];

  constructor(hbd: Hbd, hostname = "127.0.0.1") {
    this.#socket = Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
    this.#port = hbd.udpPort;
    this.#hostname = hostname;
    void this.#receive();
  }

  /** Sends bytes as they are. */
  async send(bytes: Uint8Array | string): Promise<void> {
    const datagram = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
    await this.#socket.send(datagram, {
      transport: "udp",
      hostname: this.#hostname,
      port: this.#port,
    });
  }

  /** Sends a message, signed when `key` is given. */
  async say(fields: Fields, key?: string): Promise<void> {
    const body = encodeDatagram(fields);
    await this.send(key === undefined ? body : seal(body, makeKey(key)));
  }

  /** Sends a message and waits for its ACK (told by `seq`). */
  async tell(fields: Fields, key?: string): Promise<Fields> {
    const before = this.answers.length;
    await this.say(fields, key);
    return await this.answer(
      ({ ID, seq }) => ID === "ACK" && seq === fields.seq,
      before,
    );
  }

  /** Waits for an answer for which `isWanted` says true, from number `from` on. */
  answer(isWanted: (fields: Fields) => boolean, from = 0): Promise<Fields> {
    return eventually(() => {
      const found = this.answers.slice(from).find(({ fields }) => isWanted(fields));
      if (found === undefined) throw new Error(`No such answer in ${Deno.inspect(this.answers)}`);
      return found.fields;
    });
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  async #receive(): Promise<void> {
    for await (const [bytes] of this.#socket) {
      const envelope = openEnvelope(bytes);
      const { fields } = decodeDatagram(envelope?.body ?? bytes);
      this.answers.push({ fields, signed: envelope !== null });
    }
  }
}

/** Fields of a message that is sent now. */
export function now(fields: Fields): Fields {
  return { time: Date.now() / 1000, ...fields };
}
