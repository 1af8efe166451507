/** A host that was dropped is gone for good, wherever the crash comes; one that comes anew stays. */

import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { LineWriter } from "../../src/journal/line.ts";
import { Monitor } from "../../src/monitor/monitor.ts";
import { checkpoint } from "../../src/store/checkpoint.ts";
import { KvStore } from "../../src/store/kv.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { recover } from "../../src/store/recovery.ts";
import type { Store } from "../../src/store/store.ts";
import type { Fields } from "../../src/wire/datagram.ts";
import { LocalTime } from "../../src/wire/local_time.ts";
import { START_MS, watchSettings } from "../monitor/alerts/support.ts";
import { udpMessage } from "../monitor/support.ts";

const WATCH = {
  ...watchSettings({ intervalS: 10, graceS: 2, incidentHosts: 0 }),
  hosts: new Map([["configured", {}]]),
};
const REPLAY = {
  onProblem: (problem: unknown) => {
    throw new Error(`Unexpected problem: ${Deno.inspect(problem)}`);
  },
  onTorn: () => {},
};

/** A store that fails for good after some writes, as one does when the power goes. */
class CutStore extends MemoryStore {
  writesLeft = Infinity;

  #write(write: () => Promise<void>): Promise<void> {
    return this.writesLeft-- > 0 ? write() : Promise.reject(new Error("power cut"));
  }

  override saveHosts(...args: Parameters<MemoryStore["saveHosts"]>): Promise<void> {
    return this.#write(() => super.saveHosts(...args));
  }
  override removeHosts(...args: Parameters<MemoryStore["removeHosts"]>): Promise<void> {
    return this.#write(() => super.removeHosts(...args));
  }
  override saveSamples(...args: Parameters<MemoryStore["saveSamples"]>): Promise<void> {
    return this.#write(() => super.saveSamples(...args));
  }
  override saveAlerts(...args: Parameters<MemoryStore["saveAlerts"]>): Promise<void> {
    return this.#write(() => super.saveAlerts(...args));
  }
  override saveCheckpoint(...args: Parameters<MemoryStore["saveCheckpoint"]>): Promise<void> {
    return this.#write(() => super.saveCheckpoint(...args));
  }
}

/** A monitor that writes its journal. */
class Journaled {
  readonly monitor = new Monitor(WATCH);
  readonly #lines = new LineWriter(new LocalTime());
  nowMs = START_MS;
  text = "";

  send(fields: Fields): void {
    const message = udpMessage({ ...fields, time: this.nowMs / 1000 });
    const receipt = this.monitor.receive(message, this.nowMs);
    if (receipt.outcome !== "taken") return;
    const { before, after, seq, late } = receipt;
    for (const event of before) this.text += this.#lines.event(event);
    this.text += this.#lines.message(seq, message, late, this.nowMs);
    for (const event of after) this.text += this.#lines.event(event);
    this.#alerts();
  }

  /** Lets 15 s pass. */
  ticks(): void {
    for (let n = 0; n < 6; n++) {
      this.nowMs += 2500;
      for (const event of this.monitor.tick(this.nowMs, 100).events) {
        this.text += this.#lines.event(event);
      }
      this.#alerts();
    }
  }

  pause(host: string, forS: number | null): void {
    const [fromMs, reason] = [this.nowMs, ""];
    const pause = forS === null ? null : { fromMs, untilMs: fromMs + forS * 1000, reason };
    this.monitor.pause(host, pause, this.nowMs);
    this.#alerts();
  }

  deaf(seconds: number): void {
    const shiftMs = seconds * 1000;
    this.nowMs += shiftMs;
    this.text += this.#lines.event(this.monitor.deaf({ shiftMs, beatsLost: true }, this.nowMs));
  }

  drop(host: string): boolean {
    const isThere = this.monitor.drop(host, this.nowMs);
    this.#alerts();
    return isThere;
  }

  /** What a server finds that is started after a crash. */
  async recovered(store: Store, dir: string): Promise<Monitor> {
    await Deno.writeTextFile(join(dir, "j"), this.text);
    const again = new Monitor(WATCH);
    await recover(again, store, { dir, file: "j" }, REPLAY);
    return again;
  }

  #alerts(): void {
    for (const event of this.monitor.takeAlertEvents()) this.text += this.#lines.event(event);
  }
}

/** All that can be asked of a monitor, in an order that does not depend on rows. */
function stateOf(monitor: Monitor, nowMs: number) {
  const hosts = monitor.hosts(0, 100).toSorted((a, b) => a.name < b.name ? -1 : 1);
  const totals = monitor.totals();
  const { up, down, shutdown } = totals.states;
  // Who is paused is known as of the last tick; a silence that began anew is so from the next on.
  const untimed = { state: null, pausedUntilMs: null, deadlineMs: null };
  return {
    hosts: hosts.map((host) => ({ ...host, ...untimed })),
    totals: { ...totals, states: { up, down, shutdown }, lastClient: null, lastBeatMs: null },
    samples: hosts.map(({ name }) => monitor.history.samples(name, "p", 100)),
    hours: hosts.map(({ name }) => monitor.hours.of(name, nowMs)),
    alerts: [...monitor.alerts?.active() ?? []].map(({ id, host, level }) => ({ id, host, level })),
    seq: monitor.seq,
  };
}

const NAMES = ["a", "b", "configured"] as const;
const host = fc.constantFrom(...NAMES);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("beat" as const), host }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("sample" as const), host }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("drop" as const), host }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("ticks" as const), host }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("pause" as const), host }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("resume" as const), host }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("deaf" as const), host }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("checkpoint" as const), host }) },
);
const history = fc.array(fc.tuple(fc.integer({ min: 1, max: 14_000 }), step), { maxLength: 40 });

Deno.test("a drop survives a crash, wherever it comes, and so does the host that comes after it", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await fc.assert(
      fc.asyncProperty(history, fc.integer({ min: 0, max: 12 }), async (steps, writes) => {
        const store = new CutStore();
        store.writesLeft = writes;
        const j = new Journaled();
        for (const [gapMs, what] of steps) {
          j.nowMs += gapMs;
          if (what.do === "beat") j.send({ ID: "HTB", name: what.host });
          else if (what.do === "sample") {
            j.send({ ID: "PLG", name: what.host, plugin: "p", data: { n: j.nowMs } });
          } else if (what.do === "drop") j.drop(what.host);
          else if (what.do === "ticks") j.ticks();
          else if (what.do === "pause") j.pause(what.host, 20);
          else if (what.do === "resume") j.pause(what.host, null);
          else if (what.do === "deaf") j.deaf(7);
          else await checkpoint(j.monitor, store, j.nowMs).catch(() => {});
        }
        store.writesLeft = Infinity;
        const again = await j.recovered(store, dir);
        assertEquals(stateOf(again, j.nowMs), stateOf(j.monitor, j.nowMs));
        // And what the next checkpoint leaves in the store is the same once more.
        await checkpoint(again, store, j.nowMs);
        const third = new Monitor(WATCH);
        await recover(third, store, null, REPLAY);
        assertEquals(stateOf(third, j.nowMs), stateOf(j.monitor, j.nowMs));
      }),
      { numRuns: 1000 },
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

for (
  const [name, open] of Object.entries<() => Promise<Store>>({
    MemoryStore: () => Promise.resolve(new MemoryStore()),
    KvStore: () => KvStore.open(":memory:"),
  })
) {
  Deno.test(`${name}: hosts are removed with their samples, others are left`, async () => {
    await using store = await open();
    const j = new Journaled();
    for (const host of ["a", "a/b", "b"]) {
      for (let n = 0; n < 120; n++) {
        j.nowMs += 10;
        j.send({ ID: "PLG", name: host, plugin: n % 2 === 0 ? "p" : "q", data: { n } });
      }
      j.send({ ID: "HTB", name: host });
    }
    await checkpoint(j.monitor, store, j.nowMs);
    await store.removeHosts(["a", "never"]);
    const hosts = (await Array.fromAsync(store.loadHosts())).flat().map(({ name }) => name);
    assertEquals(hosts.sort(), ["a/b", "b"]);
    const samples = (await Array.fromAsync(store.loadSamples())).flat();
    assertEquals(new Set(samples.map(({ host }) => host)), new Set(["a/b", "b"]));
    assertEquals(samples.length, 240);
  });
}

Deno.test("the history of a dropped host is forgotten before the checkpoint is done, or told again", async () => {
  const store = new MemoryStore();
  const j = new Journaled();
  j.send({ ID: "HTB", name: "a" });
  j.drop("a");
  const told: string[][] = [];
  const forget = (gone: ReadonlyMap<string, number>) => {
    told.push([...gone.keys()]);
    return told.length === 1 ? Promise.reject(new Error("disk full")) : Promise.resolve();
  };
  const done = () => checkpoint(j.monitor, store, j.nowMs, undefined, undefined, forget);
  await assertRejects(done, Error, "disk full");
  assertEquals(await store.loadCheckpoint(), null);
  await done();
  await done();
  assertEquals(told, [["a"], ["a"]]);
});
