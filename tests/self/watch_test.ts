/** What the server finds wrong with itself, when it says so, and when it is over. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Health } from "../../src/health.ts";
import type { SelfCounters } from "../../src/self/losses.ts";
import type { FailingName } from "../../src/self/parts.ts";
import { SelfWatch, type SelfWatchOptions } from "../../src/self/watch.ts";
import { eventually } from "../e2e/hbd.ts";
import {
  Bench as OutboxBench,
  notification,
  PostChannel,
  settings,
} from "../notify/outbox_support.ts";
import { catchLog } from "./logged.ts";

const GIB = 1024 ** 3;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A server whose parts do what the test says; everything works at the start. */
class Bench {
  readonly clock: { nowMs: number };
  readonly health = new Health();
  counters: SelfCounters = counts(0, 0, 0);
  dns: readonly FailingName[] = [];
  freeBytes = 100 * GIB;
  /** `disk CRITICAL: …`, in order; taken away by `told`. */
  #told: string[] = [];
  readonly watch: SelfWatch;

  constructor(more: Partial<SelfWatchOptions> = {}, clock = { nowMs: 1_777_000_000_000 }) {
    this.clock = clock;
    this.watch = new SelfWatch({
      nowMs: () => this.clock.nowMs,
      problems: () => this.health.problems(),
      counters: () => this.counters,
      channels: () => [],
      dnsFailing: () => this.dns,
      paths: ["/state"],
      freeSpace: () => Promise.resolve({ freeBytes: this.freeBytes, totalBytes: 1000 * GIB }),
      trouble: (part, level, message) => void this.#told.push(`${part} ${level}: ${message}`),
      ...more,
    });
  }

  fail(part: string, message: string | null): void {
    const error = message === null ? null : new Error(message);
    this.health.report(part, error, this.clock.nowMs);
  }

  /** Looks now; what was told since the last look, without what is well. */
  async bad(): Promise<readonly string[]> {
    return (await this.look()).filter((line) => !/ OK:/.test(line));
  }

  /** Looks now; what was told since the last look. */
  async look(): Promise<readonly string[]> {
    await this.watch.look();
    return this.#told.splice(0);
  }

  /** Lets time pass, with a look every ten seconds; what was told meanwhile. */
  async pass(ms: number): Promise<readonly string[]> {
    const all: string[] = [];
    for (let passed = 0; passed < ms; passed += 10 * SECOND) {
      this.clock.nowMs += 10 * SECOND;
      all.push(...await this.look());
    }
    return all;
  }
}

function counts(kernelDrops: number | null, overloadDrops: number, journalLinesLost: number) {
  return { journalLinesLost, udp: { kernelDrops, overloadDrops } };
}

Deno.test("a server that is well says so of each part once, and nothing else in two hours", async () => {
  const bench = new Bench();
  assertEquals(await bench.look(), []);
  assertEquals(await bench.pass(50 * SECOND), []);
  const parts = (lines: readonly string[]) => lines.map((line) => line.split(":")[0]).sort();
  assertEquals(
    parts(await bench.pass(10 * SECOND)),
    ["beat_log", "disk", "journal", "logfile", "notifications", "store", "udp"].map((p) =>
      `${p} OK`
    ),
  );
  assertEquals(
    parts(await bench.pass(9 * MINUTE)),
    ["dns", "journal_lines_lost", "kernel_drops", "overload_drops"].map((p) => `${p} OK`),
  );
  assertEquals(parts(await bench.pass(2 * HOUR)), ["notifications_given_up OK"]);
});

Deno.test("a part that fails is told as bad as it is, and when it works again", async () => {
  const bench = new Bench();
  bench.fail("journal", "No space left on device");
  bench.fail("store", "disk I/O error");
  bench.fail("udp", "socket is gone");
  bench.fail("beat_log", "Read-only file system");
  bench.fail("logfile", "Permission denied");
  bench.fail("flux_capacitor", "1.21 GW");
  assertEquals(await bench.look(), [
    "journal CRITICAL: No space left on device",
    "store CRITICAL: disk I/O error",
    "udp CRITICAL: socket is gone",
    "beat_log WARNING: Read-only file system",
    "logfile WARNING: Permission denied",
    "flux_capacitor WARNING: 1.21 GW",
  ]);
  assertEquals(await bench.look(), []);
  for (const { part } of bench.health.problems()) if (part !== "store") bench.fail(part, null);
  assertEquals(await bench.look(), [
    "journal OK: ",
    "udp OK: ",
    "beat_log OK: ",
    "logfile OK: ",
    "flux_capacitor OK: ",
  ]);
});

Deno.test("another message at the same level is told at most every ten minutes", async () => {
  const bench = new Bench();
  bench.fail("journal", "error 0");
  assertEquals(await bench.bad(), ["journal CRITICAL: error 0"]);
  bench.fail("journal", "error 1");
  assertEquals((await bench.pass(590 * SECOND)).filter((line) => /^journal/.test(line)), []);
  assertEquals(await bench.pass(10 * SECOND), [
    "journal CRITICAL: error 1",
    "dns OK: ",
    "kernel_drops OK: ",
    "overload_drops OK: ",
    "journal_lines_lost OK: ",
  ]);
  assertEquals(await bench.bad(), []);
});

Deno.test("a disk that fills up is told at each level, and what is free", async () => {
  const bench = new Bench();
  bench.freeBytes = 0.9 * GIB;
  assertEquals(await bench.bad(), ["disk WARNING: /state has 921 MiB of 1000 GiB free (0 %)"]);
  bench.freeBytes = 0.1 * GIB;
  assertEquals(await bench.bad(), ["disk CRITICAL: /state has 102 MiB of 1000 GiB free (0 %)"]);
  bench.freeBytes = 0.21 * GIB;
  assertEquals(await bench.bad(), []);
  bench.freeBytes = 2 * GIB;
  assertEquals(await bench.look(), ["disk OK: /state has 2 GiB of 1000 GiB free (0 %)"]);
});

Deno.test("a disk that cannot be asked is logged once, and what was found before holds", async () => {
  await using logged = await catchLog();
  let isGone = true;
  const bench = new Bench({
    freeSpace: () =>
      isGone
        ? Promise.reject(new Error("stale file handle"))
        : Promise.resolve({ freeBytes: 0, totalBytes: GIB }),
  });
  assertEquals((await bench.pass(2 * MINUTE)).filter((line) => /^disk/.test(line)), []);
  assertEquals(logged.lines("warning"), ["Free space of /state is not known: stale file handle"]);
  isGone = false;
  assertEquals(await bench.bad(), ["disk CRITICAL: /state has 0 MiB of 1 GiB free (0 %)"]);
  isGone = true;
  assertEquals(await bench.look(), []);
  assertEquals(logged.lines("warning").length, 2);
});

Deno.test("a disk that hangs is not asked a second time, and hides nothing else", async () => {
  const disk = Promise.withResolvers<{ freeBytes: number; totalBytes: number }>();
  let asked = 0;
  const bench = new Bench({
    freeSpace: () => {
      asked += 1;
      return disk.promise;
    },
  });
  const first = bench.watch.look();
  bench.fail("journal", "stuck");
  const second = bench.bad();
  disk.resolve({ freeBytes: 0, totalBytes: GIB });
  await first;
  assertEquals(await second, [
    "journal CRITICAL: stuck",
    "disk CRITICAL: /state has 0 MiB of 1 GiB free (0 %)",
  ]);
  assertEquals(asked, 1);
});

Deno.test("datagrams dropped by the kernel are told until there were none for ten minutes", async () => {
  const bench = new Bench();
  await bench.pass(20 * MINUTE);
  bench.counters = counts(3, 0, 0);
  const [told = ""] = await bench.bad();
  assertMatch(told, /^kernel_drops WARNING: the kernel dropped 3 datagrams: .*rmem_default/);
  await bench.pass(5 * MINUTE);
  bench.counters = counts(10, 0, 0);
  // The new count, once the old one is ten minutes old.
  assertMatch((await bench.pass(5 * MINUTE)).join(), /^kernel_drops WARNING: .* 10 datagrams/);
  assertEquals(await bench.pass(5 * MINUTE), []);
  assertEquals(await bench.pass(10 * SECOND), ["kernel_drops OK: "]);
  bench.counters = counts(11, 0, 0);
  assertMatch((await bench.bad()).join(), /the kernel dropped 1 datagram:/);
});

Deno.test("a count that begins anew, or is not known for a while, counts nothing twice", async () => {
  const bench = new Bench();
  bench.counters = counts(100, 0, 0);
  assertMatch((await bench.bad()).join(), / 100 datagrams/);
  bench.counters = counts(null, 0, 0);
  await bench.look();
  bench.counters = counts(100, 0, 0);
  await bench.look();
  // The socket was opened again.
  bench.counters = counts(5, 0, 0);
  bench.clock.nowMs += 10 * MINUTE - 1;
  await bench.look();
  bench.clock.nowMs += 1;
  assertMatch((await bench.bad()).join(), / 105 datagrams/);
});

Deno.test("lost journal lines and an overload are told as such; without UDP there is no overload", async () => {
  const bench = new Bench();
  bench.counters = counts(0, 1, 12);
  assertEquals(await bench.bad(), [
    "overload_drops WARNING: 1 datagram dropped: the server is too far behind",
    "journal_lines_lost CRITICAL: 12 journal lines lost: the disk refused them for too long",
  ]);
  bench.counters = { journalLinesLost: 12, udp: null };
  const over = (await bench.pass(10 * MINUTE)).filter((line) => /lost|overload/.test(line));
  assertEquals(over, ["overload_drops OK: ", "journal_lines_lost OK: "]);
});

Deno.test("names that do not get into the DNS are told with their errors", async () => {
  const bench = new Bench();
  bench.dns = [{ name: "web1.example.org", error: "REFUSED" }];
  assertEquals(await bench.bad(), [
    "dns WARNING: updates of 1 name fail: web1.example.org: REFUSED",
  ]);
  bench.dns = Array.from({ length: 7 }, (_, n) => ({ name: `w${n}.org`, error: "NOTZONE" }));
  bench.clock.nowMs += 10 * MINUTE;
  const [told = ""] = await bench.bad();
  assertMatch(told, /updates of 7 names fail: w0\.org: NOTZONE; .*w4\.org: NOTZONE; and 2 more$/);
  bench.dns = [];
  assertEquals((await bench.look()).filter((line) => /^dns/.test(line)), ["dns OK: "]);
});

Deno.test("notifications that nobody gets are told after 5 minutes, and as critical after an hour", async () => {
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = closed.addr;
  closed.close();
  await using outbox = new OutboxBench();
  const channel = new PostChannel(`http://127.0.0.1:${port}/`);
  const push = { channel, minLevel: "WARNING", fallback: null } as const;
  outbox.outbox.configure(settings({ push }, { giveUpMs: 2 * HOUR }));
  const channels = () => outbox.outbox.status();
  const bench = new Bench({ channels }, outbox.clock);
  const told = async () => (await bench.look()).filter((line) => /^notifications/.test(line));
  outbox.outbox.add(notification("a"), ["push"], 0);
  outbox.outbox.add(notification("b"), ["push"], 0);
  await outbox.failures("push", 1);
  bench.clock.nowMs += 5 * MINUTE - 1;
  assertEquals((await told()).filter((line) => !/OK/.test(line)), []);
  bench.clock.nowMs += 1;
  const [late = ""] = await told();
  assertMatch(
    late,
    /^notifications WARNING: push: 2 undelivered, the oldest for 5m \(last error: .+\)$/,
  );
  bench.clock.nowMs += 55 * MINUTE;
  const [later = ""] = await told();
  assertMatch(later, /^notifications CRITICAL: push: 2 undelivered, the oldest for 1h 0m \(/);
  // Given up: nothing waits any more, but two people were not told.
  bench.clock.nowMs += HOUR;
  await outbox.drained("push");
  const [over, given = ""] = await told();
  assertEquals(over, "notifications OK: ");
  assertMatch(given, /^notifications_given_up WARNING: push: 2 notifications given up \(last/);
  bench.clock.nowMs += HOUR - 1;
  assertEquals(await told(), []);
  bench.clock.nowMs += 1;
  assertEquals(await told(), ["notifications_given_up OK: "]);
});

Deno.test("what waits for a channel that is not configured any more is told as that", async () => {
  const bench = new Bench({
    channels: () => [{
      name: "old",
      isConfigured: false,
      waiting: 1,
      oldestMs: 1_777_000_000_000 - 6 * MINUTE,
      givenUp: 0,
      dropped: 0,
      failingSinceMs: null,
      lastError: "gone",
    }],
  });
  assertEquals(await bench.bad(), [
    "notifications WARNING: old: 1 undelivered, the oldest for 6m " +
    "(the channel is not configured any more)",
  ]);
});

Deno.test("a look that fails is logged, and the next one is as good as ever", async () => {
  await using logged = await catchLog();
  let isBroken = true;
  const told: string[] = [];
  const bench = new Bench({
    problems: () => {
      if (isBroken) throw new Error("no figures");
      return [{ part: "journal", message: "full" }];
    },
    trouble: (part) => {
      told.push(part);
      throw new Error("nobody listens");
    },
  });
  await bench.watch.look();
  isBroken = false;
  await bench.watch.look();
  await bench.watch.look();
  assertEquals(told, ["journal"]);
  assertEquals(logged.lines("error"), [
    "The server could not look at itself: Error: no figures",
    "Trouble of journal could not be told: Error: nobody listens",
  ]);
});

Deno.test("soon after the start it looks by itself, with the real disk, until it is stopped", async () => {
  const told: string[] = [];
  let looks = 0;
  const watch = new SelfWatch({
    nowMs: () => Date.now(),
    problems: () => [{ part: "journal", message: "full" }],
    counters: () => {
      looks += 1;
      return counts(0, 0, 0);
    },
    channels: () => [],
    dnsFailing: () => [],
    paths: [Deno.cwd(), "/no/such/folder"],
    trouble: (part) => void told.push(part),
  });
  watch.start();
  await eventually(() => assert(told.includes("journal")));
  await watch.stop();
  const before = looks;
  await watch.look();
  assertEquals(looks, before + 1);
});
