/**
 * Just enough of tar (POSIX ustar) to write a backup as a stream and to read it back: plain files
 * with short names. So that whoever has `tar` can look into a backup without this program.
 *
 * A header is 512 bytes, the file follows, filled up to the next 512; two empty blocks end it all.
 */

const BLOCK = 512;

/** The largest size in octal digits; what is larger is written in binary, as GNU tar has it. */
const OCTAL_LIMIT = 8 ** 11;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The file is not what this program writes; the message says what is wrong. */
export class TarError extends Error {
  override readonly name = "TarError";
}

/** The header of a file of `size` bytes; `name` has at most 100 bytes. */
export function tarHeader(name: string, size: number, madeMs: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (text: string, at: number) => block.set(encoder.encode(text), at);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  put(name, 0);
  put(`${octal(0o600, 7)}\0`, 100);
  put(`${octal(0, 7)}\0`, 108);
  put(`${octal(0, 7)}\0`, 116);
  if (size < OCTAL_LIMIT) put(`${octal(size, 11)}\0`, 124);
  else {
    block[124] = 0x80;
    new DataView(block.buffer).setBigUint64(128, BigInt(size));
  }
  put(`${octal(Math.floor(madeMs / 1000), 11)}\0`, 136);
  put("        ", 148);
  put("0", 156);
  put("ustar\x0000", 257);
  put(`${octal(sumOf(block), 6)}\0 `, 148);
  return block;
}

/** What follows a file of `size` bytes. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((BLOCK - size % BLOCK) % BLOCK);
}

/** What ends it all. */
export const TAR_END: Uint8Array = new Uint8Array(2 * BLOCK);

/** A file in a tar. Its chunks must be read to their end before the next file is asked for. */
export interface TarEntry {
  readonly name: string;
  readonly size: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * The files in a tar, one after the other.
 *
 * @throws {TarError} when it is no tar, or ends too early
 */
export async function* readTar(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const reader = new BlockReader(bytes);
  for (;;) {
    const header = await reader.exactly(BLOCK);
    if (header === null) throw new TarError("It ends before its end mark: a part is missing");
    if (header.every((byte) => byte === 0)) return;
    const text = (from: number, length: number) =>
      decoder.decode(header.subarray(from, from + length)).replace(/\0.*$/s, "").trim();
    const whole = header.slice();
    whole.fill(32, 148, 156);
    if (Number.parseInt(text(148, 8), 8) !== sumOf(whole)) {
      throw new TarError("It is damaged, or no tar file");
    }
    const size = (header[124] ?? 0) & 0x80
      ? Number(new DataView(header.buffer, header.byteOffset).getBigUint64(128))
      : Number.parseInt(text(124, 12), 8);
    const name = text(0, 100);
    const type = text(156, 1);
    if (type !== "" && type !== "0") {
      throw new TarError(`${JSON.stringify(name)} in it is no plain file`);
    }
    yield { name, size, chunks: reader.chunks(size) };
    await reader.exactly((BLOCK - size % BLOCK) % BLOCK);
  }
}

function sumOf(block: Uint8Array): number {
  return block.reduce((sum, byte) => sum + byte, 0);
}

/** Hands out bytes by number, however they come. */
class BlockReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#source = bytes[Symbol.asyncIterator]();
  }

  /** The next `length` bytes; null when there are fewer. */
  async exactly(length: number): Promise<Uint8Array | null> {
    const whole = new Uint8Array(length);
    let at = 0;
    for await (const chunk of this.#upTo(length)) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return at === length ? whole : null;
  }

  async *chunks(length: number): AsyncGenerator<Uint8Array> {
    let left = length;
    for await (const chunk of this.#upTo(length)) {
      left -= chunk.length;
      yield chunk;
    }
    if (left > 0) throw new TarError("It ends in the middle of a file: a part is missing");
  }

  async *#upTo(length: number): AsyncGenerator<Uint8Array> {
    let left = length;
    while (left > 0) {
      if (this.#rest.length === 0) {
        const next = await this.#source.next();
        if (next.done === true) return;
        this.#rest = next.value;
        continue;
      }
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }
}
