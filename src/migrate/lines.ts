/**
 * The lines of a log, however long it is, also of one that is compressed (`.gz`). A last line
 * without its end is still being written: it is left for the next time.
 */

/** A line longer than this is cut, and then cannot be read. */
const LONGEST_BYTES = 1 << 22;

const NEWLINE = 10;
const GZIP = [0x1f, 0x8b];

/** The bytes of the file at `path`, decompressed if they are compressed. Rejects as `Deno.open`. */
export async function openLog(path: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const file = await Deno.open(path, { read: true });
  const head = new Uint8Array(2);
  const length = await file.read(head);
  await file.seek(0, Deno.SeekMode.Start);
  const isPacked = length === 2 && head.every((byte, n) => byte === GZIP[n]);
  return isPacked ? file.readable.pipeThrough(new DecompressionStream("gzip")) : file.readable;
}

/** The bytes of the file at `path` in parts that each are whole lines. */
export async function* lineBatches(path: string): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of await openLog(path)) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0 && rest.length + chunk.length <= LONGEST_BYTES) {
      rest = joined(rest, chunk);
      continue;
    }
    yield joined(rest, end === 0 ? chunk : chunk.subarray(0, end));
    rest = end === 0 ? new Uint8Array(0) : chunk.slice(end);
  }
}

/** The lines in a part, without their ends. */
export function* linesIn(bytes: Uint8Array): Generator<string> {
  const text = new TextDecoder().decode(bytes);
  let start = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
    yield text.slice(start, end > start && text[end - 1] === "\r" ? end - 1 : end);
    start = end + 1;
  }
  if (start < text.length) yield text.slice(start);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
