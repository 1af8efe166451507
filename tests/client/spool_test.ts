import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { Spool } from "../../src/client/spool.ts";
import { tempDir } from "./support.ts";

const T = 1_795_231_286_563;

/** Takes everything out, in order. */
async function drain(spool: Spool): Promise<unknown[]> {
  const found: unknown[] = [];
  for (let next = await spool.first(); next !== null; next = await spool.first()) {
    found.push(next.fields.n);
    spool.remove(next.entry);
  }
  await spool.flushed();
  return found;
}

Deno.test("messages come out in the order they happened, also after a restart", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "deep", "spool");
  const spool = await Spool.open(path, 100_000);
  for (const n of [3, 1, 2]) spool.add({ n }, T + n);
  await spool.flushed();
  const again = await Spool.open(path, 100_000);
  assertEquals([again.size, again.bytes], [spool.size, spool.bytes]);
  const first = await again.first();
  assertEquals(first?.entry.atMs, T + 1);
  assertEquals(await drain(again), [1, 2, 3]);
  assertEquals(await Array.fromAsync(Deno.readDir(path)), []);
});

Deno.test("over its bound the oldest are dropped, counted, and gone from the disk", async () => {
  await using dir = await tempDir();
  const spool = await Spool.open(dir.path, 4096);
  for (let n = 0; n < 100; n++) spool.add({ n, text: "x".repeat(200) }, T + n);
  await spool.flushed();
  assert(spool.bytes <= 4096 && spool.size > 10);
  assertEquals(spool.dropped, 100 - spool.size);
  const files = await Array.fromAsync(Deno.readDir(dir.path));
  assertEquals(files.length, spool.size);
  const kept = spool.size;
  assertEquals(await drain(spool), Array.from({ length: kept }, (_, i) => 100 - kept + i));
});

Deno.test("a message that was torn or damaged on disk is passed over and counted", async () => {
  await using dir = await tempDir();
  const spool = await Spool.open(dir.path, 100_000);
  const entries = [1, 2, 3, 4].map((n) => spool.add({ n }, T + n));
  await spool.flushed();
  const [torn, empty, zeros] = entries.map(({ file }) => join(dir.path, file));
  await Deno.truncate(torn ?? "", 12);
  await Deno.truncate(empty ?? "", 0);
  await Deno.writeFile(zeros ?? "", new Uint8Array(50));
  await Deno.writeTextFile(join(dir.path, "notes.txt"), "not ours");
  await Deno.writeTextFile(join(dir.path, `${entries[0]?.file}.tmp`), "half");
  const again = await Spool.open(dir.path, 100_000);
  assertEquals(await drain(again), [4]);
  assertEquals(again.dropped, 3);
  assertEquals(await Deno.readTextFile(join(dir.path, "notes.txt")), "not ours");
});

Deno.test("a file that cannot be read is passed over until the next start, and stays", async () => {
  await using dir = await tempDir();
  // As another process has left them: spools of one process may share its id.
  const files = [1, 2, 3].map((n) => join(dir.path, `00${T + n}-z-0001.json`));
  for (const [i, file] of files.entries()) {
    await Deno.writeTextFile(file, `{"at":${(T + i + 1) / 1000},"fields":{"n":${i + 1}}}\n`);
  }
  const spool = await Spool.open(dir.path, 100_000);
  // Root can read any file, but no folder as one.
  for (const file of files.slice(0, 2)) {
    await Deno.rename(file, `${file}.aside`);
    await Deno.mkdir(file);
  }
  assertEquals(await drain(spool), [3]);
  assertEquals([spool.size, spool.bytes, spool.dropped], [0, 0, 0]);
  for (const file of files.slice(0, 2)) {
    await Deno.remove(file);
    await Deno.rename(`${file}.aside`, file);
  }
  await spool.refresh();
  assertEquals(spool.size, 0);
  assertEquals(await drain(await Spool.open(dir.path, 100_000)), [1, 2]);
});

Deno.test("what another process has left is taken up, what it has taken is no loss", async () => {
  await using dir = await tempDir();
  const stays = await Spool.open(dir.path, 100_000);
  const other = await Spool.open(dir.path, 100_000);
  other.add({ n: 1 }, T);
  await other.flushed();
  await stays.refresh();
  await stays.refresh();
  assertEquals(stays.size, 1);
  const third = await Spool.open(dir.path, 100_000);
  assertEquals(await drain(third), [1]);
  assertEquals(await drain(stays), []);
  assertEquals([stays.size, stays.dropped], [0, 0]);
});

Deno.test("where the disk refuses, messages are kept in memory", async () => {
  await using dir = await tempDir();
  const file = join(dir.path, "file");
  await Deno.writeTextFile(file, "");
  const unusable = await Spool.open(join(file, "spool"), 100_000);
  assertEquals(unusable.dir, null);
  const path = join(dir.path, "spool");
  const vanished = await Spool.open(path, 100_000);
  await Deno.remove(path);
  for (const spool of [unusable, vanished]) {
    for (const n of [1, 2]) spool.add({ n }, T + n);
    await spool.flushed();
    assertEquals(await drain(spool), [1, 2]);
  }
});
