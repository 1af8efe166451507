/** The samples of plugins: in order of time, bounded, each once. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { MetricsHistory, type SampleRecord } from "../../src/monitor/history.ts";
import { Driver, metricsOf, place, settings, START_MS } from "./support.ts";

/** A sample measured at `atMs` by both clocks. */
const sample = (atMs: number) => ({ atMs, clientMs: atMs, text: `{"n":${atMs}}` });

const times = (history: MetricsHistory, limit = 1000) =>
  history.samples("a", "p", limit)?.map(({ atMs }) => atMs);

Deno.test("samples come back the newest first, as many as asked for, in whatever order they came", () => {
  const history = new MetricsHistory();
  for (const atMs of [30, 10, 20, 50, 40]) assert(history.add("a", "p", sample(atMs), 10));
  assertEquals(times(history), [50, 40, 30, 20, 10]);
  assertEquals(times(history, 2), [50, 40]);
  assertEquals(history.samples("a", "p", 1), [sample(50)]);
  assertEquals(history.plugins("a"), [{ plugin: "p", newest: sample(50), count: 5 }]);
});

Deno.test("of unknown hosts and plugins there are none", () => {
  const history = new MetricsHistory();
  history.add("a", "p", sample(1), 10);
  assertEquals(history.samples("a", "q", 10), null);
  assertEquals(history.samples("b", "p", 10), null);
  assertEquals(history.plugins("b"), []);
});

Deno.test("a sample that is there already is not kept again", () => {
  const history = new MetricsHistory();
  assertEquals(history.add("a", "p", sample(10), 10), true);
  assertEquals(history.add("a", "p", { ...sample(10), atMs: 12 }, 10), false);
  assertEquals(history.add("a", "q", sample(10), 10), true);
  assertEquals(history.add("b", "p", sample(10), 10), true);
  assertEquals(times(history), [10]);
});

Deno.test("two samples of the same moment that say something else are two", () => {
  const history = new MetricsHistory();
  assertEquals(history.add("a", "p", sample(10), 10), true);
  assertEquals(history.add("a", "p", { ...sample(10), text: "{}" }, 10), true);
  assertEquals(times(history), [10, 10]);
});

Deno.test("samples of one host and of all are bounded in size; the newest of a plugin stays", () => {
  const history = new MetricsHistory();
  const large = (host: string, n: number) =>
    history.add(host, "p", { atMs: n, clientMs: n, text: "x".repeat(1 << 20) }, 1000);
  const sizes = Array.from({ length: 40 }, (_, host) => {
    for (let n = 1; n <= 10; n++) large(`host-${host}`, n);
    return history.samples(`host-${host}`, "p", 1000)?.map(({ atMs }) => atMs) ?? [];
  });
  assertEquals(sizes[0], [10, 9, 8, 7, 6, 5, 4]);
  const all = sizes.reduce((sum, kept) => sum + kept.length, 0);
  assert(all > 180 && all <= 192, `${all} MiB are kept`);
  assertEquals(history.plugins("host-39"), []);
});

Deno.test("the newest are kept: an older one makes room, one older than all is not kept", () => {
  const history = new MetricsHistory();
  for (const atMs of [10, 20, 30]) history.add("a", "p", sample(atMs), 3);
  assertEquals(history.add("a", "p", sample(25), 3), true);
  assertEquals(times(history), [30, 25, 20]);
  assertEquals(history.add("a", "p", sample(5), 3), true);
  assertEquals(times(history), [30, 25, 20]);
});

Deno.test("a smaller limit takes effect with the next sample", () => {
  const history = new MetricsHistory();
  for (let atMs = 1; atMs <= 20; atMs++) history.add("a", "p", sample(atMs), 20);
  history.add("a", "p", sample(21), 3);
  assertEquals(times(history), [21, 20, 19]);
});

Deno.test("a host has 64 plugins at most; those it has go on", () => {
  const history = new MetricsHistory();
  for (let n = 0; n < 70; n++) history.add("a", `p${n}`, sample(1), 10);
  assertEquals(history.plugins("a").length, 64);
  assertEquals(history.samples("a", "p69", 10), null);
  history.add("a", "p63", sample(2), 10);
  assertEquals(history.samples("a", "p63", 10)?.length, 2);
  history.add("b", "p69", sample(1), 10);
  assertEquals(history.plugins("b").length, 1);
});

Deno.test("whatever comes, it is what sorting and cutting would give; the store ends up with it", () => {
  const limit = 5;
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 60 }),
    fc.integer({ min: 1, max: 9 }),
    (atTimes, every) => {
      const history = new MetricsHistory();
      const store = new Map<number, SampleRecord>();
      const save = () => history.takeChanged().forEach((record) => store.set(record.slot, record));
      let expected: number[] = [];
      atTimes.forEach((atMs, i) => {
        const isNew = !expected.includes(atMs);
        assertEquals(history.add("a", "p", sample(atMs), limit), isNew);
        if (isNew) expected = [...expected, atMs].sort((a, b) => b - a).slice(0, limit);
        assertEquals(times(history) ?? [], expected);
        if (i % every === 0) save();
      });
      save();
      assert([...store.keys()].every((slot) => slot < limit), "A slot beyond the limit");
      const again = new MetricsHistory();
      for (const record of store.values()) again.restore(record);
      assertEquals(times(again) ?? [], expected);
      again.add("a", "p", sample(100), limit);
      assertEquals(times(again), [100, ...expected].slice(0, limit));
      assert(again.takeChanged().every(({ slot }) => slot < limit), "A slot beyond the limit");
    },
  ));
});

Deno.test("changes that could not be saved come again, unless there is something newer", () => {
  const history = new MetricsHistory();
  history.add("a", "p", sample(1), 1);
  const failed = history.takeChanged();
  assertEquals(history.takeChanged(), []);
  history.putBackChanged(failed);
  assertEquals(history.takeChanged(), failed);
  history.add("a", "p", sample(2), 1);
  history.putBackChanged(failed);
  assertEquals(history.takeChanged().map(({ atMs }) => atMs), [2]);
});

Deno.test("a sample from the spool stands at the time it was measured, by the server's clock", () => {
  const d = new Driver(settings(10));
  // The client's clock is an hour fast; it measured at 100 and sent at 500.
  const fast = (atS: number) => START_MS + (3600 + atS) * 1000;
  const more = { sentMs: fast(500), happenedMs: fast(100), ...place("m.1", 1) };
  d.send(metricsOf("a", "p", { n: 1 }, more), 500);
  d.send(metricsOf("a", "p", { n: 2 }, { sentMs: fast(490) }), 490);
  assertEquals(d.monitor.history.samples("a", "p", 9), [
    { atMs: START_MS + 490_000, clientMs: fast(490), text: '{"n":2}' },
    { atMs: START_MS + 100_000, clientMs: fast(100), text: '{"n":1}' },
  ]);
});
