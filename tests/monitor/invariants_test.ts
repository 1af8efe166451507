/** What must hold for any messages at any times: found by fast-check, not by us. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Monitor, type Receipt } from "../../src/monitor/monitor.ts";
import type { HostSnapshot } from "../../src/monitor/snapshot.ts";
import type { MessageFacts, SeriesPlace } from "../../src/wire/message.ts";
import {
  beatOf,
  bootOf,
  failOf,
  metricsOf,
  noteOf,
  settings,
  shutdownOf,
  START_MS,
  startOf,
} from "./support.ts";

const NAMES = ["a", "b", "c"] as const;

/** What one host sends: its kind, where it stands in a series, and when it says it was sent. */
const message = fc.record({
  host: fc.constantFrom(...NAMES),
  kind: fc.constantFrom(
    ...["beat", "beat", "beat", "boot", "shutdown", "note", "metrics", "start", "done", "fail"],
  ),
  statedS: fc.option(fc.integer({ min: 1, max: 20 })),
  series: fc.option(fc.record({
    bootId: fc.constantFrom("m.1", "m.2", "n.1"),
    seq: fc.integer({ min: 0, max: 60 }),
  })),
  sentMs: fc.option(fc.integer({ min: START_MS, max: START_MS + 600_000 })),
});

/** A history: gaps in milliseconds, each ending in a message or in deaf time. */
const step: fc.Arbitrary<Step> = fc.record({
  gapMs: fc.oneof(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: 400 })),
  what: fc.oneof(
    { weight: 8, arbitrary: message },
    { weight: 1, arbitrary: fc.record({ shiftMs: fc.integer({ min: -60_000, max: 60_000 }) }) },
  ),
});
const history = fc.array(step, { maxLength: 60 });
/** Every twenty seconds, and eight for a run. */
const scheduled = {
  schedule: { text: "x", next: (afterMs: number) => (Math.floor(afterMs / 20_000) + 1) * 20_000 },
  graceMs: () => 8000,
  runLimitMs: 8000,
};
const watch = fc.constantFrom(
  settings(10),
  settings(3, 0),
  settings(5, 150),
  settings("auto"),
  settings(10, 20, { a: scheduled, b: { runLimitMs: 5000 } }),
);

function factsOf({ host, kind, statedS, series, sentMs }: Sent): MessageFacts {
  const origin = { series, sentMs };
  const statedMs = statedS === null ? null : statedS * 1000;
  switch (kind) {
    case "boot":
      return bootOf(host, origin);
    case "shutdown":
      return shutdownOf(host, { ...origin, backInMs: statedMs });
    case "start":
      return startOf(host, "", origin);
    case "fail":
      return failOf(host, "", { ...origin, run: "" });
    case "done":
      return beatOf(host, { ...origin, run: "" });
    case "note":
      return noteOf(host, "a note", origin);
    case "metrics":
      return metricsOf(host, "plugin", {}, origin);
    default:
      return beatOf(host, { ...origin, intervalMs: statedMs });
  }
}

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
      const receipt = monitor.receive(factsOf(what), now);
      said.push(...told(receipt));
      // That it failed is told as such: the interval is missed all the same.
      if (receipt.outcome === "taken" && what.kind === "fail") said.push(`missed ${what.host}`);
      const isGoodbye = receipt.outcome === "taken" && what.kind === "shutdown";
      if (isGoodbye && monitor.host(what.host)?.state === "shutdown") {
        said.push(`goodbye ${what.host}`);
      }
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
  readonly what: Sent | { readonly shiftMs: number };
}

interface Sent {
  readonly host: string;
  readonly kind: string;
  readonly statedS: number | null;
  readonly series: SeriesPlace | null;
  readonly sentMs: number | null;
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
        assertEquals(host.stability === null, host.total === 0);
        assert((host.stability ?? 0) >= 0 && (host.stability ?? 0) <= 100);
        const { lost = 0, lossPct = 0 } = host.client ?? {};
        assert(lost >= 0 && (lossPct ?? 0) >= 0 && (lossPct ?? 0) <= 100);
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

function withoutBar(host: HostSnapshot): Omit<HostSnapshot, "bar"> {
  const { bar: _bar, ...rest } = host;
  return rest;
}

/** A bar without its deaf intervals: where these are between missed ones depends on the ticks. */
function heard(bar: string): string {
  return bar.replaceAll("d", "");
}

Deno.test("the same messages give the same state, however often it was ticked between them", () => {
  fc.assert(fc.property(
    watch,
    history,
    fc.constantFrom(100, 250, 1000, 7777),
    (watchSettings, steps, tickMs) => {
      const unticked = play(watchSettings, steps, 0);
      const ticked = play(watchSettings, steps, tickMs);
      assertEquals(ticked.hosts.map(withoutBar), unticked.hosts.map(withoutBar));
      for (const [i, { bar }] of ticked.hosts.entries()) {
        const [one, other] = [heard(bar), heard(unticked.hosts[i]?.bar ?? "")];
        const length = Math.min(one.length, other.length);
        assertEquals(one.slice(one.length - length), other.slice(other.length - length));
      }
      for (const { name, missed } of ticked.hosts) {
        // Of more than 100 intervals missed in one go only the last are told.
        const isAllTold = missed <= 100;
        const of = (said: string[]) =>
          said.filter((text) =>
            text.endsWith(` ${name}`) && (isAllTold || !text.startsWith("missed"))
          );
        assertEquals(of(ticked.said), of(unticked.said));
      }
    },
  ));
});

Deno.test("every missed interval is told once; down and up take turns, until a goodbye", () => {
  fc.assert(fc.property(watch, history, (watchSettings, steps) => {
    const { hosts, said } = play(watchSettings, steps, 250);
    for (const { name, missed } of hosts) {
      assertEquals(said.filter((text) => text === `missed ${name}`).length, missed);
      let isDown = false;
      for (const text of said.filter((text) => text.endsWith(` ${name}`))) {
        if (/^(down|up) /.test(text)) assertEquals(text, `${isDown ? "up" : "down"} ${name}`);
        if (text.startsWith("down")) isDown = true;
        if (/^(up|goodbye) /.test(text)) isDown = false;
      }
    }
  }));
});
