/** What every store must do, run over each of them. */

import { assertEquals } from "@std/assert";
import type { HostRecord } from "../../src/monitor/host_table.ts";
import { KvStore } from "../../src/store/kv.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { HOSTS_PER_BATCH, type Store } from "../../src/store/store.ts";

const STORES: Readonly<Record<string, () => Promise<Store>>> = {
  MemoryStore: () => Promise.resolve(new MemoryStore()),
  KvStore: () => KvStore.open(":memory:"),
};

function host(name: string, more: Partial<HostRecord> = {}): HostRecord {
  return {
    name,
    state: "up",
    total: 3,
    late: 1,
    missed: 2,
    missedNow: 0,
    lastBeatMs: 1_777_000_000_123,
    heardMs: 1_777_000_000_000,
    afterBeat: true,
    statedMs: 0,
    gaps: [1000, 2000.5],
    seq: 17,
    addresses: ["192.0.2.1", "192.0.2.2"],
    reportedIp: null,
    client: null,
    ...more,
  };
}

async function allHosts(store: Store): Promise<HostRecord[]> {
  const hosts: HostRecord[] = [];
  for await (const batch of store.loadHosts()) hosts.push(...batch);
  return hosts.sort((a, b) => a.name < b.name ? -1 : 1);
}

for (const [name, open] of Object.entries(STORES)) {
  Deno.test(`${name}: a new store is empty`, async () => {
    await using store = await open();
    assertEquals(await store.loadCheckpoint(), null);
    assertEquals(await store.loadListening(), null);
    assertEquals(await allHosts(store), []);
  });

  Deno.test(`${name}: hosts come back as they were saved, the later save counts`, async () => {
    await using store = await open();
    await store.saveHosts([host("a"), host("b", { state: "down", reportedIp: "10.0.0.1" })]);
    await store.saveHosts([host("a", { total: 4, gaps: [], addresses: [] })]);
    assertEquals(await allHosts(store), [
      host("a", { total: 4, gaps: [], addresses: [] }),
      host("b", { state: "down", reportedIp: "10.0.0.1" }),
    ]);
  });

  Deno.test(`${name}: the checkpoint and the listening time come back`, async () => {
    await using store = await open();
    const checkpoint = {
      monitor: { seq: 9, listening: { deafMs: -5, points: [1, 2] } },
      atMs: 1_777_000_000_000,
    };
    await store.saveCheckpoint(checkpoint);
    await store.saveListening(1234);
    assertEquals(await store.loadCheckpoint(), checkpoint);
    assertEquals(await store.loadListening(), 1234);
  });

  Deno.test(`${name}: a full batch of the longest hosts fits, and many batches come back`, async () => {
    await using store = await open();
    const wide = (n: number) => host("€".repeat(250) + String(n).padStart(5, "0"));
    const hosts = Array.from({ length: HOSTS_PER_BATCH * 9 }, (_, n) => wide(n));
    for (let n = 0; n < hosts.length; n += HOSTS_PER_BATCH) {
      await store.saveHosts(hosts.slice(n, n + HOSTS_PER_BATCH));
    }
    assertEquals(await allHosts(store), hosts);
  });
}
