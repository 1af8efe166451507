/** Lines of a file that is open, however long it is. */

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 10;

/** The whole lines in the first `size` bytes of `file`, without their ends. */
export async function* fileLines(file: Deno.FsFile, size: number): AsyncGenerator<string> {
  await file.seek(0, Deno.SeekMode.Start);
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(CHUNK_BYTES);
  let rest = "";
  for (let left = size; left > 0;) {
    const read = await file.read(chunk.subarray(0, Math.min(CHUNK_BYTES, left)));
    if (read === null) return;
    left -= read;
    const bytes = chunk.subarray(0, read);
    rest += decoder.decode(bytes, { stream: true });
    if (!bytes.includes(NEWLINE)) continue;
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
