/** Goodbyes, boots, notes and metrics: what they change, and that each is told once. */

import { assertEquals } from "@std/assert";
import { LineWriter, parseLine } from "../../src/journal/line.ts";
import { LocalTime } from "../../src/wire/local_time.ts";
import {
  beatOf,
  bootOf,
  Driver,
  metricsOf,
  noteOf,
  place,
  settings,
  shutdownOf,
  START_MS,
} from "./support.ts";

const at = (seconds: number) => START_MS + seconds * 1000;

Deno.test("a host that said goodbye raises no alarm, however long it is silent", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  d.send(shutdownOf("a"), 5);
  assertEquals([d.host("a").state, d.host("a").deadlineMs], ["shutdown", null]);
  d.run(5, 400);
  d.deaf(1000, 1400);
  d.tick(10_000);
  assertEquals(d.said(), []);
  const { total, late, missed } = d.host("a");
  assertEquals({ total, late, missed }, { total: 1, late: 0, missed: 0 });
});

Deno.test("the first beat after a goodbye is in time, and the silence counts from there", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  d.send(shutdownOf("a"), 5);
  assertEquals(d.beat("a", 5000), false);
  assertEquals(d.host("a").state, "up");
  d.run(5000, 5013);
  assertEquals(d.said(), ["down a", "missed a"]);
});

Deno.test("the time after a goodbye is no gap to learn from", () => {
  const d = new Driver(settings("auto"));
  for (const atS of [0, 10, 20, 30]) d.beat("a", atS);
  d.send(shutdownOf("a"), 35);
  for (const atS of [5000, 5010, 5020]) d.beat("a", atS);
  assertEquals(d.host("a").intervalMs, 10_000);
});

Deno.test("after back_in the silence counts again: interval and grace later the host is down", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  d.send(shutdownOf("a", { backInMs: 60_000 }), 5);
  assertEquals(d.host("a").deadlineMs, at(77));
  d.run(5, 77);
  assertEquals([d.said(), d.host("a").state], [[], "shutdown"]);
  d.run(77, 78);
  assertEquals([d.said(), d.host("a").state], [["down a", "missed a"], "down"]);
});

Deno.test("a host that is back within back_in, or early, was never missed", () => {
  for (const backS of [6, 64, 76]) {
    const d = new Driver(settings(10));
    d.beat("a", 0);
    d.send(shutdownOf("a", { backInMs: 60_000 }), 5);
    d.run(5, backS);
    assertEquals(d.beat("a", backS), false);
    assertEquals([d.said(), d.host("a").missed], [[], 0]);
  }
});

Deno.test("deaf time puts off what back_in announced", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  d.send(shutdownOf("a", { backInMs: 60_000 }), 5);
  d.deaf(1000, 1010);
  d.run(1010, 1077);
  assertEquals(d.said(), []);
  d.run(1077, 1078);
  assertEquals(d.said(), ["down a", "missed a"]);
});

Deno.test("a goodbye of a host that is down ends its being down", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  d.run(0, 13);
  d.send(shutdownOf("a"), 13);
  assertEquals([d.host("a").state, d.monitor.totals().down], ["shutdown", 0]);
  d.run(13, 60);
  assertEquals(d.said(), ["down a", "missed a"]);
});

Deno.test("a goodbye after the deadline comes out the same, whether a tick came before it or not", () => {
  const [ticked, unticked] = [new Driver(settings(10)), new Driver(settings(10))];
  for (const d of [ticked, unticked]) {
    d.beat("a", 0);
    if (d === ticked) d.tick(12.9);
    d.send(shutdownOf("a"), 13);
  }
  assertEquals(unticked.said(), ticked.said());
  assertEquals(unticked.host("a"), ticked.host("a"));
});

Deno.test("an old goodbye that arrives after newer life is ignored", () => {
  const d = new Driver(settings(10));
  d.send(beatOf("a", { ...place("m.1", 1), sentMs: at(0) }), 0);
  d.send(beatOf("a", { ...place("m.2", 1), sentMs: at(500) }), 500);
  const before = d.said().length;
  // From the spool: said at 100, sent at 505.
  const old = shutdownOf("a", { ...place("m.2", 2), sentMs: at(505), happenedMs: at(100) });
  assertEquals(d.send(old, 505), "taken");
  assertEquals(d.host("a").state, "up");
  d.run(505, 513);
  assertEquals(d.said().slice(before), ["down a", "missed a"]);
});

Deno.test("an old goodbye after a newer boot is ignored too", () => {
  const d = new Driver(settings(10));
  d.send(bootOf("a", { ...place("m.2", 1), sentMs: at(500) }), 500);
  d.send(shutdownOf("a", { ...place("m.2", 2), sentMs: at(501), happenedMs: at(100) }), 501);
  assertEquals(d.host("a").state, "up");
});

Deno.test("a beat that its goodbye overtook counts, and does not bring the host back", () => {
  const d = new Driver(settings(10));
  d.send(beatOf("a", { ...place("m.1", 1), sentMs: at(0) }), 0);
  d.send(shutdownOf("a", { ...place("m.1", 3), sentMs: at(10.001) }), 10.002);
  assertEquals(d.send(beatOf("a", { ...place("m.1", 2), sentMs: at(10) }), 10.003), "taken");
  assertEquals([d.host("a").state, d.host("a").total], ["shutdown", 2]);
  d.run(10, 60);
  assertEquals(d.said(), []);
  d.send(beatOf("a", { ...place("m.1", 4), sentMs: at(60) }), 60);
  assertEquals(d.host("a").state, "up");
});

Deno.test("a boot is life: it ends being down and shut down, and its silence counts", () => {
  for (const goodbye of [true, false]) {
    const d = new Driver(settings(10));
    d.beat("a", 0);
    if (goodbye) d.send(shutdownOf("a"), 5);
    d.run(5, 30);
    d.send(bootOf("a"), 30);
    assertEquals([d.host("a").state, d.monitor.totals().down], ["up", 0]);
    const silence = ["down a", "missed a", "missed a"];
    assertEquals(d.said().slice(0, 3), goodbye ? [] : silence);
    d.run(30, 43);
    assertEquals(d.said().at(-2), "down a");
    assertEquals(d.host("a").total, 1);
  }
});

Deno.test("a boot that is told late says when it was, and counts as life from when it came", () => {
  const d = new Driver(settings(10));
  d.send(bootOf("a", { sentMs: at(500), happenedMs: at(100) }), 505);
  assertEquals(d.client("a").bootedMs, at(105));
  assertEquals(d.host("a").deadlineMs, at(517));
});

Deno.test("a silent reboot after a goodbye is told with a silence that can be written down", () => {
  const lines = new LineWriter(new LocalTime());
  for (const backInMs of [null, 60_000]) {
    const d = new Driver(settings(10));
    d.send(beatOf("a", place("m.1", 1)), 0);
    d.send(shutdownOf("a", { ...place("m.1", 2), backInMs }), 5);
    d.send(beatOf("a", place("n.1", 1)), 30);
    assertEquals(d.said(), ["reboot a"]);
    assertEquals(d.events[0]?.silenceMs, 0);
    for (const event of d.events) assertEquals(parseLine(lines.event(event)).kind, "event");
  }
});

Deno.test("a silent reboot of a host that never beat is told without a silence", () => {
  const d = new Driver(settings(10));
  d.send(noteOf("a", "one", place("m.1", 1)), 0);
  d.send(noteOf("a", "two", place("n.1", 1)), 5);
  assertEquals(d.events.map(({ type, silenceMs }) => [type, silenceMs]), [["reboot", 0]]);
});

Deno.test("notes and metrics prove no life: a host that sends nothing else is watched by its beats", () => {
  const d = new Driver(settings(10));
  d.send(noteOf("b", "hello"), 0);
  d.beat("a", 0);
  for (let atS = 1; atS <= 12; atS++) {
    d.send(noteOf("a", `note ${atS}`), atS);
    d.send(metricsOf("a", "cpu_monitor", { atS }), atS);
  }
  d.run(0, 13);
  assertEquals(d.said(), ["down a", "missed a"]);
  d.send(noteOf("a", "still here"), 14);
  assertEquals([d.host("a").state, d.host("b").state], ["down", "new"]);
});

Deno.test("what is sent again under a new number because its answer got lost is taken once", () => {
  const d = new Driver(settings(10));
  const said = { happenedMs: at(0) };
  const messages = [
    noteOf("a", "hello", said),
    bootOf("a", said),
    shutdownOf("a", said),
    metricsOf("a", "cpu_monitor", { percent: 1 }, said),
  ];
  let seq = 0;
  const sendAll = (bootId: string, atS: number) =>
    messages.map((message) =>
      d.send({ ...message, ...place(bootId, ++seq), sentMs: at(atS) }, atS)
    );
  assertEquals(sendAll("m.1", 1), ["taken", "taken", "taken", "taken"]);
  const before = d.monitor.seq;
  assertEquals(sendAll("m.1", 30), ["repeated", "repeated", "repeated", "repeated"]);
  assertEquals(sendAll("m.2", 60), ["repeated", "repeated", "repeated", "repeated"]);
  assertEquals(d.monitor.seq, before);
  assertEquals(d.monitor.history.plugins("a")[0]?.count, 1);
  // They came, so they are not lost.
  assertEquals([d.client("a").lost, d.client("a").duplicates], [0, 0]);
});

Deno.test("a note of another time, host or kind is another message", () => {
  const d = new Driver(settings(10));
  assertEquals(d.send(noteOf("a", "x", { sentMs: at(1) }), 1), "taken");
  assertEquals(d.send(noteOf("a", "x", { sentMs: at(2) }), 2), "taken");
  assertEquals(d.send(noteOf("b", "x", { sentMs: at(1) }), 3), "taken");
  assertEquals(d.send(bootOf("a", { sentMs: at(1) }), 4), "taken");
  // Who does not say when it was cannot be told from somebody who says it twice.
  assertEquals(d.send(noteOf("a", "x"), 5), "taken");
  assertEquals(d.send(noteOf("a", "x"), 6), "taken");
});

Deno.test("what was told before a restart of the server is not told again after it", () => {
  const d = new Driver(settings(10));
  const said = { happenedMs: at(0) };
  const facts = [noteOf("a", "hello", said), bootOf("a", said), shutdownOf("a", said)];
  facts.forEach((message, i) => d.monitor.recall.replayMessage(i + 1, message, false, at(1)));
  for (const message of facts) {
    assertEquals(d.send({ ...message, ...place("m.1", 5), sentMs: at(9) }, 9), "repeated");
  }
});

Deno.test("what came again is in the next checkpoint, so that it is not lost after a restart", () => {
  const d = new Driver(settings(10));
  d.send(noteOf("a", "hello", { ...place("m.1", 1), happenedMs: at(0) }), 0);
  d.monitor.recall.takeChanged();
  d.send(noteOf("a", "hello", { ...place("m.1", 2), happenedMs: at(0) }), 5);
  assertEquals(d.monitor.recall.takeChanged().length, 1);
});
