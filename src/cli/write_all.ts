/**
 * Text to standard output or standard error to its last byte, also where whoever started this
 * program made that a pipe which takes nothing for now instead of keeping the writer waiting: an
 * export must not end, lack lines or have some twice because of that.
 *
 * Of such a pipe Deno says that it is full, but not how much it took before. So what is written in
 * one go is so little that a pipe takes it whole or not at all, and ends with a line: the part of a
 * line Deno might keep for later.
 */

/** How much a pipe takes whole or not at all (PIPE_BUF), bytes. */
const WHOLE_BYTES = Deno.build.os === "linux" ? 4096 : 512;

/** How long a pipe that is full is left alone, milliseconds. */
const FULL_MS = 5;

const NEWLINE = 10;

/** What can be written to, as `Deno.stdout`. */
export interface Writer {
  writeSync(bytes: Uint8Array): number;
}

/** Writes all of `text`, and waits where that is needed. Throws what `writeSync` throws. */
export function writeAll(to: Writer, text: string): void {
  for (let left = new TextEncoder().encode(text); left.length > 0;) {
    const some = left.subarray(0, WHOLE_BYTES);
    const end = some.length < left.length ? some.lastIndexOf(NEWLINE) + 1 : 0;
    try {
      left = left.subarray(to.writeSync(end === 0 ? some : some.subarray(0, end)));
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_MS);
    }
  }
}
