/**
 * Datagrams on their way between the socket's Worker and the main thread: many in one buffer, which
 * is handed over and not copied. Addresses are listed once.
 */

/** Datagrams as they are posted. */
export interface DatagramBatch {
  /** All datagrams, one behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** For each one: its length, the number of its address in `addresses`, its port. */
  readonly heads: Uint32Array<ArrayBuffer>;
  readonly addresses: readonly string[];
  /** When the first of them was received, epoch milliseconds. */
  readonly receivedMs: number;
}

const HEAD = 3;
const FIRST_BYTES = 16_384;
const FIRST_HEADS = 64 * HEAD;

/** Collects datagrams. */
export class BatchWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = 0;
  #heads = new Uint32Array(FIRST_HEADS);
  #count = 0;
  #addresses = new Map<string, number>();
  #receivedMs = 0;

  /** Datagrams collected. */
  get count(): number {
    return this.#count;
  }

  /** Bytes collected. */
  get length(): number {
    return this.#length;
  }

  /** Adds a copy of `datagram`; `nowMs` counts for the first one. */
  add(datagram: Uint8Array, address: string, port: number, nowMs: number): void {
    if (this.#count === 0) this.#receivedMs = nowMs;
    if (this.#length + datagram.length > this.#bytes.length) this.#growBytes(datagram.length);
    if ((this.#count + 1) * HEAD > this.#heads.length) this.#growHeads();
    this.#bytes.set(datagram, this.#length);
    let index = this.#addresses.get(address);
    if (index === undefined) this.#addresses.set(address, index = this.#addresses.size);
    const head = this.#count * HEAD;
    this.#heads[head] = datagram.length;
    this.#heads[head + 1] = index;
    this.#heads[head + 2] = port;
    this.#length += datagram.length;
    this.#count++;
  }

  /** Hands over what was collected, and begins anew. */
  take(): DatagramBatch {
    const batch = {
      bytes: this.#bytes.subarray(0, this.#length),
      heads: this.#heads.subarray(0, this.#count * HEAD),
      addresses: [...this.#addresses.keys()],
      receivedMs: this.#receivedMs,
    };
    this.#bytes = new Uint8Array(FIRST_BYTES);
    this.#length = 0;
    this.#heads = new Uint32Array(FIRST_HEADS);
    this.#count = 0;
    this.#addresses = new Map();
    return batch;
  }

  #growBytes(more: number): void {
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  #growHeads(): void {
    const grown = new Uint32Array(this.#heads.length * 2);
    grown.set(this.#heads);
    this.#heads = grown;
  }
}

/** What a datagram takes beside its bytes, more or less. */
const BESIDE_BYTES = 100;

/** Memory that a batch takes until it is dealt with, bytes. */
export function weightOf({ bytes, heads }: DatagramBatch): number {
  return bytes.length + heads.length / HEAD * BESIDE_BYTES;
}

/** What must be handed over with a batch. */
export function transferOf({ bytes, heads }: DatagramBatch): ArrayBuffer[] {
  return [bytes.buffer, heads.buffer];
}

/** Calls `visit` with each datagram of a batch, in order. */
export function forEachDatagram(
  { bytes, heads, addresses }: DatagramBatch,
  visit: (datagram: Uint8Array, address: string, port: number) => void,
): void {
  let start = 0;
  for (let head = 0; head < heads.length; head += HEAD) {
    const end = start + (heads[head] ?? 0);
    visit(bytes.subarray(start, end), addresses[heads[head + 1] ?? 0] ?? "", heads[head + 2] ?? 0);
    start = end;
  }
}
