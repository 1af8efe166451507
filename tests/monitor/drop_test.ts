/** A host that somebody drops is gone wholly, and nothing of it is left to whoever takes its row. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { FreeRows } from "../../src/monitor/free_rows.ts";
import { Monitor } from "../../src/monitor/monitor.ts";
import { Watchman, watchSettings } from "./alerts/support.ts";
import { beatOf, Driver, metricsOf, place, settings, START_MS } from "./support.ts";

const ms = (atS: number) => START_MS + atS * 1000;

Deno.test("nothing is known of a dropped host, and when it beats it is a new one", () => {
  const d = new Driver(settings(10));
  for (let n = 0; n < 5; n++) d.beat("a", n * 10, { rttMs: 5, ...place("m.1", n) });
  d.beat("a", 60, place("m.1", 9));
  d.send(metricsOf("a", "p", { n: 1 }), 61);
  d.monitor.pause("a", { fromMs: ms(61), untilMs: null, reason: "" }, ms(61));
  assertEquals(d.monitor.drop("a", ms(62)), true);
  assertEquals(d.monitor.host("a"), null);
  assertEquals(d.monitor.history.samples("a", "p", 10), null);
  assertEquals(d.monitor.hours.of("a", ms(62)), []);
  assertEquals(d.monitor.drop("a", ms(62)), false);
  d.beat("a", 70);
  const fresh = new Driver(settings(10));
  fresh.beat("a", 70);
  assertEquals(d.host("a"), fresh.host("a"));
  d.run(70, 101);
  assertEquals(d.host("a").missed, 3);
});

Deno.test("a dropped host is not reported, not even one that had gone down or was about to", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  d.beat("b", 0);
  d.run(0, 11);
  d.monitor.drop("a", ms(11));
  d.run(11, 15);
  d.monitor.drop("b", ms(15));
  d.run(15, 100);
  assertEquals(d.said(), ["down b", "missed b"]);
});

Deno.test("hosts and states count without the dropped one, the sums keep what it had counted", () => {
  const d = new Driver(settings(10, 20, { named: {} }));
  for (const host of ["a", "b", "named"]) d.beat(host, 0);
  d.run(0, 25);
  d.beat("b", 25);
  const { total, late, missed } = d.monitor.totals();
  d.monitor.drop("a", ms(26));
  d.monitor.drop("named", ms(26));
  const totals = d.monitor.totals();
  assertEquals(totals.hosts, 2);
  assertEquals(totals.states, { new: 1, up: 1, down: 0, shutdown: 0, paused: 0 });
  assertEquals([totals.total, totals.late, totals.missed], [total, late, missed]);
  assertEquals(d.host("named").state, "new");
  assertEquals(d.host("named").total, 0);
});

Deno.test("a dropped host makes room for another one under max_hosts, in its row", () => {
  const monitor = new Monitor({ ...settings(10), maxHosts: 3 });
  for (const host of ["a", "b", "c"]) monitor.receive(beatOf(host), START_MS);
  assertEquals(monitor.receive(beatOf("d"), START_MS).outcome, "full");
  monitor.drop("b", START_MS);
  assertEquals(monitor.receive(beatOf("d"), START_MS).outcome, "taken");
  assertEquals(monitor.receive(beatOf("b"), START_MS).outcome, "full");
  assertEquals(monitor.hosts(0, 10).map(({ name }) => name), ["a", "d", "c"]);
  assertEquals(monitor.hours.rows, 3);
});

Deno.test("listings pass over dropped hosts, by number and by place", () => {
  fc.assert(fc.property(
    fc.array(fc.tuple(fc.boolean(), fc.nat(30)), { maxLength: 60 }),
    fc.integer({ min: 1, max: 7 }),
    (steps, slice) => {
      const monitor = new Monitor(settings(10));
      const there = new Set<string>();
      for (const [isDrop, n] of steps) {
        if (isDrop) assertEquals(monitor.drop(`h${n}`, START_MS), there.delete(`h${n}`));
        else {
          monitor.receive(beatOf(`h${n}`), START_MS);
          there.add(`h${n}`);
        }
      }
      const all = monitor.hosts(0, 100).map(({ name }) => name);
      assertEquals(new Set(all), there);
      assertEquals(all.length, there.size);
      const byNumber: string[] = [];
      for (let first = 0; first < all.length; first += slice) {
        byNumber.push(...monitor.hosts(first, slice).map(({ name }) => name));
      }
      assertEquals(byNumber, all);
      assertEquals(monitor.hosts(all.length, slice), []);
      const byPlace: string[] = [];
      for (let from: number | null = 0; from !== null;) {
        const { hosts, next } = monitor.hostsFrom(from, slice);
        byPlace.push(...hosts.map(({ name }) => name));
        from = next;
      }
      assertEquals(byPlace, all);
    },
  ));
});

Deno.test("a listing by place has every host that stays, whatever is dropped meanwhile", () => {
  const monitor = new Monitor(settings(10));
  for (let n = 0; n < 20; n++) monitor.receive(beatOf(`h${n}`), START_MS);
  const seen: string[] = [];
  for (let from: number | null = 0; from !== null;) {
    const { hosts, next } = monitor.hostsFrom(from, 3);
    seen.push(...hosts.map(({ name }) => name));
    monitor.drop(seen[0] ?? "", START_MS);
    monitor.drop(`h${19 - seen.length}`, START_MS);
    from = next;
  }
  for (const { name } of monitor.hosts(0, 20)) assert(seen.includes(name), name);
});

Deno.test("the n-th row that is not free is found, whichever rows are", () => {
  fc.assert(fc.property(fc.uniqueArray(fc.nat(40)), (free) => {
    const rows = new FreeRows();
    for (const row of free) rows.add(row);
    const live = Array.from({ length: 60 }, (_, row) => row).filter((row) => !free.includes(row));
    live.forEach((row, n) => assertEquals(rows.rowAt(n), row));
    const again = free.map(() => rows.take() ?? -1);
    assertEquals(again.sort((a, b) => a - b), free.toSorted((a, b) => a - b));
    assertEquals([rows.take(), rows.size], [undefined, 0]);
  }));
});

Deno.test("alerts of a dropped host end without a word, those of others go on", () => {
  const w = new Watchman(watchSettings({ incidentHosts: 0 }));
  w.beat("a");
  w.beat("b");
  w.until(20);
  assertEquals(w.told().length, 2);
  w.events.length = 0;
  w.say((monitor, nowMs) => monitor.drop("a", nowMs));
  assertEquals(w.events.map(({ type }) => type), ["drop", "alert"]);
  assertEquals([...w.monitor.alerts?.active() ?? []].map(({ host }) => host), ["b"]);
  w.beat("a");
  w.until(21);
  assertEquals(w.told(), []);
});

Deno.test("a host that is held back for a moment is not told of once it is dropped", () => {
  const w = new Watchman(watchSettings({ incidentHosts: 0 }));
  w.beat("a");
  w.until(12.25);
  assertEquals(w.monitor.host("a")?.state, "down");
  w.say((monitor, nowMs) => monitor.drop("a", nowMs));
  w.beat("another");
  w.until(14);
  assertEquals(w.told(), []);
});

Deno.test("an incident goes on without the hosts that were dropped, and ends with the last one", () => {
  const w = new Watchman();
  const names = Array.from({ length: 10 }, (_, n) => `h${n}`);
  for (const name of names) w.beat(name);
  w.until(20);
  assertEquals(w.told().length, 1);
  for (const name of names.slice(0, 7)) w.say((monitor, nowMs) => monitor.drop(name, nowMs));
  const [incident] = [...w.monitor.alerts?.active() ?? []];
  assert(incident?.evidence.kind === "incident");
  const { total, down, hosts } = incident.evidence;
  assertEquals([total, down, hosts.length], [3, 3, 3]);
  for (const name of names.slice(7)) w.beat(name);
  w.until(21);
  assertEquals(w.told().length, 2);
  assert(w.told()[1]?.includes("all 3 are back"), w.told()[1]);
});

Deno.test("an incident of which every host was dropped ends without a word", () => {
  const w = new Watchman();
  const names = Array.from({ length: 10 }, (_, n) => `h${n}`);
  for (const name of names) w.beat(name);
  w.until(20);
  for (const name of names) w.say((monitor, nowMs) => monitor.drop(name, nowMs));
  w.until(200);
  assertEquals(w.told().length, 1);
  assertEquals([...w.monitor.alerts?.active() ?? []], []);
});

Deno.test("new settings of a few hosts are in force, those of others are looked at no more", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  d.beat("b", 0);
  d.tick(1);
  const hosts = { a: { intervalMs: 2000 }, added: {} };
  d.monitor.configure(settings(10, 20, hosts), ["a", "added", "unknown"]);
  d.run(1, 6);
  assertEquals(d.said(), ["down a", "missed a", "missed a"]);
  assertEquals([d.host("added").state, d.monitor.host("unknown")], ["new", null]);
  d.monitor.configure(settings(10, 20, { ...hosts, b: { intervalMs: 100_000 } }), ["b"]);
  d.run(6, 90);
  assertEquals(d.host("b").state, "up");
});

Deno.test("alerts of a host whose settings have changed are looked at again, at once", () => {
  let channels: readonly string[] = [];
  const watch = watchSettings({ incidentHosts: 0, audienceOf: () => channels });
  const w = new Watchman(watch);
  w.beat("a");
  w.beat("b");
  w.until(20);
  assertEquals(w.told(), []);
  channels = ["ops"];
  w.monitor.configure(watch, ["a"]);
  w.until(21);
  assertEquals(w.notifications().map(({ host }) => host), ["a"]);
});
