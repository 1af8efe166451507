/** What must hold for any messages at any times: found by fast-check, not by us. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Monitor, type Receipt } from "../../src/monitor/monitor.ts";
import type { HostSnapshot } from "../../src/monitor/snapshot.ts";
import { beatOf, settings, START_MS } from "./support.ts";

const NAMES = ["a", "b", "c"] as const;

/** A history: gaps in milliseconds, each ending in a beat or in deaf time. */
const step = fc.record({
  gapMs: fc.oneof(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: 400 })),
  what: fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        host: fc.constantFrom(...NAMES),
        statedS: fc.option(fc.integer({ min: 1, max: 20 })),
      }),
    },
    { weight: 1, arbitrary: fc.record({ shiftMs: fc.integer({ min: -60_000, max: 60_000 }) }) },
  ),
});
const history = fc.array(step, { maxLength: 60 });
const watch = fc.constantFrom(settings(10), settings(3, 0), settings(5, 150), settings("auto"));

function told(receipt: Receipt): string[] {
  const events = receipt.outcome === "taken" ? [...receipt.before, ...receipt.after] : [];
  return events.map(({ type, host }) => `${type} ${host}`);
}

/** Plays a history with a tick every `tickMs` (none when 0); `look` sees the monitor after each step. */
function play(
  watchSettings: ReturnType<typeof settings>,
  steps: readonly Step[],
  tickMs: number,
  look: (monitor: Monitor) => void = () => {},
): { hosts: HostSnapshot[]; said: string[] } {
  const monitor = new Monitor(watchSettings);
  const said: string[] = [];
  let now = START_MS;
  for (const { gapMs, what } of steps) {
    const end = now + gapMs;
    for (let at = now + tickMs; tickMs > 0 && at < end; at += tickMs) {
      for (const event of monitor.tick(at, 1000).events) said.push(`${event.type} ${event.host}`);
    }
    now = end;
    if ("shiftMs" in what) {
      now += what.shiftMs;
      monitor.deaf({ shiftMs: what.shiftMs, beatsLost: what.shiftMs > 2000 }, now);
    } else {
      const intervalMs = what.statedS === null ? null : what.statedS * 1000;
      const receipt = monitor.receive(beatOf(what.host, { intervalMs }), now);
      said.push(...told(receipt));
    }
    look(monitor);
  }
  // A last beat of each brings all of them up to the same moment, to the millisecond.
  for (const { name } of monitor.hosts(0, 10)) {
    const receipt = monitor.receive(beatOf(name), now + 1000);
    said.push(...told(receipt));
  }
  return { hosts: monitor.hosts(0, 10), said };
}

interface Step {
  readonly gapMs: number;
  readonly what:
    | { readonly host: string; readonly statedS: number | null }
    | { readonly shiftMs: number };
}

Deno.test("counters never fall, stability stays within 0..100, totals are sums", () => {
  fc.assert(fc.property(watch, history, (watchSettings, steps) => {
    let before = { total: 0, late: 0, missed: 0 };
    play(watchSettings, steps, 250, (monitor) => {
      const totals = monitor.totals();
      assert(totals.total >= before.total);
      assert(totals.late >= before.late);
      assert(totals.missed >= before.missed);
      before = totals;
      let [total, late, missed, down] = [0, 0, 0, 0];
      for (const host of monitor.hosts(0, 10)) {
        assert(host.stability !== null && host.stability >= 0 && host.stability <= 100);
        total += host.total;
        late += host.late;
        missed += host.missed;
        down += host.state === "down" ? 1 : 0;
      }
      assertEquals([total, late, missed, down], [
        totals.total,
        totals.late,
        totals.missed,
        totals.down,
      ]);
    });
  }));
});

Deno.test("the same messages give the same state, however often it was ticked between them", () => {
  fc.assert(fc.property(
    watch,
    history,
    fc.constantFrom(100, 250, 1000, 7777),
    (watchSettings, steps, tickMs) => {
      const unticked = play(watchSettings, steps, 0);
      const ticked = play(watchSettings, steps, tickMs);
      assertEquals(ticked.hosts, unticked.hosts);
      for (const name of NAMES) {
        const of = (said: string[]) => said.filter((text) => text.endsWith(` ${name}`));
        assertEquals(of(ticked.said), of(unticked.said));
      }
    },
  ));
});

Deno.test("every missed interval is told by one event, and down and up take turns", () => {
  fc.assert(fc.property(watch, history, (watchSettings, steps) => {
    const { hosts, said } = play(watchSettings, steps, 250);
    for (const { name, missed } of hosts) {
      assertEquals(said.filter((text) => text === `missed ${name}`).length, missed);
      const turns = said.filter((text) => /^(down|up) /.test(text) && text.endsWith(` ${name}`));
      turns.forEach((text, i) => assertEquals(text, `${i % 2 === 0 ? "down" : "up"} ${name}`));
    }
  }));
});
