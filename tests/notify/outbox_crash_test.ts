/** The process is killed (SIGKILL), and the next one goes on from the same database. */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { KvStore } from "../../src/store/kv.ts";
import { eventually, tempDir } from "../e2e/hbd.ts";
import { Bench, posting, Providers, settings, STOP_MS } from "./outbox_support.ts";

/** The process of `outbox_child.ts`. */
class Child implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  #text = "";

  constructor(path: string, url: string, count: number) {
    const script = new URL("outbox_child.ts", import.meta.url).pathname;
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", script, path, url, String(count)],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    this.#reading = this.#read();
  }

  /** Waits until it has said `text`. */
  async said(text: string): Promise<void> {
    await eventually(() => assert(this.#text.includes(`${text}\n`), `${text}: ${this.#text}`));
  }

  /** Kills it; returns the last number that it said was stored. */
  async kill(): Promise<number> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
    await this.#reading;
    return Number(/.*stored (\d+)\n/s.exec(this.#text)?.[1] ?? 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill().catch(() => {});
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of this.#process.stdout) {
      this.#text += decoder.decode(bytes, { stream: true });
    }
  }
}

/** Delivers what is left in the database; returns its watermark. */
async function deliver(path: string, providers: Providers): Promise<number> {
  await using store = await KvStore.open(path);
  await using bench = new Bench({ store });
  await bench.outbox.load();
  bench.outbox.configure(settings(posting(providers, { push: {} })));
  await bench.drained("push");
  await bench.outbox.stop(STOP_MS);
  assertEquals((await store.loadOutbox()).items, []);
  return bench.outbox.watermark;
}

Deno.test("killed between storing and delivery: the next one delivers it, once", async () => {
  await using dir = await tempDir();
  await using providers = new Providers();
  const path = join(dir.path, "kv");
  providers.answer("push", { status: 503 });
  await using child = new Child(path, providers.url("push"), 2);
  await Promise.all([child.said("stored 2"), child.said("push fails")]);
  await child.kill();
  providers.answer("push", { status: 200 });
  assertEquals(await deliver(path, providers), 2);
  assertEquals(providers.ids("push"), ["n1", "n2"]);
});

Deno.test("killed in the middle of a delivery: the next one sends it again under the same id", async () => {
  await using dir = await tempDir();
  await using providers = new Providers();
  const path = join(dir.path, "kv");
  providers.answer("push", "hang");
  await using child = new Child(path, providers.url("push"), 2);
  await child.said("stored 2");
  await eventually(() => assertEquals(providers.ids("push", 0), ["n1"]));
  await child.kill();
  providers.answer("push", { status: 200 });
  assertEquals(await deliver(path, providers), 2);
  assertEquals(providers.ids("push"), ["n1", "n2"]);
});

Deno.test("killed again and again while it works: nothing stored is lost, the order stays, at most one is repeated each time", async () => {
  await using dir = await tempDir();
  await using providers = new Providers();
  const path = join(dir.path, "kv");
  const kills = 4;
  let stored = 0;
  for (let n = 0; n < kills; n++) {
    await using child = new Child(path, providers.url("push"), 300);
    const goal = stored + 20 + Math.floor(Math.random() * 60);
    await child.said(`stored ${goal}`);
    stored = await child.kill();
    assert(stored >= goal);
  }
  const watermark = await deliver(path, providers);
  assert(watermark >= stored);
  const ids = providers.ids("push");
  // One that was delivered, and in whose place the kill came, may be there twice: side by side.
  const once = ids.filter((id, n) => id !== ids[n - 1]);
  assertEquals(once, Array.from({ length: watermark }, (_, n) => `n${n + 1}`));
  assert(ids.length - once.length <= kills, `${ids.length - once.length} repeated`);
});
