/** The outbox and its store: nothing leaves before it is kept, and nothing that is kept is lost. */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { OutboxItem, StoredOutbox } from "../../src/notify/item.ts";
import { LANE_LIMIT } from "../../src/notify/queue.ts";
import { KvStore } from "../../src/store/kv.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { eventually, tempDir } from "../e2e/hbd.ts";
import {
  Bench,
  notification,
  posting,
  Providers,
  settings,
  START_MS,
  STOP_MS,
} from "./outbox_support.ts";

/** A store whose disk may be full, or slow. */
class Disk extends MemoryStore {
  isFull = false;
  gate: Promise<void> = Promise.resolve();
  tries = 0;

  override async saveOutbox(items: readonly OutboxItem[], watermark: number): Promise<void> {
    this.tries++;
    await this.gate;
    if (this.isFull) throw new Error("disk full");
    await super.saveOutbox(items, watermark);
  }

  override async removeOutbox(items: readonly OutboxItem[]): Promise<void> {
    await this.gate;
    if (this.isFull) throw new Error("disk full");
    await super.removeOutbox(items);
  }
}

async function storedIds(store: MemoryStore): Promise<readonly string[]> {
  return (await store.loadOutbox()).items.map((item) => item.notification.id);
}

Deno.test("nothing is sent before it is in the store, and what arrived is not there any more", async () => {
  await using providers = new Providers();
  const store = new Disk();
  const gate = Promise.withResolvers<void>();
  store.gate = gate.promise;
  await using bench = new Bench({ store });
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings(posting(providers, { push: {} })));
  outbox.add(notification("a"), ["push"], 5);
  let isFlushed = false;
  void outbox.flushed().then(() => isFlushed = true);
  await eventually(() => assertEquals(store.tries, 1));
  bench.pass(60_000);
  await bench.looked();
  assertEquals([providers.received.length, isFlushed, outbox.watermark], [0, false, 0]);
  gate.resolve();
  await outbox.flushed();
  assertEquals(outbox.watermark, 5);
  await bench.drained("push");
  assertEquals(providers.ids("push"), ["a"]);
  await eventually(async () => assertEquals(await storedIds(store), []));
});

Deno.test("a store that fails for a while loses nothing and sends nothing twice", async () => {
  await using providers = new Providers();
  const store = new Disk();
  await using bench = new Bench({ store });
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings(posting(providers, { push: {} })));
  store.isFull = true;
  outbox.add(notification("a"), ["push"], 1);
  await eventually(() => assert(store.tries > 2));
  outbox.add(notification("b"), ["push"], 2);
  const flushed = outbox.flushed();
  await eventually(() => assert(store.tries > 5));
  assertEquals([providers.received.length, outbox.watermark], [0, 0]);
  store.isFull = false;
  await flushed;
  assertEquals(outbox.watermark, 2);
  await bench.drained("push");
  providers.answer("push", { status: 503 });
  outbox.add(notification("c"), ["push"], 3);
  await bench.failures("push", 1);
  providers.answer("push", { status: 200 });
  store.isFull = true;
  bench.pass(2000);
  await bench.drained("push");
  assertEquals(await storedIds(store), ["c"]);
  store.isFull = false;
  await outbox.stop(STOP_MS);
  assertEquals(providers.ids("push"), ["a", "b", "c"]);
  assertEquals(await storedIds(store), []);
});

Deno.test("with a bound on its patience it is sent though the store fails, and once", async () => {
  await using providers = new Providers();
  const store = new Disk();
  await using bench = new Bench({ store, storePatienceMs: 10_000 });
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings(posting(providers, { push: {} })));
  store.isFull = true;
  outbox.add(notification("disk full"), ["push"], 1);
  await eventually(() => assert(store.tries > 2));
  bench.pass(9999);
  await bench.looked();
  assertEquals(providers.received.length, 0);
  bench.pass(1);
  await bench.drained("push");
  store.isFull = false;
  await outbox.flushed();
  assertEquals([providers.ids("push"), await storedIds(store)], [["disk full"], []]);
  assertEquals(outbox.watermark, 1);
});

Deno.test("what was sent while the store hung is not stored when that write fails after all", async () => {
  await using providers = new Providers();
  const store = new Disk();
  const gate = Promise.withResolvers<void>();
  store.gate = gate.promise;
  store.isFull = true;
  await using bench = new Bench({ store, storePatienceMs: 10_000 });
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings(posting(providers, { push: {} })));
  for (const id of ["a", "b"]) outbox.add(notification(id), ["push"], 1);
  await eventually(() => assertEquals(store.tries, 1));
  bench.pass(10_000);
  await bench.drained("push");
  gate.resolve();
  await eventually(() => assert(store.tries > 2));
  store.isFull = false;
  await outbox.flushed();
  assertEquals([providers.ids("push"), await storedIds(store)], [["a", "b"], []]);
});

Deno.test("the order is kept whatever order the store gives", async () => {
  class Shuffled extends MemoryStore {
    override async loadOutbox(): Promise<StoredOutbox> {
      const { items, watermark } = await super.loadOutbox();
      return { items: items.toReversed(), watermark };
    }
  }
  await using providers = new Providers();
  const store = new Shuffled();
  await using bench = new Bench({ store });
  await bench.outbox.load();
  const ids = ["a", "b", "c"];
  for (const id of ids) bench.outbox.add(notification(id), ["push"], 1);
  await bench.outbox.stop(STOP_MS);
  await using again = new Bench({ store });
  await again.outbox.load();
  again.outbox.configure(settings(posting(providers, { push: {} })));
  await again.drained("push");
  assertEquals(providers.ids("push"), ids);
});

Deno.test("the watermark comes back, and what a replay brings up to it is not queued again", async () => {
  await using providers = new Providers();
  const store = new MemoryStore();
  await using bench = new Bench({ store });
  await bench.outbox.load();
  bench.outbox.configure(settings(posting(providers, { push: {}, mail: {} })));
  providers.answer("mail", { status: 503 });
  bench.outbox.add(notification("a"), ["push", "mail"], 7);
  await bench.drained("push");
  await bench.failures("mail", 1);
  await bench.outbox.stop(STOP_MS);

  await using again = new Bench({ store });
  const { outbox } = again;
  await outbox.load();
  assertEquals(outbox.watermark, 7);
  outbox.configure(settings(posting(providers, { push: {}, mail: {} })));
  outbox.add(notification("a"), ["push", "mail"], 7);
  outbox.add(notification("never stored"), ["push"], 8);
  outbox.recovered(8);
  providers.answer("mail", { status: 200 });
  again.pass(2000);
  await Promise.all([again.drained("push"), again.drained("mail")]);
  assertEquals(providers.ids("push"), ["a", "never stored"]);
  assertEquals(providers.ids("mail"), ["a"]);
  assertEquals(outbox.watermark, 8);
});

Deno.test("when the journal ends before the watermark, numbers that are given anew are new", async () => {
  await using providers = new Providers();
  const store = new MemoryStore();
  await store.saveOutbox([], 100);
  await using bench = new Bench({ store });
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings(posting(providers, { push: {} })));
  outbox.recovered(90);
  outbox.add(notification("a"), ["push"], 91);
  await outbox.flushed();
  await bench.drained("push");
  assertEquals([providers.ids("push"), outbox.watermark], [["a"], 91]);
  assertEquals((await store.loadOutbox()).watermark, 91);
});

Deno.test("what is about no record is queued whatever the watermark is, and does not move it", async () => {
  await using providers = new Providers();
  const store = new MemoryStore();
  await store.saveOutbox([], 100);
  await using bench = new Bench({ store });
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings(posting(providers, { push: {} })));
  outbox.add(notification("a"), ["push"], 0);
  await bench.drained("push");
  assertEquals([providers.ids("push"), outbox.watermark], [["a"], 100]);
});

Deno.test("a record of which nobody is told moves the watermark all the same", async () => {
  await using bench = new Bench();
  const { outbox } = bench;
  await outbox.load();
  outbox.add(notification("a"), [], 3);
  await outbox.flushed();
  assertEquals(outbox.watermark, 3);
});

Deno.test("all that is added in one turn is stored in one write", async () => {
  const store = new Disk();
  await using bench = new Bench({ store });
  const { outbox } = bench;
  await outbox.load();
  for (let n = 1; n <= 100; n++) outbox.add(notification(`n${n}`), ["push", "mail"], n);
  await outbox.flushed();
  assertEquals([store.tries, (await store.loadOutbox()).items.length], [1, 200]);
});

Deno.test("after a restart on the same database the queues go on, each in its order", async () => {
  await using dir = await tempDir();
  await using providers = new Providers();
  const path = join(dir.path, "kv");
  const ids = Array.from({ length: 40 }, (_, n) => `n${n}`);
  {
    await using store = await KvStore.open(path);
    await using bench = new Bench({ store });
    await bench.outbox.load();
    providers.answer("push", { status: 503 });
    bench.outbox.configure(settings(posting(providers, { push: {}, mail: {} })));
    for (const [n, id] of ids.slice(0, 20).entries()) {
      bench.outbox.add(notification(id), ["push", "mail"], n + 1);
    }
    await bench.drained("mail");
    await bench.failures("push", 1);
    await bench.outbox.stop(STOP_MS);
  }
  providers.answer("push", { status: 200 });
  await using store = await KvStore.open(path);
  await using bench = new Bench({ store });
  await bench.outbox.load();
  assertEquals(bench.outbox.watermark, 20);
  bench.outbox.configure(settings(posting(providers, { push: {}, mail: {} })));
  for (const [n, id] of ids.slice(20).entries()) {
    bench.outbox.add(notification(id), ["push", "mail"], n + 21);
  }
  await Promise.all([bench.drained("push"), bench.drained("mail")]);
  assertEquals([providers.ids("push"), providers.ids("mail")], [ids, ids]);
  await bench.outbox.stop(STOP_MS);
  assertEquals(await store.loadOutbox(), { items: [], watermark: 40 });
});

Deno.test("when too many wait the oldest reminders go first, then the oldest; they are counted", async () => {
  await using providers = new Providers();
  const store = new MemoryStore();
  await using bench = new Bench({ store });
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings(posting(providers, { push: {} })));
  providers.answer("push", "hang");
  outbox.add(notification("on its way"), ["push"], 1);
  await eventually(() => assertEquals(providers.ids("push", 0), ["on its way"]));
  outbox.add(notification("old alert"), ["push"], 2);
  for (const id of ["reminder 1", "reminder 2"]) {
    outbox.add(notification(id, { kind: "reminder" }), ["push"], 3);
  }
  const room = LANE_LIMIT - 4;
  for (let n = 0; n < room + 2; n++) outbox.add(notification(`n${n}`), ["push"], 4 + n);
  await outbox.flushed();
  const first = await storedIds(store);
  assertEquals([first.length, ...first.slice(0, 3)], [LANE_LIMIT, "on its way", "old alert", "n0"]);
  outbox.add(notification("one more"), ["push"], 3000);
  await outbox.flushed();
  const { waiting, dropped } = bench.status("push");
  assertEquals([waiting, dropped], [LANE_LIMIT, 3]);
  await outbox.stop(100);
  const ids = await storedIds(store);
  assertEquals([ids.length, ...ids.slice(0, 2)], [LANE_LIMIT, "on its way", "n0"]);
  assertEquals(ids.at(-1), "one more");
});

Deno.test("stopping waits for what is on its way", async () => {
  await using providers = new Providers();
  const store = new MemoryStore();
  const bench = new Bench({ store });
  const { outbox } = bench;
  await outbox.load();
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const channels = posting(providers, { push: {} });
  const slow = {
    send: async (...args: Parameters<NonNullable<typeof channels.push>["channel"]["send"]>) => {
      started.resolve();
      await finish.promise;
      return await channels.push?.channel.send(...args) ?? "";
    },
  };
  outbox.configure(settings({ push: { channel: slow, minLevel: "OK", fallback: null } }));
  outbox.add(notification("a"), ["push"], 1);
  outbox.add(notification("b"), ["push"], 1);
  await started.promise;
  const stopping = outbox.stop(STOP_MS);
  outbox.add(notification("too late"), ["push"], 2);
  finish.resolve();
  await stopping;
  assertEquals([providers.ids("push"), await storedIds(store)], [["a"], ["b"]]);
  assertEquals((await store.loadOutbox()).watermark, 1);
});

Deno.test("stopping ends what hangs, and leaves it in the store", async () => {
  await using providers = new Providers();
  const store = new MemoryStore();
  await using bench = new Bench({ store });
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings(posting(providers, { push: {} })));
  providers.answer("push", "hang");
  outbox.add(notification("a"), ["push"], 1);
  await eventually(() => assertEquals(providers.ids("push", 0), ["a"]));
  await outbox.stop(50);
  assertEquals([await storedIds(store), bench.status("push").failed], [["a"], 0]);
  assertEquals(bench.troubles, []);
});

Deno.test("stopping does not wait for a store that hangs, nor for one that is full", async () => {
  for (const fault of ["hangs", "is full"]) {
    const store = new Disk();
    const gate = Promise.withResolvers<void>();
    if (fault === "hangs") store.gate = gate.promise;
    store.isFull = true;
    const bench = new Bench({ store });
    await bench.outbox.load();
    bench.outbox.add(notification("a"), ["push"], 1);
    await eventually(() => assert(store.tries > 0));
    await bench.outbox.stop(50);
    gate.resolve();
  }
});

Deno.test("a status tells since when the oldest waits, and by what name nobody is known", async () => {
  await using bench = new Bench();
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings({}));
  outbox.add(notification("a"), ["gone"], 1);
  bench.pass(1000);
  outbox.add(notification("b"), ["gone"], 2);
  const { name, isConfigured, waiting, oldestMs } = bench.status("gone");
  assertEquals([name, isConfigured, waiting, oldestMs], ["gone", false, 2, START_MS]);
});
