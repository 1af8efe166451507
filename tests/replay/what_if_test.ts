/** Another configuration on the same past. */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { createSchedule } from "../../src/config/schedule.ts";
import type { HostSettings, WatchSettings } from "../../src/monitor/settings.ts";
import { type WhatIf, whatIf } from "../../src/replay/what_if.ts";
import { START_MS, type Wanted, watchSettings } from "../monitor/alerts/support.ts";
import { live, Lived, steps } from "./support.ts";

const ALL = { sinceMs: 0, untilMs: Infinity };

/** As hosts of these tests are watched. */
function settings(wanted: Wanted): WatchSettings {
  return watchSettings({ intervalS: 10, incidentHosts: 0, ...wanted });
}

async function tried(text: string, settings: WatchSettings, window = ALL): Promise<WhatIf> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(dir, "j"), text);
    return await whatIf({ dir, file: "j" }, settings, window);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function beats(lived: Lived, host: string, count: number): void {
  for (let n = 0; n < count; n++) {
    lived.send({ ID: "HTB", name: host, time: lived.nowMs / 1000 });
    lived.pass(10_000);
  }
}

const verdicts = ({ alerts }: WhatIf) => alerts.map(({ verdict, text }) => `${verdict} ${text}`);

Deno.test("the configuration that there was raises the alerts that there were, on any past", async () => {
  const was = {
    ...settings({ thresholds: new Map([["cpu", new Map([["load", { warning: 80 }]])]]) }),
    hosts: new Map<string, HostSettings>([
      ["c", { intervalMs: 5000, runLimitMs: 9000 }],
      ["d", { schedule: createSchedule("* * * * *", "UTC"), graceMs: () => 4000 }],
    ]),
  };
  let alerts = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      const lived = live(was, steps);
      const found = await tried(lived.text, was);
      // What is over within a moment depends on when the server looks; it waits 2 s before it tells.
      const others = found.alerts.filter(({ verdict, endedMs, sinceMs }) =>
        verdict !== "same" && (endedMs ?? found.untilMs ?? 0) - sinceMs > 3000
      );
      assertEquals(others, []);
      for (const { downWasMs, downWouldBeMs } of found.hosts) {
        assert(Math.abs(downWasMs - downWouldBeMs) < 600 * (found.alerts.length + 1));
      }
      alerts += found.alerts.length;
    }),
    { numRuns: 200 },
  );
  assert(alerts > 100);
});

Deno.test("a shorter grace has new alerts, a longer one lacks those that were", async () => {
  const lived = new Lived(settings({ graceS: 20 }));
  beats(lived, "a", 5);
  lived.pass(10_000);
  beats(lived, "a", 5);
  lived.pass(60_000);
  beats(lived, "a", 5);
  const was = await tried(lived.text, settings({ graceS: 20 }));
  assertEquals(verdicts(was).length, 1);
  assert(verdicts(was)[0]?.startsWith("same a - no heartbeat for 30"));
  const strict = await tried(lived.text, settings({ graceS: 5 }));
  assertEquals(strict.alerts.map(({ verdict }) => verdict), ["new", "same"]);
  const [host] = strict.hosts;
  assertEquals([host?.name, host?.alertsWere, host?.alertsWouldBe], ["a", 1, 2]);
  assert(host !== undefined && host.downWouldBeMs > host.downWasMs);
  const mild = await tried(lived.text, settings({ graceS: 300 }));
  assertEquals(mild.alerts.map(({ verdict }) => verdict), ["gone"]);
  assertEquals(mild.hosts.map(({ downWouldBeMs }) => downWouldBeMs), [0]);
});

Deno.test("time in which the server was deaf is nobody's fault under any configuration", async () => {
  const lived = new Lived(settings({ graceS: 2 }));
  beats(lived, "a", 5);
  lived.deaf(7_200_000);
  // Some lines of these the disk refused: of an hour nothing is known.
  beats(lived, "a", 400);
  const kept = lived.lines.filter((_, n) => n < 20 || n > 380).join("");
  const found = await tried(kept, settings({ graceS: 1 }));
  assertEquals(verdicts(found), []);
  assert(found.lost > 300);
});

Deno.test("only the time asked about is told, though what came before is known", async () => {
  const lived = new Lived(settings({ graceS: 2 }));
  beats(lived, "a", 5);
  lived.pass(60_000);
  beats(lived, "a", 50);
  const sinceMs = lived.nowMs;
  beats(lived, "a", 5);
  lived.pass(120_000);
  const untilMs = lived.nowMs;
  beats(lived, "a", 5);
  lived.pass(60_000);
  beats(lived, "a", 5);
  const was = settings({ graceS: 2 });
  const found = await tried(lived.text, was, { sinceMs, untilMs });
  assertEquals(found.alerts.map(({ verdict }) => verdict), ["same"]);
  assertEquals([found.sinceMs, found.untilMs], [sinceMs, untilMs]);
  const [host] = found.hosts;
  assert(host !== undefined && host.downWouldBeMs > 100_000 && host.downWouldBeMs < 120_000);
  const before = await tried(lived.text, was, { sinceMs: 0, untilMs: START_MS - 1 });
  assertEquals([before.alerts, before.records], [[], 0]);
});

Deno.test("hosts that were told of as an incident were told of, one by one or not", async () => {
  const many = settings({ graceS: 2, incidentHosts: 3 });
  const lived = new Lived(many);
  for (let n = 0; n < 20; n++) {
    for (const name of ["a", "b", "c", "d"]) {
      if (n < 5 || n > 14) lived.send({ ID: "HTB", name, time: lived.nowMs / 1000 });
    }
    lived.pass(10_000);
  }
  const one = await tried(lived.text, settings({ graceS: 2 }));
  assertEquals(one.alerts.map(({ verdict, host }) => `${verdict} ${host}`).sort(), [
    "same a",
    "same b",
    "same c",
    "same d",
  ]);
  const all = await tried(lived.text, many);
  assertEquals(all.alerts.map(({ kind, verdict }) => `${verdict} ${kind}`), ["same incident"]);
  assertEquals(verdicts(all).map((text) => text.replace(/:.*/, "")), [
    "same many hosts - 4 of 4 hosts that should have beaten are silent",
  ]);
});
