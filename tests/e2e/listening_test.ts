/**
 * Silence and deafness with a real process: a host that stops is noticed, and time in which the server
 * itself was stopped (SIGSTOP), ended or killed is held against nobody.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import {
  beat,
  eventually,
  getHost,
  Hbd,
  type JournalLine,
  pause,
  readJournal,
  tempDir,
} from "./hbd.ts";

/** Detection is promised within this after the deadline. */
const DETECTION_S = 1;

/** How much later than promised things may be seen here: the machine has other things to do. */
const SLACK_S = 1.5;

/** Clocks are read, and rounded, in more than one place. */
const ROUNDING_S = 0.02;

async function eventsOf(hbd: Hbd, host: string): Promise<readonly JournalLine[]> {
  const lines = await readJournal(hbd.stateDir);
  return lines.filter((line) => line.event !== undefined && line.host === host);
}

function types(events: readonly JournalLine[]): readonly string[] {
  return events.flatMap(({ event }) => event ?? []);
}

/** The moment of the only `down` event of `host`, epoch seconds, once there is one. */
function downAt(hbd: Hbd, host: string): Promise<number> {
  return eventually(async () => {
    const downs = (await eventsOf(hbd, host)).filter(({ event }) => event === "down");
    assertEquals(downs.length, 1, `down events of ${host}`);
    return downs[0]?.timestamp ?? 0;
  });
}

async function secondsOfLastBeat(hbd: Hbd, host: string): Promise<number> {
  return (await getHost(hbd, host))?.last_beat ?? 0;
}

/** A host that beats every 150 ms, whether anybody hears it or not, until disposed of. */
function living(name: string, server: () => Hbd): AsyncDisposable {
  let living = true;
  const life = (async () => {
    while (living) {
      // A sender gives up after a while, as real ones do.
      await fetch(server().url(), {
        method: "POST",
        body: JSON.stringify({ name }),
        signal: AbortSignal.timeout(500),
      }).then((response) => response.body?.cancel()).catch(() => {});
      await pause(150);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      living = false;
      await life;
    },
  };
}

async function assertNeverDown(hbd: Hbd, host: string): Promise<void> {
  assertEquals(types(await eventsOf(hbd, host)), [], `events of ${host}`);
  const found = await getHost(hbd, host);
  assertEquals([found?.state, found?.late, found?.missed], ["up", 0, 0]);
}

/** Waits until `host` was heard after `fromS`. */
async function heardAfter(hbd: Hbd, host: string, fromS: number): Promise<void> {
  await eventually(async () => assert(await secondsOfLastBeat(hbd, host) > fromS));
}

Deno.test("a silent host: down at the deadline, one missed for every interval, up again", async () => {
  await using hbd = await Hbd.start({ args: ["0", "1", "20"] });
  await beat(hbd, { name: "a" });
  const lastS = await secondsOfLastBeat(hbd, "a");
  const down = await eventually(async () => {
    const host = await getHost(hbd, "a");
    assertEquals([host?.state, host?.missed], ["down", 3]);
    return host;
  });
  assertEquals([down?.total, down?.late, down?.last_beat], [1, 0, lastS]);

  const silent = await eventually(async () => {
    const events = await eventsOf(hbd, "a");
    assertEquals(types(events), ["down", "missed", "missed", "missed"]);
    return events;
  });
  assertEquals(silent.slice(1).map(({ missed }) => missed), [1, 2, 3]);
  for (const [i, dueS] of [1.2, 1.2, 2, 3].entries()) {
    const lateS = (silent[i]?.timestamp ?? 0) - lastS - dueS;
    assert(lateS > -ROUNDING_S, `event ${i} came ${-lateS} s too early`);
    assert(lateS < DETECTION_S + SLACK_S, `event ${i} came ${lateS} s too late`);
  }

  await beat(hbd, { name: "a" });
  const host = await getHost(hbd, "a");
  assertEquals([host?.state, host?.total, host?.late], ["up", 2, 1]);
  const events = await eventually(async () => {
    const all = await eventsOf(hbd, "a");
    assertEquals(all.at(-1)?.event, "up");
    return all;
  });
  const silenceS = events.at(-1)?.silence_s ?? 0;
  const betweenS = (host?.last_beat ?? 0) - lastS;
  assert(Math.abs(silenceS - betweenS) < 0.1, `silence ${silenceS}, between beats ${betweenS}`);
  const missed = events.filter(({ event }) => event === "missed").length;
  assertEquals([missed, host?.missed], [Math.floor(silenceS), Math.floor(silenceS)]);
  assertEquals(events.length, missed + 2);
  const share = Math.max(0, (2 - 1 - missed) / (2 + missed)) * 100;
  assert(Math.abs((host?.stability ?? -1) - share) < 0.01);

  const beats = (await readJournal(hbd.stateDir)).filter(({ message }) => message !== undefined);
  assertEquals(beats.map(({ late }) => late), [false, true]);
  assertMatch(hbd.stdout(), /ALERT: No heartbeat for .*a\n/);
});

Deno.test("a host that beats in time is never reported, and nobody hears of one not seen yet", async () => {
  await using hbd = await Hbd.start({
    args: ["0", "1", "50"],
    config: "hosts:\n  never: { interval: 1, grace: 0 }\n",
  });
  await using _alive = living("alive", () => hbd);
  await beat(hbd, { name: "silent" });
  await downAt(hbd, "silent");
  await assertNeverDown(hbd, "alive");
  assertEquals((await getHost(hbd, "never"))?.state, "new");
  assertEquals(await eventsOf(hbd, "never"), []);
});

const stops: readonly (readonly [string, number, string])[] = [
  ["a short stop (1.7 s)", 1700, "20"],
  ["a long stop (4 s)", 4000, "20"],
  ["a long stop (4 s), with more tolerance", 4000, "50"],
];
for (const [title, stopMs, tolerance] of stops) {
  Deno.test(`${title} of the process is held against nobody, the dead are still found`, async () => {
    await using hbd = await Hbd.start({ args: ["0", "1", tolerance] });
    const deadlineS = 1 + Number(tolerance) / 100;
    await using _alive = living("alive", () => hbd);
    await beat(hbd, { name: "long dead" });
    const longDeadAt = await downAt(hbd, "long dead");
    await heardAfter(hbd, "alive", 0);

    await beat(hbd, { name: "dies" });
    const lastS = await secondsOfLastBeat(hbd, "dies");
    hbd.signal("SIGSTOP");
    await pause(stopMs);
    const onS = Date.now() / 1000;
    hbd.signal("SIGCONT");

    const diedAt = await downAt(hbd, "dies");
    // Short: the clock stood still. Long: beats may have been lost, so all is waited for anew.
    const dueS = stopMs < 2000 ? lastS + deadlineS + stopMs / 1000 : onS + deadlineS;
    assert(diedAt > dueS - ROUNDING_S, `${dueS - diedAt} s too early`);
    assert(diedAt < onS + deadlineS + DETECTION_S + SLACK_S, `${diedAt - dueS} s after it was due`);
    await heardAfter(hbd, "alive", diedAt);
    await assertNeverDown(hbd, "alive");
    assertEquals(await downAt(hbd, "long dead"), longDeadAt, "told once, before the stop");
    const missed = types(await eventsOf(hbd, "long dead")).filter((type) => type === "missed");
    assert(
      missed.length <= Math.ceil(diedAt + 1 - longDeadAt - stopMs / 1000) + 2,
      `${missed.length} missed: the stop is counted`,
    );
    assert((await readJournal(hbd.stateDir)).some(({ event }) => event === "deaf"));
  });
}

for (const end of ["stopped", "killed"] as const) {
  Deno.test(`while the server was ${end} nobody was missed, the dead are found after it is back`, async () => {
    await using dir = await tempDir();
    const options = { stateDir: join(dir.path, "state"), args: ["0", "1", "50"] };
    await using first = await Hbd.start(options);
    let server = first;
    await using _alive = living("alive", () => server);
    await beat(first, { name: "long dead" });
    const longDeadAt = await downAt(first, "long dead");
    await heardAfter(first, "alive", 0);

    await beat(first, { name: "dies" });
    if (end === "stopped") assertEquals(await first.stop(), 0);
    else await first.kill();
    await pause(3500);
    const startS = Date.now() / 1000;
    await using second = await Hbd.start(options);
    server = second;
    const upS = Date.now() / 1000;

    const diedAt = await downAt(second, "dies");
    assert(diedAt > startS + 1.5 - ROUNDING_S, `${startS + 1.5 - diedAt} s too early`);
    assert(diedAt < upS + 1.5 + DETECTION_S + SLACK_S, `${diedAt - upS} s after it was back`);
    await heardAfter(second, "alive", diedAt);
    await assertNeverDown(second, "alive");
    assertEquals(await downAt(second, "long dead"), longDeadAt, "told once, by the first");

    await beat(second, { name: "dies" });
    await beat(second, { name: "long dead" });
    for (const name of ["dies", "long dead"]) {
      const host = await getHost(second, name);
      const events = await eventually(async () => {
        const all = await eventsOf(second, name);
        assertEquals(all.at(-1)?.event, "up");
        return all;
      });
      const missed = events.filter(({ event }) => event === "missed").length;
      assertEquals([host?.state, host?.total, host?.missed], ["up", 2, missed], name);
    }
  });
}
