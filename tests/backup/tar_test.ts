import { assertEquals, assertRejects } from "@std/assert";
import { readTar, TAR_END, TarError, tarHeader, tarPadding } from "../../src/backup/tar.ts";

async function* cut(bytes: Uint8Array, every: number): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < bytes.length; n += every) {
    yield await Promise.resolve(bytes.subarray(n, n + every));
  }
}

function tarOf(files: Readonly<Record<string, string>>): Uint8Array {
  const parts = Object.entries(files).flatMap(([name, text]) => {
    const bytes = new TextEncoder().encode(text);
    return [tarHeader(name, bytes.length, 1e12), bytes, tarPadding(bytes.length)];
  });
  return new Uint8Array([...parts, TAR_END].flatMap((part) => [...part]));
}

async function read(bytes: AsyncIterable<Uint8Array>): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { name, chunks } of readTar(bytes)) {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
    files[name] = text;
  }
  return files;
}

const FILES = { "a": "x", "empty": "", "journal/0": "y".repeat(512), "b": "ü".repeat(700) };

Deno.test("what was written is read back, however the bytes come", async () => {
  const bytes = tarOf(FILES);
  for (const every of [1, 7, 511, 512, 513, 100_000]) {
    assertEquals(await read(cut(bytes, every)), FILES);
  }
});

Deno.test("a tar that is cut anywhere, or damaged, is none", async () => {
  const bytes = tarOf(FILES);
  for (let length = 0; length < bytes.length - 512; length += 100) {
    await assertRejects(() => read(cut(bytes.subarray(0, length), 1000)), TarError);
  }
  const damaged = bytes.slice();
  damaged[1] = 1;
  await assertRejects(() => read(cut(damaged, 1000)), TarError);
});

Deno.test("a file of more than 8 GiB has its size", async () => {
  const header = tarHeader("big", 10_000_000_000_000, 1e12);
  const { value } = await readTar(cut(header, 512)).next();
  assertEquals((value as { readonly size: number }).size, 10_000_000_000_000);
});
