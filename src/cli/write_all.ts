/**
 * Text to standard output or standard error to its last byte. A pipe may take a part of what it is
 * given, or nothing for now where whoever started this program made it so: an export must not lack
 * lines because of that.
 */

/** How long a pipe that is full is left alone, milliseconds. */
const FULL_MS = 5;

/** What can be written to, as `Deno.stdout`. */
export interface Writer {
  writeSync(bytes: Uint8Array): number;
}

/** Writes all of `text`, and waits where that is needed. Throws what `writeSync` throws. */
export function writeAll(to: Writer, text: string): void {
  for (let left = new TextEncoder().encode(text); left.length > 0;) {
    try {
      left = left.subarray(to.writeSync(left));
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_MS);
    }
  }
}
