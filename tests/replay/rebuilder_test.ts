/** The state at any moment is what it was then. */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { createSchedule } from "../../src/config/schedule.ts";
import { parseLine } from "../../src/journal/line.ts";
import type { HostSettings } from "../../src/monitor/settings.ts";
import { PastState } from "../../src/replay/past_state.ts";
import { Rebuilder } from "../../src/replay/rebuilder.ts";
import { watchSettings } from "../monitor/alerts/support.ts";
import { live, Lived, shown, steps } from "./support.ts";

const WATCH = {
  ...watchSettings({
    intervalS: 10,
    graceS: 2,
    incidentHosts: 3,
    flapThreshold: 4,
    thresholds: new Map([["cpu", new Map([["load", { warning: 80 }]])]]),
  }),
  intervalMs: "auto" as const,
  hosts: new Map<string, HostSettings>([
    ["c", { intervalMs: 5000, runLimitMs: 9000 }],
    // Its deadline is of the calendar.
    ["d", {
      schedule: createSchedule("* * * * *", "UTC"),
      runLimitMs: 9000,
      graceMs: () => 4000,
    }],
  ]),
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

/** A past of some megabytes: three hosts, of which each is silent now and then. */
function longPast(): Lived {
  const lived = new Lived(WATCH);
  for (let n = 0; lived.lines.length < 14_000; n++) {
    for (const [i, name] of ["a", "b", "c"].entries()) {
      if (n % (40 + 7 * i) > 30) continue;
      lived.send({ ID: "HTB", name, time: lived.nowMs / 1000, interval: 5, run: `run-${n}` });
    }
    lived.pass(5000);
    if (n % 50 === 0) lived.look();
    lived.nowMs++;
  }
  return lived;
}

Deno.test("marks on the way lead to the same states, take little room, and end in no other", async () => {
  const lived = longPast();
  await inFolder(async (dir) => {
    await Deno.writeTextFile(join(dir, "j"), lived.text);
    const rebuilder = new Rebuilder({ dir, file: "j" }, WATCH, 1);
    await rebuilder.at(lived.nowMs);
    const { count, bytes } = rebuilder.marks();
    assert(count >= 2 && bytes < 100_000, `${count} marks, ${bytes} bytes`);
    for (const moment of lived.moments.toReversed()) {
      const { state } = await rebuilder.at(moment.atMs);
      assertEquals(shown(state.monitor, moment.atMs), { ...moment, seq: state.seq });
    }
  });
});

Deno.test("files that are rotated while they are read are read to their end", async () => {
  const lived = longPast();
  await inFolder(async (dir) => {
    const third = Math.floor(lived.lines.length / 3);
    const parts = [0, 1, 2].map((n) => lived.lines.slice(n * third, (n + 1) * third).join(""));
    const path = join(dir, "j");
    for (const [n, name] of ["j.2", "j.1", "j"].entries()) {
      await Deno.writeTextFile(join(dir, name), parts[n] ?? "");
    }
    let reads = 0;
    const { state } = await new Rebuilder({ dir, file: "j" }, WATCH).at(lived.nowMs, {
      async onRead() {
        if (++reads !== 1) return;
        await Deno.remove(`${path}.2`);
        await Deno.rename(`${path}.1`, `${path}.2`);
        await Deno.rename(path, `${path}.1`);
        await Deno.writeTextFile(path, "");
      },
    });
    assert(reads >= 3);
    const whole = new PastState(WATCH);
    for (const line of lived.lines.slice(0, 3 * third)) whole.apply(parseLine(line.trimEnd()));
    assertEquals(shown(state.monitor, lived.nowMs), shown(whole.monitor, lived.nowMs));
  });
});

Deno.test("where the journal begins later, what was there before is known as far as it tells", async () => {
  const lived = new Lived(watchSettings({ incidentHosts: 0 }));
  const all = ["down", "quiet", "late", "steady"];
  for (const name of all) lived.send({ ID: "HTB", name, interval: name === "quiet" ? 9000 : 10 });
  lived.pass(5000);
  const first = lived.lines.length;
  lived.send({ ID: "HTB", name: "steady", interval: 10 });
  lived.pass(8000);
  // Late: `late` has fallen silent at 12 s, and is back.
  lived.send({ ID: "HTB", name: "late", interval: 10 });
  lived.send({ ID: "HTB", name: "steady", interval: 10 });
  lived.look();
  await inFolder(async (dir) => {
    await Deno.writeTextFile(join(dir, "j"), lived.lines.slice(first).join(""));
    const rebuilder = new Rebuilder({ dir, file: "j" }, watchSettings({ incidentHosts: 0 }));
    const { state } = await rebuilder.at(lived.nowMs);
    assertEquals(state.isWhole, false);
    assertEquals(state.sinceMs, lived.nowMs - 8000);
    assertEquals([...state.older].sort(), ["down", "late"]);
    const states = state.monitor.hosts(0, 9).map(({ name, state }) => `${name} ${state}`).sort();
    assertEquals(states, ["down down", "late up", "steady up"]);
    const [moment] = lived.moments;
    const known = (name: string) => moment?.hosts.find((host) => host.name === name);
    assertEquals(state.monitor.host("down")?.state, known("down")?.state);
    assertEquals(state.monitor.host("steady")?.deadlineMs, known("steady")?.deadlineMs);
  });
});

Deno.test("a moment at which the server did not listen is told as such", async () => {
  const lived = new Lived(WATCH);
  lived.send({ ID: "HTB", name: "a" });
  lived.pass(2000);
  const stoppedMs = lived.nowMs;
  lived.deaf(3_600_000);
  await inFolder(async (dir) => {
    await Deno.writeTextFile(join(dir, "j"), lived.text);
    const rebuilder = new Rebuilder({ dir, file: "j" }, WATCH);
    const isListening = async (atMs: number) => (await rebuilder.at(atMs)).isListening;
    assertEquals(await isListening(stoppedMs - 1000), true);
    assertEquals(await isListening(stoppedMs + 1000), false);
    assertEquals(await isListening(lived.nowMs), true);
  });
});
