/** What every store must do with the outbox, run over each of them. */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { keepable, keepableNames, type OutboxItem } from "../../src/notify/item.ts";
import { KvStore } from "../../src/store/kv.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import type { Store } from "../../src/store/store.ts";

const STORES: Readonly<Record<string, () => Promise<Store>>> = {
  MemoryStore: () => Promise.resolve(new MemoryStore()),
  KvStore: () => KvStore.open(":memory:"),
};

function item(order: number, more: Partial<OutboxItem> = {}): OutboxItem {
  return {
    order,
    channel: "push",
    seq: 4711,
    queuedMs: 1_777_000_000_123,
    had: ["push", "mail"],
    fellBack: false,
    notification: {
      id: `n${order}`,
      kind: "alert",
      level: "CRITICAL",
      host: "web1",
      metric: null,
      title: "[CRITICAL] web1",
      body: "CRITICAL: web1 - down\nsince …",
      url: null,
      atMs: 1_777_000_000_000,
    },
    ...more,
  };
}

/** As much as the outbox ever keeps of one: every text far too long, and two bytes a character. */
function largest(order: number): OutboxItem {
  const wide = "ű".repeat(20_000);
  const { notification } = item(order);
  const texts = { id: wide, host: wide, metric: wide, title: wide, body: wide, url: wide };
  const names = Array.from({ length: 1000 }, (_, n) => `ű${n}`);
  return item(order, {
    channel: wide.slice(0, 255),
    had: keepableNames(names),
    notification: keepable({ ...notification, ...texts }),
  });
}

async function load(store: Store) {
  const { items, watermark } = await store.loadOutbox();
  return { items: items.toSorted((a, b) => a.order - b.order), watermark };
}

for (const [name, open] of Object.entries(STORES)) {
  Deno.test(`${name}: an outbox that was never saved is empty`, async () => {
    await using store = await open();
    assertEquals(await load(store), { items: [], watermark: 0 });
  });

  Deno.test(`${name}: items come back as they were saved, with the watermark, until removed`, async () => {
    await using store = await open();
    const metric = item(2, { notification: { ...item(2).notification, metric: "rtt.web1" } });
    await store.saveOutbox([item(1), metric, item(300)], 17);
    assertEquals(await load(store), { items: [item(1), metric, item(300)], watermark: 17 });
    await store.saveOutbox([item(1, { fellBack: true }), item(4)], 18);
    await store.removeOutbox([metric, item(99)]);
    assertEquals(await load(store), {
      items: [item(1, { fellBack: true }), item(4), item(300)],
      watermark: 18,
    });
  });

  Deno.test(`${name}: the watermark alone is kept too, also a lower one`, async () => {
    await using store = await open();
    await store.saveOutbox([], 40);
    assertEquals((await load(store)).watermark, 40);
    await store.saveOutbox([], 7);
    await store.removeOutbox([]);
    assertEquals(await load(store), { items: [], watermark: 7 });
  });

  Deno.test(`${name}: the largest items fit, and as many as wait at most`, async () => {
    await using store = await open();
    const large = Array.from({ length: 60 }, (_, n) => largest(n));
    await store.saveOutbox(large, 1);
    const found = (await load(store)).items;
    // Compared one by one: a difference would fill the screen.
    assertEquals(found.map(({ order }) => order), large.map(({ order }) => order));
    found.forEach((stored, n) => assertEquals(stored, large[n] ?? stored));
    const small = Array.from({ length: 2500 }, (_, n) => item(100 + n));
    await store.saveOutbox(small, 2);
    assertEquals((await load(store)).items.length, 2560);
    await store.removeOutbox([...large, ...small]);
    assertEquals(await load(store), { items: [], watermark: 2 });
  });
}

Deno.test("KvStore: the outbox is there when the file is opened again", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const path = join(dir, "kv");
    {
      await using store = await KvStore.open(path);
      await store.saveOutbox([item(1), item(2)], 9);
      await store.removeOutbox([item(1)]);
    }
    await using store = await KvStore.open(path);
    assertEquals(await load(store), { items: [item(2)], watermark: 9 });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
