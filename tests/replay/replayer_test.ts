/** The Worker that rebuilds the past: what it answers to whom, and that nobody waits in vain. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import type { Principal } from "../../src/access/principal.ts";
import type { Config } from "../../src/config/config.ts";
import { parseConfig } from "../../src/config/load.ts";
import { TooManyWait } from "../../src/journal/turns.ts";
import { Replayer } from "../../src/replay/replayer.ts";
import { ReplayTooSlow } from "../../src/web/view_history.ts";
import { START_MS, watchSettings } from "../monitor/alerts/support.ts";
import { Lived } from "./support.ts";

const EVERYTHING: Principal = {
  user: null,
  via: "anonymous",
  reach: "everything",
  most: "monitor",
};
const OLGA: Principal = { user: "olga", via: "session", reach: "own", most: "owner" };

const CONFIG = `
interval: 10
grace: 2
users:
  olga: { password: "pbkdf2:sha256:600000$salt$${"0".repeat(64)}" }
hosts:
  a: { owner: olga }
`;

const never = new AbortController().signal;

/** A journal: `a` and `b` beat, `b` goes down after 100 s and is back after 200 s. */
function lived(): Lived {
  const past = new Lived(watchSettings({ incidentHosts: 0 }));
  for (let n = 0; n < 30; n++) {
    for (const name of n > 10 && n < 20 ? ["a"] : ["a", "b"]) {
      past.send({ ID: "HTB", name, time: past.nowMs / 1000 });
    }
    past.pass(10_000);
  }
  return past;
}

async function withReplayer(
  text: string,
  what: (replayer: Replayer, path: string) => Promise<void>,
  { limitMs = 20_000, madeAfter = (_host: string): number => 0 } = {},
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    const path = join(dir, "j");
    await Deno.writeTextFile(path, text);
    const inForce: Config = await parseConfig(CONFIG, "/etc/hbd.yaml");
    using replayer = new Replayer({
      place: { dir, file: "j" },
      config: () => inForce,
      madeAfter,
      hostname: "box",
      limitMs,
    });
    await what(replayer, path);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function stateAt(replayer: Replayer, atS: number, who = EVERYTHING) {
  const parts = await replayer.state({ atMs: START_MS + atS * 1000, who, signal: never });
  return JSON.parse(await new Blob(parts as Uint8Array<ArrayBuffer>[]).text());
}

/** A journal of some size. */
function long(lines: number): string {
  const [first = ""] = lived().lines;
  const rest = first.replace(/^\{"seq":\d+/, "");
  return Array.from({ length: lines }, (_, n) => `{"seq":${n + 1}${rest}`).join("");
}

Deno.test("the state of any moment is told, forwards and back again", async () => {
  await withReplayer(lived().text, async (replayer) => {
    const states: unknown[] = [];
    for (const atS of [50, 150, 250, 150, 50, -10]) {
      const { hosts, known_since, whole, totals } = await stateAt(replayer, atS);
      assertEquals(known_since, atS < 0 ? null : START_MS / 1000);
      assertEquals(whole, atS >= 0);
      assertEquals(totals.hosts, hosts.length);
      states.push(hosts.map(({ name, state }: { name: string; state: string }) => name + state));
    }
    const up = ["aup", "bup"];
    const down = ["bdown", "aup"];
    assertEquals(states, [up, down, up, down, up, ["anew"]]);
    const timeline = await replayer.timeline(EVERYTHING, START_MS + 300_000, never);
    assertEquals(timeline?.sinceMs, START_MS);
    assertEquals(timeline?.downs.map(({ hosts }) => hosts), [1]);
  });
});

Deno.test("nobody is told of hosts that they may not see, nor of another one of that name", async () => {
  await withReplayer(lived().text, async (replayer) => {
    const { hosts, totals, already_there } = await stateAt(replayer, 150, OLGA);
    assertEquals(hosts.map(({ name }: { name: string }) => name), ["a"]);
    assertEquals([totals.hosts, totals.down, already_there], [1, 0, []]);
    assertEquals((await replayer.timeline(OLGA, START_MS + 300_000, never))?.downs, []);
  });
  // `a` was made when the journal had come to 40.
  await withReplayer(lived().text, async (replayer) => {
    assertEquals((await stateAt(replayer, 50, OLGA)).hosts, []);
    assertEquals((await stateAt(replayer, 50)).hosts.length, 2);
    assertEquals((await stateAt(replayer, 290, OLGA)).hosts.length, 1);
  }, { madeAfter: (host) => host === "a" ? 40 : 0 });
});

Deno.test("what is written meanwhile is in the state, also after a look at another time", async () => {
  const past = lived();
  const half = Math.floor(past.lines.length / 2);
  await withReplayer(past.lines.slice(0, half).join(""), async (replayer, path) => {
    const before = await stateAt(replayer, 300);
    await Deno.writeTextFile(path, past.lines.slice(half).join(""), { append: true });
    const { totals } = await stateAt(replayer, 300);
    assert(totals.total > before.totals.total);
    assertEquals(totals.total, past.monitor.totals().total);
  });
});

Deno.test("what takes too long is said, and comes further each time", async () => {
  await withReplayer(long(60_000), async (replayer) => {
    let turns = 0;
    for (;; turns++) {
      try {
        assertEquals((await stateAt(replayer, 10)).totals.total, 60_000);
        break;
      } catch (error) {
        assert(error instanceof ReplayTooSlow);
      }
    }
    assert(turns > 2, `${turns}`);
  }, { limitMs: 0 });
});

Deno.test("who goes away stops the work for them; too many are refused; a stop ends all", async () => {
  await withReplayer(long(100_000), async (replayer) => {
    const leaving = new AbortController();
    const ask = (signal: AbortSignal) =>
      replayer.state({ atMs: START_MS + 10_000, who: EVERYTHING, signal });
    const first = ask(leaving.signal);
    const second = ask(leaving.signal);
    const third = ask(never);
    leaving.abort();
    for (const asked of [first, second]) {
      await assertRejects(() => asked, DOMException, "abort");
    }
    assert((await third) !== null);
    const many = Array.from({ length: 14 }, () => ask(never).catch((error) => error));
    assert((await many[13]) instanceof TooManyWait);
    replayer.stop();
    const last = await Promise.all(many);
    assert(last.some((answer) => answer instanceof Error && /stopping/.test(answer.message)));
    await assertRejects(() => ask(never), Error, "stopping");
  });
});

Deno.test("without a journal there is nothing, and one that cannot be read is said", async () => {
  const config = await parseConfig(CONFIG, "/etc/hbd.yaml");
  const common = { config: () => config, madeAfter: () => 0, hostname: "box" };
  using none = new Replayer({ ...common, place: null });
  assertEquals(await none.timeline(EVERYTHING, 0, never), null);
  using gone = new Replayer({ ...common, place: { dir: "/nowhere/at/all", file: "j" } });
  await assertRejects(() => gone.timeline(EVERYTHING, 0, never), Error, "No such file");
});
