import { assert, assertEquals, assertRejects } from "@std/assert";
import { basename, join } from "@std/path";
import { BackupService } from "../../src/backup/service.ts";
import { unpackBackup } from "../../src/backup/unpack.ts";
import { KvStore } from "../../src/store/kv.ts";

/** A state folder with a store that is open, and a journal of two files and a torn line. */
async function place() {
  const dir = await Deno.makeTempDir({ prefix: "hbd-backup-" });
  const store = await KvStore.open(join(dir, "hbd.kv"));
  await store.saveRecord("test", "a", 1);
  const line = (seq: number) => `{"seq":${seq},"text":"${crypto.randomUUID().repeat(2000)}"}\n`;
  await Deno.writeTextFile(join(dir, "messages.journal.1"), line(1) + line(2));
  await Deno.writeTextFile(join(dir, "messages.journal"), `${line(3)}{"seq":4`);
  let checkpoints = 0;
  const service = new BackupService(
    () => ({
      stateDir: dir,
      journal: { dir, file: "messages.journal" },
      version: "1.2.3",
      nowMs: 0,
    }),
    () => {
      checkpoints++;
      return Promise.resolve();
    },
  );
  return {
    dir,
    service,
    checkpoints: () => checkpoints,
    leftovers: () => [...Deno.readDirSync(dir)].filter(({ name }) => name.startsWith(".")),
    async [Symbol.asyncDispose]() {
      await store.close();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

Deno.test("a backup from a Worker is whole, without the line that is being written", async () => {
  await using at = await place();
  const target = join(at.dir, "target");
  await Deno.mkdir(target);
  const bytes = await at.service.make();
  assert(bytes !== null);
  const { manifest, journal } = await unpackBackup(bytes, target);
  assertEquals([manifest.program, manifest.journal_file], ["1.2.3", "messages.journal"]);
  assertEquals(at.checkpoints(), 1);
  const texts = await Promise.all(journal.map((path) => Deno.readTextFile(path)));
  assertEquals(texts.map((text) => text.match(/"seq":\d+/g)), [
    ['"seq":3'],
    ['"seq":1', '"seq":2'],
  ]);
  await using store = await KvStore.open(join(target, "hbd.kv"));
  assertEquals(await store.loadRecords("test"), new Map([["a", 1]]));
  assertEquals(at.leftovers(), []);
});

Deno.test("one is made at a time; one that nobody wants any more leaves nothing and makes room", async () => {
  await using at = await place();
  const first = await at.service.make();
  assert(first !== null);
  assertEquals(await at.service.make(), null);
  const reader = first.getReader();
  await reader.read();
  await reader.cancel();
  assertEquals(at.leftovers(), []);
  const second = await at.service.make();
  assert(second !== null);
  await second.cancel();
  assertEquals(at.leftovers(), []);
});

Deno.test("one that is given up while the store is being copied leaves no copy behind", async () => {
  await using at = await place();
  using watcher = Deno.watchFs(at.dir);
  const bytes = await at.service.make();
  assert(bytes !== null);
  const reader = bytes.getReader();
  const first = reader.read();
  for await (const { paths } of watcher) {
    if (paths.some((path) => basename(path).startsWith(".backup-"))) break;
  }
  await reader.cancel();
  assertEquals(at.leftovers(), []);
  assertEquals((await first).done, true);
  const next = await at.service.make();
  await next?.cancel();
  assert(next !== null);
});

Deno.test("a state that cannot be read fails the stream, and the next one is made again", async () => {
  await using at = await place();
  await Deno.rename(join(at.dir, "hbd.kv"), join(at.dir, "gone"));
  const bytes = await at.service.make();
  assert(bytes !== null);
  await assertRejects(() => new Response(bytes).arrayBuffer());
  await Deno.rename(join(at.dir, "gone"), join(at.dir, "hbd.kv"));
  const again = await at.service.make();
  assert(again !== null);
  assert((await new Response(again).arrayBuffer()).byteLength > 0);
});
