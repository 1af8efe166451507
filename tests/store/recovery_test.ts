/** Checkpoint and journal together bring everything back, wherever the crash comes. */

import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { LineWriter } from "../../src/journal/line.ts";
import { Monitor } from "../../src/monitor/monitor.ts";
import { checkpoint } from "../../src/store/checkpoint.ts";
import { KvStore } from "../../src/store/kv.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { recover } from "../../src/store/recovery.ts";
import { LocalTime } from "../../src/wire/local_time.ts";
import type { Beat } from "../../src/wire/message.ts";
import type { HostSnapshot } from "../../src/monitor/snapshot.ts";
import type { Fields } from "../../src/wire/datagram.ts";
import { beatOf, noteOf, settings, START_MS, taken, udpMessage } from "../monitor/support.ts";

const WATCH = settings("auto");
const REPLAY = {
  onProblem: (problem: unknown) => {
    throw new Error(`Unexpected problem: ${Deno.inspect(problem)}`);
  },
  onTorn: () => {},
};

function wireBeat(host: string, statedS: number | null): Beat {
  const payload = statedS === null ? { name: host } : { name: host, interval: statedS };
  return {
    ...beatOf(host, { intervalMs: statedS === null ? null : statedS * 1000 }),
    transport: "http",
    path: "/",
    payload,
    payloadText: JSON.stringify(payload),
    parseError: false,
    signed: false,
  };
}

type Step =
  | { readonly do: "beat"; readonly host: string; readonly statedS: number | null }
  | {
    readonly do: "send";
    readonly fields: Fields;
    readonly agoS: number;
    readonly signed: boolean;
  }
  | { readonly do: "tick" }
  | { readonly do: "deaf"; readonly shiftMs: number }
  | { readonly do: "wait"; readonly forMs: number }
  | { readonly do: "write hours" }
  | { readonly do: "checkpoint" }
  | { readonly do: "hosts only" };

/** A datagram of one of the hosts that HTTP beats come from too; its time is put in when it is sent. */
const send = fc.record({
  do: fc.constant("send" as const),
  fields: fc.record({
    name: fc.constantFrom("a", "b", "d"),
    boot_id: fc.constantFrom("m.1", "m.1", "m.1", "m.2", "n.1"),
    seq: fc.integer({ min: 0, max: 50 }),
    kind: fc.constantFrom<Fields>(
      { ID: "HTB" },
      { ID: "HTB", interval: 2, rtt: 12.5, ver: "0.1.0" },
      { ID: "HTB", grace: 3.5 },
      { ID: "BOOT" },
      { ID: "SHUTDOWN" },
      { ID: "SHUTDOWN", back_in: 5 },
      { ID: "MSG", message: "two\nlines", level: "info" },
      { ID: "PLG", plugin: "cpu_monitor", data: { nested: { percent: 17.25 } } },
      { ID: "PLG", plugin: "disk_monitor", data: {} },
      { ID: "RES", id: "c-1", exit: 0, output: "" },
    ),
  }).map(({ kind, ...common }) => ({ ...common, ...kind })),
  agoS: fc.constantFrom(0, 0, 0, 3, 400),
  signed: fc.boolean(),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: send },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("beat" as const),
      host: fc.constantFrom("a", "b", "c"),
      statedS: fc.option(fc.integer({ min: 1, max: 9 })),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("tick" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("deaf" as const),
      shiftMs: fc.integer({ min: -5000, max: 60_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      forMs: fc.integer({ min: 0, max: 1_000_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "write hours" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "checkpoint" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "hosts only" as const }) },
);

const history = fc.array(fc.tuple(fc.integer({ min: 0, max: 8000 }), step), { maxLength: 50 });

/** Plays a history, writing what a server would write; returns the monitor and the time it ended. */
async function play(steps: readonly (readonly [number, Step])[], store: MemoryStore, path: string) {
  const monitor = new Monitor(WATCH);
  const lines = new LineWriter(new LocalTime());
  let text = "";
  let now = START_MS;
  for (const [i, [gapMs, what]] of steps.entries()) {
    now += gapMs;
    switch (what.do) {
      case "beat": {
        const beat = wireBeat(what.host, what.statedS);
        const receipt = taken(monitor.receive(beat, now));
        text += receipt.before.map((event) => lines.event(event)).join("");
        text += lines.message(receipt.seq, beat, receipt.late, now);
        text += receipt.after.map((event) => lines.event(event)).join("");
        break;
      }
      case "send": {
        // A clock of its own, by which no two messages are sent, and no two things happen, at the
        // same moment: none of them is another one sent again.
        const time = START_MS / 1000 + i;
        const happened = what.agoS === 0 ? {} : { at: time - what.agoS - 0.25 };
        const message = udpMessage(
          { ...what.fields, time, ...happened },
          "192.0.2.1",
          what.signed,
        );
        const receipt = monitor.receive(message, now, what.signed);
        if (receipt.outcome !== "taken") break;
        text += receipt.before.map((event) => lines.event(event)).join("");
        text += lines.message(receipt.seq, message, receipt.late, now);
        text += receipt.after.map((event) => lines.event(event)).join("");
        break;
      }
      case "tick":
        for (const event of monitor.tick(now, 10).events) text += lines.event(event);
        break;
      case "deaf":
        now += what.shiftMs;
        text += lines.event(monitor.deaf({ shiftMs: what.shiftMs, beatsLost: true }, now));
        break;
      case "wait":
        now += what.forMs;
        for (const event of monitor.tick(now, 10).events) text += lines.event(event);
        break;
      case "write hours":
        for (const hour of monitor.hours.finished(now)) monitor.hours.written(hour);
        // What the store has of them is only known with the next checkpoint.
        await checkpoint(monitor, store, now);
        break;
      case "checkpoint":
        await checkpoint(monitor, store, now);
        break;
      case "hosts only":
        // A crash between the hosts of a checkpoint and its end.
        await store.saveHosts(
          monitor.recall.takeChanged().flatMap((row) => monitor.recall.hostRecord(row) ?? []),
        );
        break;
    }
  }
  await Deno.writeTextFile(path, text);
  return { monitor, now };
}

/** What can be recovered of a host: copies of messages are counted, but not in the journal. */
function journaled(host: HostSnapshot): HostSnapshot {
  const { client } = host;
  return { ...host, client: client === null ? null : { ...client, duplicates: 0 } };
}

Deno.test("recovery gives the state of the moment before, wherever checkpoints and the crash fell", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const store = new MemoryStore();
        const { monitor, now } = await play(steps, store, join(dir, "j"));
        const again = new Monitor(WATCH);
        await recover(again, store, { dir, file: "j" }, REPLAY);

        const byName = (m: Monitor) =>
          m.hosts(0, 10).map(journaled).toSorted((a, b) => a.name < b.name ? -1 : 1);
        assertEquals(byName(again), byName(monitor));
        for (const { name } of monitor.hosts(0, 10)) {
          for (const plugin of ["cpu_monitor", "disk_monitor"]) {
            const of = (m: Monitor) => m.history.samples(name, plugin, 1000);
            assertEquals(of(again), of(monitor));
          }
        }
        assertEquals(again.totals().missed, monitor.totals().missed);
        assertEquals(again.totals().down, monitor.totals().down);
        assertEquals(again.seq, monitor.seq);
        assertEquals(again.listeningMs(now), monitor.listeningMs(now));
        // And they go on alike: nothing is told twice, nothing is forgotten.
        const later = (m: Monitor) =>
          m.tick(now + 20_000, 100).events.map(({ type, host, silenceMs }) =>
            `${type} ${host} ${silenceMs}`
          )
            .sort();
        assertEquals(later(again), later(monitor));
        for (const { name } of monitor.hosts(0, 10)) {
          const of = (m: Monitor) => m.hours.of(name, now + 20_000);
          assertEquals(of(again), of(monitor));
        }
      }),
      { numRuns: 400 },
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("recovering twice from the same store and journal gives the same as once", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const store = new MemoryStore();
    const steps = [0, 1, 2, 3, 4].map((n) =>
      [1000 * n, { do: "beat", host: "a", statedS: null }] as const
    );
    const { monitor, now } = await play(steps, store, join(dir, "j"));
    for (let round = 0; round < 3; round++) {
      const again = new Monitor(WATCH);
      await recover(again, store, { dir, file: "j" }, REPLAY);
      assertEquals(again.totals(), monitor.totals());
      await checkpoint(again, store, now);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a checkpoint that fails leaves the hosts to the next one", async () => {
  class FullStore extends MemoryStore {
    full = true;
    override saveHosts(hosts: Parameters<MemoryStore["saveHosts"]>[0]): Promise<void> {
      return this.full ? Promise.reject(new Error("disk full")) : super.saveHosts(hosts);
    }
  }
  const store = new FullStore();
  const monitor = new Monitor(WATCH);
  monitor.receive(beatOf("a"), START_MS);
  await assertRejects(() => checkpoint(monitor, store, START_MS), Error, "disk full");
  store.full = false;
  assertEquals(await checkpoint(monitor, store, START_MS), 1);
  const again = new Monitor(WATCH);
  await recover(again, store, null, REPLAY);
  assertEquals(again.host("a")?.total, 1);
});

Deno.test("the most that a checkpoint can hold beside its hosts fits the database", async () => {
  await using store = await KvStore.open(":memory:");
  const monitor = new Monitor(WATCH);
  monitor.receive(beatOf("a"), START_MS);
  for (let n = 0; n < 3000; n++) {
    const happenedMs = START_MS + n * 1000;
    monitor.receive(noteOf("a", `note ${n}`, { happenedMs }), happenedMs);
    monitor.deaf({ shiftMs: 600, beatsLost: true }, happenedMs + 600);
  }
  await checkpoint(monitor, store, START_MS);
  const again = new Monitor(WATCH);
  await recover(again, store, null, REPLAY);
  assertEquals(again.recall.record(), monitor.recall.record());
});
