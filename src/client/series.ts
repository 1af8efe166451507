/**
 * Makes datagrams of messages: who sends them, when, and their place in the series that this client
 * counts over all its messages; signed when there is a key.
 */

import { encodeDatagram, type Fields } from "../wire/datagram.ts";
import { type Key, seal } from "../wire/envelope.ts";

/** A message before it is sent: its `ID` and what it says. */
export type Content = Fields;

/** A datagram, and the `time` in it, by which the answer to it is told from that to a retry. */
export interface Sealed {
  readonly bytes: Uint8Array;
  readonly time: number;
}

export class Series {
  readonly #name: string;
  readonly #bootId: string;
  readonly #key: Key | null;
  #last = 0;

  constructor(name: string, bootId: string, key: Key | null) {
    this.#name = name;
    this.#bootId = bootId;
    this.#key = key;
  }

  /** The number given last; 0 at the start. */
  get last(): number {
    return this.#last;
  }

  /** Gives the next number. */
  next(): number {
    this.#last += 1;
    return this.#last;
  }

  /** All fields of a message that is sent now. */
  fields(content: Content, seq: number): Fields {
    const { ID, ...rest } = content;
    return { ID, name: this.#name, time: Date.now() / 1000, boot_id: this.#bootId, seq, ...rest };
  }

  /**
   * The datagram of a message that is sent now.
   *
   * @throws {DatagramError} when it is too large
   */
  seal(content: Content, seq: number): Sealed {
    const fields = this.fields(content, seq);
    const body = encodeDatagram(fields);
    return {
      bytes: this.#key === null ? body : seal(body, this.#key),
      time: Number(fields.time),
    };
  }
}
