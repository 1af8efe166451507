/** What the journal does not say in so many words comes back all the same. */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { LineWriter } from "../../src/journal/line.ts";
import { HOUR_MS, hourOf } from "../../src/monitor/hour_table.ts";
import { Monitor } from "../../src/monitor/monitor.ts";
import { checkpoint } from "../../src/store/checkpoint.ts";
import type { WatchSettings } from "../../src/monitor/settings.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { recover } from "../../src/store/recovery.ts";
import type { Fields } from "../../src/wire/datagram.ts";
import type { Message } from "../../src/wire/message.ts";
import { LocalTime } from "../../src/wire/local_time.ts";
import { START_MS, watchSettings } from "../monitor/alerts/support.ts";
import { beatOf, udpMessage } from "../monitor/support.ts";

function watchOf(intervalS: number): WatchSettings {
  return watchSettings({ intervalS, graceS: 2, incidentHosts: 0 });
}

const WATCH = watchOf(10);
const REPLAY = {
  onProblem: (problem: unknown) => {
    throw new Error(`Unexpected problem: ${Deno.inspect(problem)}`);
  },
  onTorn: () => {},
};

/** A monitor that is ticked each second and writes its journal. */
class Journaled {
  readonly monitor: Monitor;
  readonly #lines = new LineWriter(new LocalTime());
  nowMs = START_MS;
  text = "";

  constructor(settings = WATCH) {
    this.monitor = new Monitor(settings);
  }

  beat(host: string): void {
    this.send({ ID: "HTB", name: host });
  }

  send(fields: Fields, more: Partial<Message> = {}): void {
    const message = { ...udpMessage(fields), ...more } as Message;
    const receipt = this.monitor.receive(message, this.nowMs);
    if (receipt.outcome !== "taken") return;
    for (const event of receipt.before) this.text += this.#lines.event(event);
    this.text += this.#lines.message(receipt.seq, message, receipt.late, this.nowMs);
    for (const event of receipt.after) this.text += this.#lines.event(event);
    this.#alerts();
  }

  run(seconds: number): void {
    for (let n = 0; n < seconds; n++) {
      this.nowMs += 1000;
      const { events } = this.monitor.tick(this.nowMs, 100);
      for (const event of events) this.text += this.#lines.event(event);
      this.#alerts();
    }
  }

  pause(host: string, forS: number): void {
    const untilMs = this.nowMs + forS * 1000;
    this.monitor.pause(host, { fromMs: this.nowMs, untilMs, reason: "" }, this.nowMs);
    this.#alerts();
  }

  deaf(seconds: number): void {
    const shiftMs = seconds * 1000;
    this.nowMs += shiftMs;
    this.text += this.#lines.event(this.monitor.deaf({ shiftMs, beatsLost: true }, this.nowMs));
  }

  /** What a server finds that is started after a crash. */
  async recovered(settings = WATCH): Promise<Monitor> {
    const dir = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(join(dir, "j"), this.text);
      const again = new Monitor(settings);
      await recover(again, new MemoryStore(), { dir, file: "j" }, REPLAY);
      return again;
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  }

  #alerts(): void {
    for (const event of this.monitor.takeAlertEvents()) this.text += this.#lines.event(event);
  }
}

/** What was counted of host `a`, and in its hours. */
function countedOf(monitor: Monitor, nowMs: number) {
  const { missed, late, bar } = monitor.host("a") ?? {};
  return { missed, late, bar, hours: monitor.hours.of("a", nowMs) };
}

Deno.test("a silence that began anew after a pause counts once, before a crash and after it", async () => {
  for (const downS of [0, 60]) {
    const j = new Journaled();
    // In the last minutes of an hour: the missed intervals are in two.
    j.nowMs += HOUR_MS - 80_000;
    j.beat("a");
    j.run(downS);
    j.pause("a", 50);
    j.run(90);
    const again = await j.recovered();
    assertEquals(countedOf(again, j.nowMs), countedOf(j.monitor, j.nowMs));
    // And it goes on like that.
    again.resumeAlerts(j.nowMs);
    j.run(65);
    again.tick(j.nowMs, 100);
    assertEquals(countedOf(again, j.nowMs), countedOf(j.monitor, j.nowMs));
  }
});

Deno.test("an hour in the history is not written again from hosts that have let go of it", async () => {
  const monitor = new Monitor(WATCH);
  const store = new MemoryStore();
  const hour = hourOf(START_MS);
  const beats = (fromMs: number, toMs: number) => {
    for (let atMs = fromMs; atMs < toMs; atMs += 10_000) monitor.receive(beatOf("a"), atMs);
  };
  beats(START_MS, START_MS + HOUR_MS + 60_000);
  await checkpoint(monitor, store, START_MS + HOUR_MS + 60_000);
  monitor.hours.written(hour);
  beats(START_MS + HOUR_MS + 60_000, START_MS + HOUR_MS + 90_000);
  // A crash between the hosts of a checkpoint and its end.
  await store.saveHosts(
    monitor.recall.takeChanged().flatMap((row) => monitor.recall.hostRecord(row) ?? []),
  );
  const again = new Monitor(WATCH);
  await recover(again, store, null, REPLAY);
  const nowMs = START_MS + HOUR_MS + 90_000;
  assertEquals(again.hours.finished(nowMs), []);
  assertEquals(again.hours.of("a", nowMs), monitor.hours.of("a", nowMs));
});

Deno.test("a clock that was ahead when a host was last stored takes no hour from it", async () => {
  const monitor = new Monitor(WATCH);
  const store = new MemoryStore();
  const aheadMs = 1000 * HOUR_MS;
  monitor.receive(beatOf("a"), START_MS);
  monitor.deaf({ shiftMs: aheadMs, beatsLost: true }, START_MS + aheadMs);
  monitor.receive(beatOf("a"), START_MS + aheadMs);
  monitor.hours.written(hourOf(START_MS + aheadMs));
  await checkpoint(monitor, store, START_MS + aheadMs);
  monitor.deaf({ shiftMs: -aheadMs, beatsLost: true }, START_MS + 1000);
  monitor.receive(beatOf("b"), START_MS + 1000);
  await checkpoint(monitor, store, START_MS + 1000);
  const again = new Monitor(WATCH);
  await recover(again, store, null, REPLAY);
  again.receive(beatOf("a"), START_MS + 2000);
  assertEquals(again.hours.of("a", START_MS + 2000).map(({ beats }) => beats), [1]);
});

Deno.test("read back with another interval, what was missed is what it was", async () => {
  for (const [thenS, nowS] of [[10, 600], [600, 10], [60, 20]] as const) {
    const j = new Journaled(watchOf(thenS));
    j.beat("a");
    for (const runS of [30, 500, 700, 1500]) {
      j.run(runS);
      j.deaf(5);
    }
    const again = await j.recovered(watchOf(nowS));
    const { missed, bar } = j.monitor.host("a") ?? {};
    assertEquals(again.host("a")?.missed, missed);
    assertEquals(again.host("a")?.bar.replaceAll("d", ""), bar?.replaceAll("d", ""));
  }
});

Deno.test("runs, failures and dialects come back from the journal", async () => {
  const settings = { ...WATCH, hosts: new Map([["a", { runLimitMs: 20_000 }]]) };
  const j = new Journaled(settings);
  const dialect = { dialect: "healthchecks", transport: "http", path: "/ping/x" } as const;
  const states: unknown[] = [];
  const check = async () => {
    const again = await j.recovered(settings);
    assertEquals(again.host("a"), j.monitor.host("a"));
    assertEquals(countedOf(again, j.nowMs), countedOf(j.monitor, j.nowMs));
    assertEquals([...again.speaking("healthchecks")].length, 1);
    states.push(again.host("a")?.state);
  };
  j.send({ ID: "START", name: "a", run: "r" }, dialect);
  await check();
  j.run(5);
  j.send({ ID: "HTB", name: "a", run: "r" }, dialect);
  await check();
  j.send({ ID: "START", name: "a", run: "s" }, dialect);
  j.run(9);
  j.send({ ID: "HTB", name: "a" }, dialect);
  j.run(12);
  await check();
  j.run(30);
  await check();
  j.send({ ID: "FAIL", name: "a", message: "exit code 3", run: "s" }, dialect);
  j.run(25);
  await check();
  j.send({ ID: "HTB", name: "a", run: "t" }, dialect);
  await check();
  assertEquals(states, ["up", "up", "down", "down", "down", "up"]);
});
