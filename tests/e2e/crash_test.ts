/**
 * `kill -9` under load, again and again on the same state: every beat that was acknowledged is counted
 * exactly once, whatever the moment. The moments come from a seed, which a failure tells.
 */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  beat,
  eventually,
  getHost,
  getHosts,
  Hbd,
  type JournalLine,
  orElse,
  parseAnswers,
  pause,
  post,
  readJournal,
  tempDir,
  writeAll,
} from "./hbd.ts";

const CLIENTS = 6;
const HOSTS = 4;

/** What the senders know: everything that was sent, and what of it was acknowledged, by its id. */
class Ledger {
  readonly sent = new Map<string, string>();
  readonly acknowledged = new Set<string>();

  /** Beats of `host` among `ids`. */
  count(host: string, ids: Iterable<string>): number {
    return [...ids].filter((id) => this.sent.get(id) === host).length;
  }
}

/** Sends one beat after the other over one connection, until the server is gone. */
async function keepSending(port: number, name: string, ledger: Ledger): Promise<void> {
  let connection: Deno.Conn;
  try {
    connection = await Deno.connect({ hostname: "127.0.0.1", port });
  } catch {
    return;
  }
  using _closing = connection;
  const buffer = new Uint8Array(4096);
  const decoder = new TextDecoder();
  for (let n = 0;; n++) {
    const id = `${name}.${n}`;
    const host = `host-${n % HOSTS}`;
    ledger.sent.set(id, host);
    try {
      const request = post("/", JSON.stringify({ name: host, id }), ["Connection: keep-alive"]);
      await writeAll(connection, new TextEncoder().encode(request));
      let text = "";
      while (parseAnswers(text).length === 0) {
        const read = await connection.read(buffer);
        if (read === null) return;
        text += decoder.decode(buffer.subarray(0, read), { stream: true });
      }
      assertEquals(parseAnswers(text)[0]?.status, 200, text);
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset) return;
      if (error instanceof Deno.errors.BrokenPipe) return;
      throw error;
    }
    ledger.acknowledged.add(id);
  }
}

/**
 * Puts a server under load and ends it at a random moment: killed, sometimes before it is up at all,
 * or now and then stopped. Returns whether it was killed under load.
 */
async function cycle(
  number: number,
  options: { readonly stateDir: string; readonly config: string },
  ledger: Ledger,
  random: () => number,
): Promise<boolean> {
  if (random() < 0.15) {
    await using hbd = await Hbd.spawn(options);
    await pause(random() * 250);
    await hbd.kill();
    return false;
  }
  await using hbd = await Hbd.start(options);
  const senders = Array.from(
    { length: CLIENTS },
    (_, client) => keepSending(hbd.port, `${number}.${client}`, ledger),
  );
  await pause(20 + random() * 280);
  const isStopped = random() < 0.15;
  if (isStopped) assertEquals(await hbd.stop(), 0, hbd.stderr());
  else await hbd.kill();
  await Promise.all(senders);
  assert(!hbd.stderr().includes("passed over"), hbd.stderr());
  return !isStopped;
}

function idOf({ message }: JournalLine): string {
  return (message as { readonly id: string }).id;
}

/** Numbers in 0..1, the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Runs `body` with random numbers; when it fails, the error tells how to have the same again. */
async function withSeed(body: (random: () => number) => Promise<void>): Promise<void> {
  const seed = Math.floor(Math.random() * 2 ** 32);
  try {
    await body(seeded(seed));
  } catch (error) {
    throw new Error(`Failed with seed ${seed}`, { cause: error });
  }
}

const KEEP_ALL = "interval: 600\njournal_max_backups: 10000\n";

Deno.test("killed at any moment, every acknowledged beat is in the journal exactly once", async () => {
  await withSeed(async (random) => {
    await using dir = await tempDir();
    const stateDir = join(dir.path, "state");
    const ledger = new Ledger();
    for (let n = 0, killed = 0; killed < 20; n++) {
      const rotation = n % 2 === 0 ? "" : "journal_max_size: 20000\n";
      const sync = n % 4 < 2 ? "" : "journal_sync: true\n";
      const config = KEEP_ALL + rotation + sync;
      if (await cycle(n, { stateDir, config }, ledger, random)) killed++;
    }
    assert(ledger.acknowledged.size > 500, `only ${ledger.acknowledged.size} beats`);

    await using hbd = await Hbd.start({ stateDir, config: KEEP_ALL });
    const lines = await readJournal(stateDir);
    const beats = lines.filter(({ message }) => message !== undefined);
    const ids = new Set(beats.map(idOf));
    assertEquals(beats.length, ids.size, "no beat stands there twice");
    assertEquals([...ledger.acknowledged].filter((id) => !ids.has(id)), [], "none is missing");
    assertEquals([...ids].filter((id) => !ledger.sent.has(id)), [], "none is invented");

    const seqs = lines.map(({ seq }) => seq);
    assertEquals(seqs.length, new Set(seqs).size, "no number is there twice");
    assertEquals(seqs, seqs.toSorted((a, b) => a - b), "and they rise");

    const totals = new Map((await getHosts(hbd)).map(({ name, total }) => [name, total]));
    const counted = new Map<string, number>();
    for (const { host = "" } of beats) counted.set(host, (counted.get(host) ?? 0) + 1);
    assertEquals(totals, new Map([...totals.keys()].map((name) => [name, counted.get(name) ?? 0])));
    assertEquals([...totals.values()].reduce((a, b) => a + b, 0), beats.length);
  });
});

Deno.test("killed while old journals are removed, every acknowledged beat is still counted once", async () => {
  await withSeed(async (random) => {
    await using dir = await tempDir();
    const stateDir = join(dir.path, "state");
    const config = "interval: 600\njournal_max_size: 4096\njournal_max_backups: 2\n";
    const ledger = new Ledger();
    for (let n = 0; n < 12; n++) await cycle(n, { stateDir, config }, ledger, random);

    await using hbd = await Hbd.start({ stateDir, config });
    for (const { name, total } of await getHosts(hbd)) {
      const least = ledger.count(name, ledger.acknowledged);
      const most = ledger.count(name, ledger.sent.keys());
      assert(total >= least && total <= most, `${name}: ${total} is not in ${least}..${most}`);
    }
    // What is over the limit is removed once a checkpoint holds it, which a rotation asks for.
    await eventually(async () => {
      await beat(hbd, { name: "host-0", pad: "x".repeat(3000) });
      const names = [...Deno.readDirSync(stateDir)].map(({ name }) => name);
      assertEquals(names.filter((name) => /journal\.\d+$/.test(name)).length, 2, `${names}`);
    });
  });
});

Deno.test("killed in the middle of a rotation, no journal file is lost at the next one", async () => {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  const config = "interval: 600\njournal_max_size: 4096\njournal_max_backups: 100\n";
  const files = () =>
    [...Deno.readDirSync(stateDir)].map(({ name }) => name)
      .filter((name) => /journal\.\d+$/.test(name)).length;
  let sent = 0;
  const rotate = async (hbd: Hbd, times: number) => {
    for (const wanted = files() + times; files() < wanted;) {
      await beat(hbd, { name: "a", id: `${sent++}`, pad: "x".repeat(1000) });
      if (sent > 200) break;
    }
  };
  {
    await using hbd = await Hbd.start({ stateDir, config });
    await rotate(hbd, 4);
    await hbd.kill();
  }
  // As if it had been killed when it had moved all on by one but the newest.
  for (const n of [4, 3, 2]) {
    await Deno.rename(
      join(stateDir, `messages.journal.${n}`),
      join(stateDir, `messages.journal.${n + 1}`),
    );
  }
  {
    await using hbd = await Hbd.start({ stateDir, config });
    await rotate(hbd, 3);
    const ids = (await readJournal(stateDir)).filter(({ message }) => message !== undefined)
      .map(idOf);
    assertEquals(ids, Array.from({ length: sent }, (_, n) => `${n}`));
    await hbd.kill();
  }
  await using hbd = await Hbd.start({ stateDir, config });
  assertEquals((await getHosts(hbd)).map(({ total }) => total), [sent]);
});

const changes: readonly (readonly [string, string])[] = [["1", "600"], ["600", "1"]];
for (const [before, after] of changes) {
  Deno.test(`killed, and started with interval ${after} instead of ${before}, what was counted stays so`, async () => {
    await using dir = await tempDir();
    const stateDir = join(dir.path, "state");
    const counters = async (hbd: Hbd) => {
      const host = await getHost(hbd, "a");
      return { total: host?.total, late: host?.late, missed: host?.missed };
    };
    let counted;
    {
      await using hbd = await Hbd.start({ stateDir, args: ["0", before, "0"] });
      await beat(hbd, { name: "a" });
      // Long enough to be late by the shorter of the two intervals.
      if (before === "1") {
        await eventually(async () => assertEquals((await getHost(hbd, "a"))?.missed, 2));
      } else await pause(2200);
      await beat(hbd, { name: "a" });
      counted = await counters(hbd);
      await hbd.kill();
    }
    await using hbd = await Hbd.start({ stateDir, args: ["0", after, "0"] });
    assertEquals(await counters(hbd), counted);
    const lines = await readJournal(stateDir);
    assertEquals(lines.filter(({ event }) => event === "missed").length, counted.missed);
  });
}

Deno.test("killed while it answers nobody, it starts again at once", async () => {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  {
    await using hbd = await Hbd.start({ stateDir });
    await hbd.kill();
  }
  const hbd = await orElse(Hbd.start({ stateDir }), 5000, null);
  assert(hbd !== null, "the lock of a dead process keeps nobody out");
  await hbd[Symbol.asyncDispose]();
});
