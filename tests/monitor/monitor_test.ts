import { assert, assertEquals } from "@std/assert";
import { beatOf, Driver, settings, START_MS, taken } from "./support.ts";

Deno.test("a beat exactly at the deadline is in time, one after it is late and counted once", () => {
  const d = new Driver(settings(10));
  assertEquals(d.beat("a", 0), false);
  assertEquals(d.beat("a", 12), false);
  assertEquals(d.beat("a", 24.001), true);
  const { total, late, missed } = d.host("a");
  assertEquals({ total, late, missed }, { total: 3, late: 1, missed: 1 });
});

Deno.test("grace takes the place of the tolerance", () => {
  const d = new Driver({ ...settings(10), graceMs: () => 5000 });
  d.beat("a", 0);
  assertEquals(d.beat("a", 15), false);
  assertEquals(d.beat("a", 30.001), true);
});

Deno.test("a silent host goes down within a second of its deadline, not before it", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  d.run(0, 12);
  assertEquals(d.said(), []);
  d.run(12, 13);
  assertEquals(d.said(), ["down a", "missed a"]);
  assertEquals(d.host("a").state, "down");
});

Deno.test("three silent intervals are three missed and three events", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  d.run(0, 30.5);
  assertEquals(d.said(), ["down a", "missed a", "missed a", "missed a"]);
  assertEquals(d.events.map((event) => event.missed), [0, 1, 2, 3]);
  assertEquals(d.host("a").missed, 3);
  assertEquals(d.monitor.totals().missed, 3);
});

Deno.test("with a tolerance over 100 % the missed intervals are told once the deadline is over", () => {
  const d = new Driver(settings(10, 150));
  d.beat("a", 0);
  d.run(0, 25);
  assertEquals(d.said(), []);
  d.run(25, 26);
  assertEquals(d.said(), ["down a", "missed a", "missed a"]);
});

Deno.test("a host that is back is up, with the length of the silence", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  d.run(0, 33);
  assertEquals(d.beat("a", 33), true);
  const up = d.events.at(-1);
  assertEquals([up?.type, up?.silenceMs, up?.missed], ["up", 33_000, 3]);
  assertEquals(d.host("a").state, "up");
  assertEquals(d.monitor.totals().down, 0);
});

Deno.test("a late beat that no tick came before is told as a silence all the same", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  d.beat("a", 35);
  assertEquals(d.said(), ["down a", "missed a", "missed a", "missed a", "up a"]);
});

Deno.test("numbers rise over beats and events alike: silence, then the beat, then up", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  const receipt = taken(d.monitor.receive(beatOf("a"), START_MS + 13_000));
  const numbers = (events = receipt.before) => events.map(({ type, seq }) => [type, seq]);
  assertEquals(numbers(), [["down", 2], ["missed", 3]]);
  assertEquals(receipt.seq, 4);
  assertEquals(numbers(receipt.after), [["up", 5]]);
});

Deno.test("stability is null before the first beat, and counts late and missed after it", () => {
  const d = new Driver(settings(10, 20, { b: {} }));
  assertEquals(d.host("b"), {
    name: "b",
    state: "new",
    total: 0,
    late: 0,
    missed: 0,
    stability: null,
    intervalMs: 10_000,
    graceMs: 2000,
    lastBeatMs: null,
    deadlineMs: null,
    addresses: [],
    reportedIp: null,
    client: null,
    report: null,
    pausedUntilMs: null,
    bar: "",
    rtts: [],
  });
  for (let i = 0; i <= 8; i++) d.beat("a", i * 10);
  d.beat("a", 95);
  // (10 beats - 1 late - 1 missed) / (10 + 1)
  assertEquals(d.host("a").stability, 72.73);
});

Deno.test("a configured host is known before its first beat, and no alarm is raised for it", () => {
  const d = new Driver(settings(10, 20, { b: { intervalMs: 1000 } }));
  d.run(0, 60);
  assertEquals(d.said(), []);
  assertEquals(d.host("b").state, "new");
});

Deno.test("the interval is the message's, else the host's own, else the general one", () => {
  const d = new Driver(settings(10, 20, { own: { intervalMs: 30_000, graceMs: () => 1 } }));
  d.beat("own", 0);
  d.beat("stated", 0, { intervalMs: 60_000 });
  d.beat("both", 0, { intervalMs: 5000 });
  d.beat("none", 0);
  const intervals = ["own", "stated", "both", "none"].map((name) => d.host(name).intervalMs);
  assertEquals(intervals, [30_000, 60_000, 5000, 10_000]);
  assertEquals(d.host("own").graceMs, 1);
});

Deno.test("a host whose messages no longer state an interval follows the general one again", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0, { intervalMs: 60_000 });
  d.beat("a", 30);
  assertEquals(d.host("a").intervalMs, 10_000);
});

Deno.test("downHosts() are those that are down, and no more than asked for", () => {
  const d = new Driver(settings(10));
  for (const name of ["a", "b", "c", "d"]) d.beat(name, 0);
  d.beat("b", 10);
  d.tick(13);
  assertEquals(d.monitor.downHosts(10).map(({ name }) => name), ["a", "c", "d"]);
  assertEquals(d.monitor.downHosts(2).length, 2);
});

Deno.test("an interval that a message makes shorter is watched at once", () => {
  const d = new Driver(settings(1000));
  d.beat("a", 0);
  d.beat("a", 10, { intervalMs: 5000 });
  d.run(10, 16.5);
  assertEquals(d.said(), ["down a", "missed a"]);
});

Deno.test("new settings are watched by from then on", () => {
  const d = new Driver(settings(1000));
  d.beat("a", 0);
  d.monitor.configure(settings(10));
  d.run(0, 13);
  assertEquals(d.said(), ["down a", "missed a"]);
});

Deno.test("an interval made much shorter in a silence counts all it missed but tells only some", () => {
  const d = new Driver(settings(10_000));
  d.beat("a", 0);
  d.monitor.configure(settings(1));
  d.tick(5000);
  assertEquals(d.host("a").missed, 5000);
  assertEquals(d.events.length, 101);
});

Deno.test("a new host over max_hosts is refused and changes nothing; known ones go on", () => {
  const d = new Driver({ ...settings(10), maxHosts: 1 });
  d.beat("a", 0);
  const seq = d.monitor.seq;
  assertEquals(d.monitor.receive(beatOf("b"), START_MS), { outcome: "full" });
  assertEquals(d.monitor.seq, seq);
  assertEquals(d.monitor.totals().hosts, 1);
  assertEquals(d.beat("a", 10), false);
});

Deno.test("addresses are remembered, the latest first, four at most; the reported one beside", () => {
  const d = new Driver(settings(10));
  for (const n of [1, 2, 3, 1, 4, 5]) d.beat("a", n, { ip: `192.0.2.${n}` });
  assertEquals(d.host("a").addresses, ["192.0.2.5", "192.0.2.4", "192.0.2.1", "192.0.2.3"]);
  d.beat("a", 6, { reportedIp: "10.0.0.7" });
  d.beat("a", 7);
  assertEquals(d.host("a").reportedIp, "10.0.0.7");
  assertEquals(d.monitor.totals().lastClient, "192.0.2.1");
});

Deno.test("totals are the sums over all hosts", () => {
  const d = new Driver(settings(10));
  for (const name of ["a", "b", "c"]) d.beat(name, 0);
  d.beat("a", 15);
  d.run(15, 16);
  const { hosts, down, total, late, missed, lastBeatMs } = d.monitor.totals();
  assertEquals({ hosts, down, total, late, missed }, {
    hosts: 3,
    down: 2,
    total: 4,
    late: 1,
    missed: 3,
  });
  assertEquals(lastBeatMs, START_MS + 15_000);
});

Deno.test("a tick looks at no more hosts than it is allowed to, and says when there are more", () => {
  const d = new Driver(settings(10));
  for (let i = 0; i < 10; i++) d.beat(`h${i}`, 0);
  const first = d.monitor.tick(START_MS + 13_000, 4);
  assertEquals([first.events.length, first.more], [8, true]);
  d.tick(13);
  assertEquals(d.events.length, 12);
});

Deno.test("a tick touches only hosts whose deadline may have passed", () => {
  const d = new Driver(settings(10));
  for (let i = 0; i < 50; i++) d.beat(`slow${i}`, 0, { intervalMs: 3_600_000 });
  d.beat("fast", 0);
  // One host may be looked at; were the others touched, there would be more to do.
  assertEquals(d.monitor.tick(START_MS + 13_000, 2).more, false);
  assert(d.host("fast").state === "down");
});

Deno.test("a pause that is over puts the deadline off by as long as it was, and no longer", () => {
  const d = new Driver(settings(1000));
  d.beat("a", 0);
  d.run(0, 500);
  for (const [fromS, toS] of [[500, 510], [600, 603]] as const) {
    const [fromMs, untilMs] = [START_MS + fromS * 1000, START_MS + toS * 1000];
    d.monitor.pause("a", { fromMs, untilMs, reason: "" }, fromMs);
    d.run(fromS, fromS + 100);
  }
  d.run(700, 1213);
  assertEquals(d.said(), []);
  d.run(1213, 1214);
  assertEquals(d.said(), ["down a", "missed a"]);
});
