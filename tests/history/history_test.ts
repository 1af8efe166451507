/** Hourly figures in the store: each hour once, over crashes and failures, until they are too old. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { HistoryBook } from "../../src/history/book.ts";
import { bucketOf } from "../../src/history/bucket_of.ts";
import { HistoryKeeper } from "../../src/history/keeper.ts";
import { HostHistory, uptimeOf } from "../../src/history/host_history.ts";
import { HOUR_MS } from "../../src/monitor/hour_table.ts";
import type { NamedHour } from "../../src/monitor/hour_view.ts";
import { Monitor } from "../../src/monitor/monitor.ts";
import { checkpoint } from "../../src/store/checkpoint.ts";
import { KvStore } from "../../src/store/kv.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { recover } from "../../src/store/recovery.ts";
import type { Store } from "../../src/store/store.ts";
import { beatOf, settings, START_MS } from "../monitor/support.ts";

const FIRST_HOUR = START_MS / HOUR_MS;
const NOTHING = { onProblem: () => {}, onTorn: () => {} };
const WATCH = { ...settings(60), maxHosts: 20_000 };

/** A server without its doors: a monitor whose hours are written to a store. */
class Home {
  monitor = new Monitor(WATCH);
  nowMs = START_MS;
  days = 90;
  readonly book: HistoryBook;
  keeper: HistoryKeeper;
  readonly troubles: (string | null)[] = [];

  constructor(readonly store: Store) {
    this.book = new HistoryBook(store);
    this.keeper = this.#keeper();
  }

  history(): HostHistory {
    return new HostHistory({
      hours: this.monitor.hours,
      book: this.book,
      nowMs: () => this.nowMs,
    });
  }

  /** Every minute a beat of each, to `toS` seconds after the start; the keeper looks at each hour. */
  async beats(hosts: readonly string[], toS: number): Promise<void> {
    const endMs = START_MS + toS * 1000;
    while (this.nowMs < endMs) {
      this.nowMs += 60_000;
      while (this.monitor.tick(this.nowMs, 1000).more);
      for (const host of hosts) this.monitor.receive(beatOf(host), this.nowMs);
      if (this.nowMs % HOUR_MS === 120_000) await this.keeper.work();
    }
  }

  /** Starts anew with what is in the store. */
  async restart(): Promise<void> {
    this.monitor = new Monitor(WATCH);
    await recover(this.monitor, this.store, null, NOTHING);
    this.keeper = this.#keeper();
  }

  #keeper(): HistoryKeeper {
    return new HistoryKeeper({
      hours: this.monitor.hours,
      book: this.book,
      nowMs: () => this.nowMs,
      days: () => this.days,
      onTrouble: (error) => this.troubles.push(error?.message ?? null),
    });
  }
}

function assertNear(value: number, wanted: number, within: number): void {
  assert(Math.abs(value - wanted) <= within, `${value} is not within ${within} of ${wanted}`);
}

async function withKv(work: (store: KvStore, path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    const path = join(dir, "hbd.kv");
    await using store = await KvStore.open(path);
    await work(store, path);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("hours come back whole from a database file, with the one that goes on", async () => {
  await withKv(async (store) => {
    const home = new Home(store);
    home.monitor.receive(beatOf("silent"), home.nowMs);
    await home.beats(["a", "b"], 26 * 3600 + 600);
    const { hours } = await home.history().report("a", 7);
    assertEquals(hours.length, 27);
    assertEquals(hours.map(({ hour }) => hour - FIRST_HOUR), [...Array(27).keys()]);
    assertEquals(hours.reduce((sum, { beats }) => sum + beats, 0), home.monitor.host("a")?.total);
    assertEquals(hours[5], {
      ...{ hour: FIRST_HOUR + 5, beats: 60, late: 0, missed: 0 },
      ...{ upMs: HOUR_MS, downMs: 0, deafMs: 0 },
      ...{ rtts: 0, rttMinMs: 0, rttAvgMs: 0, rttMaxMs: 0 },
    });
    assertEquals(home.monitor.hours.of("a", home.nowMs).length, 1);
    const { hours: silent } = await home.history().report("silent", 7);
    assertEquals(
      silent.map(({ upMs, downMs }) => upMs + downMs).slice(0, 26),
      Array(26).fill(HOUR_MS),
    );
    assertEquals(home.troubles, []);
  });
});

Deno.test("an hour that a crash or a failing store interrupts is there once in the end", async () => {
  class WeakStore extends MemoryStore {
    writesLeft = Infinity;
    override saveHistory(...args: Parameters<MemoryStore["saveHistory"]>): Promise<void> {
      if (this.writesLeft-- > 0) return super.saveHistory(...args);
      return Promise.reject(new Error("disk full"));
    }
  }
  const store = new WeakStore();
  const home = new Home(store);
  const names = Array.from({ length: 40 }, (_, n) => `host-${n}`);
  await home.beats(names, 3600);
  store.writesLeft = 10;
  await home.beats(names, 3600 + 300);
  assertEquals(home.troubles, ["disk full"]);
  await checkpoint(home.monitor, store, home.nowMs);
  await home.restart();
  store.writesLeft = Infinity;
  await home.keeper.work();
  // Written, but no checkpoint says so: done once more.
  await home.restart();
  await home.keeper.work();
  for (const name of names) {
    const { hours: [first, second, ...rest] } = await home.history().report(name, 1);
    assertEquals([first?.beats, second?.beats, rest.length], [59, 6, 0]);
    assertEquals([first?.upMs, second?.upMs], [HOUR_MS - 60_000, 300_000]);
  }
});

Deno.test("the keeper says that it works again, and loses nothing while it does not", async () => {
  class FullStore extends MemoryStore {
    full = true;
    override saveHistory(...args: Parameters<MemoryStore["saveHistory"]>): Promise<void> {
      return this.full ? Promise.reject(new Error("disk full")) : super.saveHistory(...args);
    }
  }
  const store = new FullStore();
  const home = new Home(store);
  await home.beats(["a"], 2 * 3600 + 300);
  store.full = false;
  await home.keeper.work();
  assertEquals(home.troubles, ["disk full", "disk full", null]);
  assertEquals((await home.history().report("a", 1)).hours.map(({ beats }) => beats), [59, 60, 6]);
});

Deno.test("a dropped host has no history; what comes after it does", async () => {
  for (const open of [() => Promise.resolve(new MemoryStore()), () => KvStore.open(":memory:")]) {
    await using store = await open();
    const home = new Home(store);
    await home.beats(["a", "b"], 30 * 3600);
    home.monitor.drop("a", home.nowMs);
    const forget = (gone: ReadonlyMap<string, number>) => home.book.forget(gone);
    await checkpoint(home.monitor, store, home.nowMs, undefined, undefined, forget);
    assertEquals((await home.history().report("a", 7)).hours, []);
    assertEquals((await home.history().report("b", 7)).hours.length, 31);
    const droppedHour = home.nowMs / HOUR_MS;
    await home.beats(["a", "b"], 33 * 3600 + 600);
    // Dropping it late once more, as a replay does, leaves the new one alone.
    await home.book.forget(new Map([["a", droppedHour * HOUR_MS]]));
    const { hours } = await home.history().report("a", 7);
    assertEquals(hours.map(({ hour }) => hour - droppedHour), [0, 1, 2, 3]);
  }
});

Deno.test("an hour that was taken before its host was dropped is forgotten with it", async () => {
  const store = new MemoryStore();
  const home = new Home(store);
  await home.beats(["a"], 3600);
  const taken = home.monitor.hours.take(FIRST_HOUR, [0], home.nowMs);
  const writing = home.book.add(FIRST_HOUR, taken);
  home.monitor.drop("a", home.nowMs);
  await home.book.forget(home.monitor.recall.takeGone());
  await writing;
  assertEquals(await store.historyDays(), []);
});

Deno.test("days that are too old are forgotten; with history_days 0 nothing is kept", async () => {
  for (const open of [() => Promise.resolve(new MemoryStore()), () => KvStore.open(":memory:")]) {
    await using store = await open();
    const home = new Home(store);
    const today = START_MS / (24 * HOUR_MS);
    for (const ago of [91, 90, 40, 1]) {
      await home.book.add((Math.floor(today) - ago) * 24, hoursOf(200));
    }
    await home.keeper.work();
    assertEquals(
      (await store.historyDays()).map((day) => Math.floor(today) - day),
      [90, 40, 1],
    );
    home.days = 0;
    await home.beats(["a"], 3600 + 300);
    assertEquals(await store.historyDays(), []);
    assertEquals(home.monitor.hours.finished(home.nowMs), []);
  }
});

Deno.test("a clock that is years ahead for a while costs no history", async () => {
  const store = new MemoryStore();
  const home = new Home(store);
  await home.beats(["a"], 30 * 3600 + 300);
  const days = await store.historyDays();
  assertEquals(days.length, 2);
  const aheadMs = 3650 * 24 * HOUR_MS;
  home.nowMs += aheadMs;
  home.monitor.deaf({ shiftMs: aheadMs, beatsLost: true }, home.nowMs);
  await home.keeper.work();
  home.monitor.receive(beatOf("a"), home.nowMs);
  home.nowMs += 120_000;
  await home.keeper.work();
  assertEquals(await store.historyDays(), days);
});

/** An hour of hosts that all fall into ten buckets. */
function hoursOf(count: number): readonly NamedHour[] {
  const figures = { hour: 0, beats: 60, late: 0, missed: 0, upMs: HOUR_MS, downMs: 0, deafMs: 0 };
  const hosts = Array.from({ length: 100_000 }, (_, n) => `host-${n}`);
  return hosts.filter((host) => bucketOf(host) < 10).slice(0, count)
    .map((host) => ({ host, figures: { ...figures, rtt: null } }));
}

Deno.test("a damaged bucket is told of and passed over", async () => {
  const store = new MemoryStore();
  const told: number[] = [];
  const book = new HistoryBook(store, (day, bucket) => told.push(day, bucket));
  await store.saveHistory(2, new Map([[bucketOf("a"), new Uint8Array([1, 2, 3])]]));
  assertEquals(await book.hours("a", 0, 100), []);
  assertEquals(told, [2, bucketOf("a")]);
});

Deno.test("a store that fails fails those who ask, and the next change all the same is made", async () => {
  class FullStore extends MemoryStore {
    full = true;
    override loadHistory(...args: Parameters<MemoryStore["loadHistory"]>) {
      return this.full ? Promise.reject(new Error("gone")) : super.loadHistory(...args);
    }
  }
  const store = new FullStore();
  const book = new HistoryBook(store);
  await assertRejects(() => book.hours("a", 0, 100), Error, "gone");
  await assertRejects(() => book.add(5, hoursOf(1)), Error, "gone");
  store.full = false;
  await book.add(5, hoursOf(1));
  assertEquals(await store.historyDays(), [0]);
});

Deno.test("a stop does not wait for a store that hangs, and its hour is not lost", async () => {
  const loading = Promise.withResolvers<void>();
  const hanging = Promise.withResolvers<never>();
  class HangingStore extends MemoryStore {
    override loadHistory(): Promise<never> {
      loading.resolve();
      return hanging.promise;
    }
  }
  const home = new Home(new HangingStore());
  const beats = home.beats(["a"], 3600 + 120);
  await loading.promise;
  await home.keeper.stop();
  assertEquals(home.monitor.hours.finished(home.nowMs), [FIRST_HOUR]);
  hanging.reject(new Error("closed"));
  await beats;
  assertEquals(home.troubles, []);
});

/** An hour of as many hosts of one bucket, with figures that hardly deflate. */
function crowd(hour: number, hosts: readonly string[]): readonly NamedHour[] {
  let state = hour + 1;
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
  return hosts.map((host) => {
    const counts = { beats: random(3600), late: random(300), missed: random(300) };
    const times = { upMs: random(HOUR_MS / 2), downMs: random(HOUR_MS / 2), deafMs: 0 };
    const rtt = { count: 9, minMs: random(1e6) / 1e4, maxMs: 100 + random(100), sumMs: 900 };
    return { host, figures: { hour, ...counts, ...times, rtt } };
  });
}

Deno.test("names made up to fall into one bucket spoil the history of no other host", async () => {
  const hosts: string[] = [];
  for (let n = 0; hosts.length < 4100; n++) if (bucketOf(`h${n}`) === 7) hosts.push(`h${n}`);
  await using store = await KvStore.open(":memory:");
  const full: number[] = [];
  const book = new HistoryBook(store, undefined, (_day, bucket) => full.push(bucket));
  for (let hour = 0; hour < 12; hour++) await book.add(hour, crowd(hour, hosts));
  assertEquals(new Set(full), new Set([7]));
  assert((await book.hours(hosts[0] ?? "", 0, 24)).length >= 5);
  assertEquals(await book.hours(hosts[4000] ?? "", 0, 24), []);
});

Deno.test("uptime is up of up and down; what is unknown is told apart", async () => {
  const home = new Home(new MemoryStore());
  assertEquals((await home.history().uptime("a")).uptime, {
    ...{ "24h": null, "7d": null, "30d": null, "90d": null },
  });
  await home.beats(["a"], 3600);
  await home.beats([], 2 * 3600);
  await home.beats(["a"], 12 * 3600);
  home.nowMs += 12 * HOUR_MS;
  home.monitor.deaf({ shiftMs: 12 * HOUR_MS, beatsLost: true }, home.nowMs);
  const { uptime, unknown } = await home.history().uptime("a");
  // Down from 72 s after its last beat in the first hour to its return a minute after the second.
  assertEquals(uptime["24h"], uptime["90d"]);
  assertNear(uptime["24h"] ?? 0, 100 * (11 * 60 - 1) / (12 * 60 - 1), 0.3);
  assertNear(unknown["24h"], 12 / 24, 0.01);
  assertNear(unknown["7d"], 1 - 12 / 168, 0.01);
});

Deno.test("a second of downtime is never a hundred percent", () => {
  const hour = { hour: 1000, upMs: 90 * 24 * HOUR_MS, downMs: 1 };
  const { uptime } = uptimeOf([hour], 1000 * HOUR_MS + 1);
  assertEquals(uptime["90d"], 99.999);
  assertEquals(uptimeOf([{ ...hour, downMs: 0 }], 1000 * HOUR_MS + 1).uptime["24h"], 100);
});
