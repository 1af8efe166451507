/** What every store must do, run over each of them. */

import { assertEquals } from "@std/assert";
import type { Command } from "../../src/commands/queue.ts";
import type { DnsRecord } from "../../src/dns/state.ts";
import type { SampleRecord } from "../../src/monitor/history.ts";
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

function sample(slot: number, more: Partial<SampleRecord> = {}): SampleRecord {
  const times = { atMs: 1_777_000_000_123 + slot, clientMs: 1_777_000_000_100.5 + slot };
  return { host: "a", plugin: "cpu_monitor", slot, ...times, text: `{"n":${slot}}`, ...more };
}

async function allSamples(store: Store): Promise<SampleRecord[]> {
  const samples: SampleRecord[] = [];
  for await (const batch of store.loadSamples()) samples.push(...batch);
  const keyOf = ({ host, plugin, slot }: SampleRecord) => `${host} ${plugin} ${slot + 10_000}`;
  return samples.sort((a, b) => keyOf(a) < keyOf(b) ? -1 : 1);
}

function command(id: string, more: Partial<Command> = {}): Command {
  const times = { queuedMs: 1_777_000_000_000, expiresMs: 1_777_003_600_000 };
  return { id, host: "a", cmd: "restart", args: ["--now", "x y"], ...times, result: null, ...more };
}

async function allCommands(store: Store): Promise<Command[]> {
  return (await store.loadCommands()).toSorted((a, b) => a.id < b.id ? -1 : 1);
}

function dnsRecord(name: string, more: Partial<DnsRecord> = {}): DnsRecord {
  const atMs = 1_777_000_000_000;
  return {
    name,
    type: "A",
    host: `${name}.office`,
    registered: { address: "192.0.2.7", ttlS: 60, server: null, atMs },
    pending: null,
    ...more,
  };
}

async function allDnsRecords(store: Store): Promise<DnsRecord[]> {
  const keyOf = ({ name, type }: DnsRecord) => `${name} ${type}`;
  return (await store.loadDnsRecords()).toSorted((a, b) => keyOf(a) < keyOf(b) ? -1 : 1);
}

/** JSON of an object, `bytes` long in UTF-8, that compresses as badly as text can. */
function noise(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes - 8));
  return `{"a":"${Array.from(random, (n) => String.fromCharCode(35 + n % 57)).join("")}"}`;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, n) => byte === b[n]);
}

for (const [name, open] of Object.entries(STORES)) {
  Deno.test(`${name}: a new store is empty`, async () => {
    await using store = await open();
    assertEquals(await store.loadCheckpoint(), null);
    assertEquals(await store.loadListening(), null);
    assertEquals(await allHosts(store), []);
    assertEquals(await allSamples(store), []);
    assertEquals(await allCommands(store), []);
    assertEquals(await allDnsRecords(store), []);
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
      monitor: { seq: 9, listening: { deafMs: -5, points: [1, 2] }, told: ["one", "two"] },
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

  Deno.test(`${name}: a full batch of hosts that report as much as they can fits`, async () => {
    await using store = await open();
    const run = "€".repeat(64);
    const text = `reported a failure: ${"€".repeat(500)}…`;
    const times = { startedMs: 1_777_000_000_123, heardMs: 1_777_000_000_123.5 };
    const report = {
      dialect: "healthchecks",
      runs: Array.from({ length: 20 }, () => ({ run, ...times, isOverdue: true })),
      last: { run, startedMs: times.startedMs, endedMs: 1_777_000_000_999, isOk: false },
      failure: { atMs: 1_777_000_000_999, cause: "failure" as const, text },
    };
    const name = (n: number) => String(n).padStart(5, "0");
    const hosts = Array.from({ length: HOSTS_PER_BATCH }, (_, n) => host(name(n), { report }));
    await store.saveHosts(hosts);
    assertEquals(await allHosts(store), hosts);
  });

  Deno.test(`${name}: what is known of a client comes back, also what is not known`, async () => {
    await using store = await open();
    const client = {
      bootId: "3f2a9c1e.mi7k2x",
      firstSeq: 1,
      lastSeq: 40,
      window: 0xffff_fffd,
      received: 39,
      duplicates: 2,
      reordered: 1,
      reboots: 3,
      rttMs: 12.5,
      skewMs: -3,
      graceMs: NaN,
      newestSentMs: 1_777_000_000_000,
      aliveSentMs: NaN,
      bootedMs: NaN,
      version: "0.1.0",
    };
    const gone = host("b", { state: "shutdown", heardMs: Infinity, client });
    await store.saveHosts([host("a"), gone]);
    assertEquals(await allHosts(store), [host("a"), gone]);
  });

  Deno.test(`${name}: samples come back; one takes the place of another of its slot`, async () => {
    await using store = await open();
    const others = [sample(0, { host: "b" }), sample(0, { plugin: "disk_monitor" })];
    await store.saveSamples([sample(0), sample(1), ...others]);
    const newer = sample(1, { atMs: 1_777_000_900_000, text: '{"text":"Grüße ✓ \\n"}' });
    await store.saveSamples([newer]);
    assertEquals(
      await allSamples(store),
      [sample(0), newer, sample(0, { plugin: "disk_monitor" }), sample(0, { host: "b" })],
    );
  });

  Deno.test(`${name}: the largest samples of the longest names fit, whole batches of them`, async () => {
    await using store = await open();
    const long = { host: "€".repeat(255), plugin: "€".repeat(64) };
    const texts = [noise(65_400), `{"a":"${"€".repeat(21_000)}"}`, noise(30_000), noise(8191)];
    const samples = Array.from(
      { length: HOSTS_PER_BATCH },
      (_, slot) => sample(slot, { ...long, text: texts[slot % texts.length] ?? "" }),
    );
    await store.saveSamples(samples);
    const found = await allSamples(store);
    assertEquals(found.length, samples.length);
    // Compared one by one: a difference in one of them would fill the screen.
    found.forEach((record, i) => assertEquals(record.text === samples[i]?.text, true, `slot ${i}`));
    assertEquals(found.map(({ slot }) => slot), samples.map(({ slot }) => slot));
  });

  Deno.test(`${name}: buckets of history come back, the largest ones too, until they are removed`, async () => {
    await using store = await open();
    const bytes = (length: number) =>
      Uint8Array.from({ length }, (_, n) => Math.imul(n + length, 0x9e3779b1) >>> 24);
    assertEquals(await store.historyDays(), []);
    assertEquals(await store.loadHistory(3, [1, 2]), [null, null]);
    const sizes = [0, 1, 59_998, 59_999, 60_000, 180_000, 400_000];
    await store.saveHistory(3, new Map(sizes.map((size, n) => [n, bytes(size)])));
    await store.saveHistory(20_000, new Map([[4095, bytes(7)]]));
    assertEquals(await store.historyDays(), [3, 20_000]);
    const loaded = await store.loadHistory(3, sizes.map((_, n) => n));
    loaded.forEach((found, n) =>
      assertEquals(found !== null && equal(found, bytes(sizes[n] ?? 0)), true, `bucket ${n}`)
    );
    await store.saveHistory(3, new Map([[6, bytes(5)], [5, null]]));
    assertEquals(await store.loadHistory(3, [6, 5]), [bytes(5), null]);
    while (await store.removeHistoryDay(3));
    assertEquals(await store.historyDays(), [20_000]);
    await store.saveHistory(20_000, new Map([[4095, null]]));
    assertEquals(await store.historyDays(), []);
  });

  Deno.test(`${name}: commands come back with their results until they are removed`, async () => {
    await using store = await open();
    const wide = command("c", {
      host: "€".repeat(255),
      args: Array.from({ length: 16 }, () => "ü".repeat(500)),
    });
    await store.saveCommand(command("b"));
    await store.saveCommand(command("a"));
    await store.saveCommand(wide);
    const done = command("b", { result: { atMs: 5, exit: null, output: "€".repeat(16_384) } });
    await store.saveCommand(done);
    assertEquals(await allCommands(store), [command("a"), done, wide]);
    await store.removeCommand(command("a"));
    await store.removeCommand(command("z"));
    assertEquals(await allCommands(store), [done, wide]);
  });

  Deno.test(`${name}: DNS records come back by name and type, the later save counts`, async () => {
    await using store = await open();
    const pending = { address: "2001:db8::7", sinceMs: 5 };
    const wide = dnsRecord(`${"a".repeat(63)}.${"b.".repeat(94)}c`, { host: "€".repeat(255) });
    const six = dnsRecord("web1.example.com", { type: "AAAA", registered: null, pending });
    await store.saveDnsRecord(dnsRecord("web1.example.com", { pending }));
    await store.saveDnsRecord(six);
    await store.saveDnsRecord(wide);
    await store.saveDnsRecord(dnsRecord("web1.example.com"));
    assertEquals(await allDnsRecords(store), [wide, dnsRecord("web1.example.com"), six]);
    await store.removeDnsRecord({ name: "web1.example.com", type: "A" });
    await store.removeDnsRecord({ name: "web2.example.com", type: "A" });
    assertEquals(await allDnsRecords(store), [wide, six]);
  });

  Deno.test(`${name}: records come back by kind and key, the later save counts`, async () => {
    await using store = await open();
    const largest = { text: "x".repeat(59_000), list: [1, null, true, { a: "€" }] };
    await store.saveRecord("one", "a", { n: 1 });
    await store.saveRecord("one", "a", { n: 2 });
    await store.saveRecord("one", "€".repeat(500), largest);
    await store.saveRecord("other", "a", "text");
    assertEquals(
      await store.loadRecords("one"),
      new Map<string, unknown>([["a", { n: 2 }], ["€".repeat(500), largest]]),
    );
    await store.removeRecord("one", "a");
    await store.removeRecord("one", "b");
    await store.removeRecord("none", "a");
    assertEquals([...(await store.loadRecords("one")).keys()], ["€".repeat(500)]);
    assertEquals(await store.loadRecords("other"), new Map([["a", "text"]]));
    assertEquals(await store.loadRecords("none"), new Map());
  });
}
