/** The state at any moment is what it was then. */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { parseLine } from "../../src/journal/line.ts";
import { PastState } from "../../src/replay/past_state.ts";
import { Rebuilder } from "../../src/replay/rebuilder.ts";
import { watchSettings } from "../monitor/alerts/support.ts";
import { live, shown, steps } from "./support.ts";

const WATCH = {
  ...watchSettings({
    intervalS: 10,
    graceS: 2,
    incidentHosts: 3,
    flapThreshold: 4,
    thresholds: new Map([["cpu", new Map([["load", { warning: 80 }]])]]),
  }),
  intervalMs: "auto" as const,
  hosts: new Map([["c", { intervalMs: 5000, runLimitMs: 9000 }]]),
};

async function inFolder(what: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await what(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("the state at any moment of any past is what was shown then", async () => {
  let looked = 0;
  await inFolder(async (dir) => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.infiniteStream(fc.nat()),
        async (steps, order) => {
          const lived = live(WATCH, steps);
          await Deno.writeTextFile(join(dir, "j"), lived.text);
          const rebuilder = new Rebuilder({ dir, file: "j" }, WATCH);
          const sorted = lived.moments.map((moment) => ({ moment, key: order.next().value ?? 0 }))
            .sort((a, b) => a.key - b.key);
          for (const { moment } of sorted.slice(0, 12)) {
            const { state } = await rebuilder.at(moment.atMs);
            const { seq: _seq, ...found } = shown(state.monitor, moment.atMs, lived.paused);
            const { seq: _other, hosts, ...wanted } = moment;
            const known = hosts.map((host) => ({
              ...host,
              deadlineMs: lived.paused.has(host.name) ? null : host.deadlineMs,
            }));
            assertEquals(found, { ...wanted, hosts: known });
            looked++;
            assert(state.isWhole || state.sinceMs === null);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
  assert(looked > 1000);
});

Deno.test("a state that was packed goes on as the one that it was made of", () => {
  fc.assert(
    fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (steps, part) => {
      const lived = live(WATCH, steps);
      const records = lived.lines.map((line) => parseLine(line.trimEnd()));
      const whole = new PastState(WATCH);
      let packed = new PastState(WATCH);
      const at = Math.floor(part * records.length);
      for (const [n, record] of records.entries()) {
        whole.apply(record);
        packed.apply(record);
        if (n === at) packed = PastState.unpack(packed.pack(), WATCH);
      }
      const [a, b] = [shown(packed.monitor, lived.nowMs), shown(whole.monitor, lived.nowMs)];
      assertEquals(a, b);
    }),
    { numRuns: 300 },
  );
});
