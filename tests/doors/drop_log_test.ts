/** Drops are counted one by one, and told at most once a minute for each source. */

import { assertEquals } from "@std/assert";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { DropLog } from "../../src/doors/drop_log.ts";

/** Runs `work` with a clock and the sources that were told of so far. */
async function withLog(
  work: (log: DropLog, clock: { nowMs: number }, told: () => unknown[]) => void,
): Promise<void> {
  const records: LogRecord[] = [];
  await configure({
    sinks: { memory: (record) => void records.push(record) },
    loggers: [
      { category: "hbd", sinks: ["memory"] },
      { category: ["logtape", "meta"], lowestLevel: "fatal", sinks: ["memory"] },
    ],
  });
  try {
    const clock = { nowMs: 1_777_000_000_000 };
    const told = () => records.map(({ properties }) => properties.source);
    work(new DropLog(() => clock.nowMs), clock, told);
  } finally {
    await reset();
  }
}

Deno.test("all drops are counted by their reason", () =>
  withLog((log) => {
    for (let n = 0; n < 5; n++) log.drop("not_json", "192.0.2.1");
    log.drop("stale", "192.0.2.1");
    log.add("stale", 10);
    assertEquals(log.counts(), { not_json: 5, stale: 11 });
  }));

Deno.test("a source is told of once a minute, each source for itself", () =>
  withLog((log, clock, told) => {
    for (let n = 0; n < 600; n++) {
      log.drop("not_json", "a");
      log.drop(n % 2 === 0 ? "stale" : "bad_id", "b");
      clock.nowMs += 100;
    }
    assertEquals(told(), ["a", "b"]);
    log.drop("not_json", "a");
    assertEquals(told(), ["a", "b", "a"]);
  }));

Deno.test("a clock that is set back does not silence a source for long", () =>
  withLog((log, clock, told) => {
    log.drop("not_json", "a");
    clock.nowMs -= 3_600_000;
    log.drop("not_json", "a");
    log.drop("not_json", "a");
    assertEquals(told(), ["a", "a"]);
  }));

Deno.test("a flood from forged addresses tells of 1000 a minute, and still counts every one", () =>
  withLog((log, clock, told) => {
    for (let n = 0; n < 5000; n++) log.drop("not_json", `source ${n}`);
    assertEquals([told().length, log.counts()], [1000, { not_json: 5000 }]);
    clock.nowMs += 60_000;
    log.drop("not_json", "a");
    assertEquals(told().length, 1001);
  }));
