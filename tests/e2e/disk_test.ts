/**
 * Disks that fail: full for a while, and journals torn by a power cut.
 *
 * A small tmpfs is the disk where mounting is permitted; elsewhere a limit on the size of files, set
 * and lifted on the running process. Where neither can be had the tests say that they are ignored.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import {
  beat,
  eventually,
  getHost,
  getHosts,
  getJson,
  Hbd,
  type HbdOptions,
  readJournal,
  tempDir,
} from "./hbd.ts";

/** A disk that can be filled to the last byte, and freed again. */
interface Disk extends AsyncDisposable {
  readonly path: string;
  readonly launcher: HbdOptions["launcher"];
  fill(hbd: Hbd): Promise<void>;
  free(hbd: Hbd): Promise<void>;
}

async function run(program: string, ...args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  if (!success) {
    throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }
}

async function tmpfs(): Promise<Disk> {
  const dir = await tempDir();
  const path = join(dir.path, "disk");
  await Deno.mkdir(path);
  try {
    await run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", path);
  } catch (error) {
    await dir[Symbol.asyncDispose]();
    throw error;
  }
  const filler = join(path, "filler");
  return {
    path,
    launcher: undefined,
    async fill() {
      const bytes = new Uint8Array(4096);
      using file = await Deno.open(filler, { append: true, create: true });
      try {
        while (true) file.writeSync(bytes);
      } catch (error) {
        assertMatch(String(error), /space/);
      }
    },
    async free() {
      await Deno.remove(filler);
    },
    async [Symbol.asyncDispose]() {
      await run("umount", path).catch(() => run("umount", "-l", path));
      await dir[Symbol.asyncDispose]();
    },
  };
}

async function sizeLimit(): Promise<Disk> {
  await run("prlimit", "--version");
  const dir = await tempDir();
  const limit = (hbd: Hbd, bytes: string) =>
    run("prlimit", "--pid", String(hbd.pid), `--fsize=${bytes}:`);
  return {
    path: dir.path,
    // A write over the limit must fail, not end the process with SIGXFSZ.
    launcher: ["sh", "-c", `trap '' XFSZ; exec "$@"`, "sh"],
    // A little fits into a new file: a line is then cut in its middle.
    fill: (hbd) => limit(hbd, "100"),
    free: (hbd) => limit(hbd, "unlimited"),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

/** The best disk that can be had here, and what it is. */
async function findDisk(): Promise<readonly [string, (() => Promise<Disk>) | null]> {
  for (
    const [kind, make] of [["a small tmpfs", tmpfs], ["a file-size limit", sizeLimit]] as const
  ) {
    try {
      await (await make())[Symbol.asyncDispose]();
      return [kind, make];
    } catch {
      // Not permitted, or not installed.
    }
  }
  return ["ignored: neither mount nor prlimit can be used here", null];
}

const [kind, makeDisk] = await findDisk();

/** A test that needs a disk; `config` goes to the server. */
function diskTest(name: string, body: (disk: Disk) => Promise<void>): void {
  Deno.test({
    name: `${name} (${kind})`,
    ignore: makeDisk === null,
    async fn() {
      if (makeDisk === null) return;
      await using disk = await makeDisk();
      await body(disk);
    },
  });
}

interface Health {
  readonly status: string;
  readonly problems: readonly { readonly part: string; readonly message: string }[];
  readonly journal_lines_lost: number;
}

async function health(hbd: Hbd): Promise<readonly [number, Health]> {
  const response = await fetch(hbd.url("/healthz"));
  return [response.status, await response.json() as Health];
}

/** Sends beats until the journal is known to fail. Returns how many. */
async function beatUntilDegraded(hbd: Hbd, from: number): Promise<number> {
  let n = from;
  await eventually(async () => {
    await beat(hbd, { name: "a", n: n++, pad: "x".repeat(500) });
    const [status, { problems }] = await health(hbd);
    assertEquals(status, 503);
    assert(problems.some(({ part }) => part === "journal"));
  });
  return n - from;
}

function numbersOf(lines: Awaited<ReturnType<typeof readJournal>>): readonly number[] {
  return lines.filter(({ host, message }) => host === "a" && message !== undefined)
    .map(({ message }) => (message as { readonly n: number }).n);
}

/** Lines of the log that say that the journal fails. */
function complaints(hbd: Hbd): readonly string[] {
  return hbd.stderr().split("\n").filter((line) => /\[ERR\].*journal/i.test(line));
}

for (const config of ["interval: 600\n", "interval: 600\njournal_max_size: 4096\n"]) {
  const rotation = config.includes("max_size") ? ", with rotation" : "";
  diskTest(
    `a full disk stops no beat, is told once, and heals by itself${rotation}`,
    async (disk) => {
      const options: HbdOptions = {
        stateDir: join(disk.path, "state"),
        config: `${config}journal_max_backups: 1000\nhosts:\n  quiet: { interval: 1, grace: 0 }\n`,
        ...(disk.launcher === undefined ? {} : { launcher: disk.launcher }),
      };
      let sent = 0;
      {
        await using hbd = await Hbd.start(options);
        for (; sent < 20; sent++) await beat(hbd, { name: "a", n: sent });

        await disk.fill(hbd);
        sent += await beatUntilDegraded(hbd, sent);
        // Answered, counted and watched all the same.
        for (let i = 0; i < 50; i++) await beat(hbd, { name: "a", n: sent++ });
        await beat(hbd, { name: "quiet" });
        assertEquals((await getHost(hbd, "a"))?.total, sent);
        await eventually(async () => assertEquals((await getHost(hbd, "quiet"))?.state, "down"));
        await eventually(async () => assert(((await getHost(hbd, "quiet"))?.missed ?? 0) >= 2));

        const [status, { status: word, problems }] = await health(hbd);
        assertEquals([status, word], [503, "degraded"]);
        const journal = problems.find(({ part }) => part === "journal");
        assert((journal?.message ?? "") !== "", "it says what is wrong");
        assertEquals(complaints(hbd).length, 1, hbd.stderr());
        const text = await fetch(hbd.url()).then((response) => response.text());
        assertMatch(text, /PROBLEM +journal/);

        await disk.free(hbd);
        await eventually(async () => assertEquals((await health(hbd))[0], 200));
        for (let i = 0; i < 10; i++) await beat(hbd, { name: "a", n: sent++ });
        const all = Array.from({ length: sent }, (_, n) => n);
        await eventually(async () => assertEquals(numbersOf(await readJournal(hbd.stateDir)), all));
        const lines = await readJournal(hbd.stateDir);
        const seqs = lines.map(({ seq }) => seq);
        assertEquals(seqs, seqs.toSorted((a, b) => a - b));
        assertEquals(new Set(seqs).size, seqs.length);
        assert(lines.some(({ event, host }) => event === "down" && host === "quiet"));
        assertEquals((await health(hbd))[1].journal_lines_lost, 0);
        assertEquals(complaints(hbd).length, 1, hbd.stderr());

        // What the store could not take is in the journal: killed here, nothing is lost.
        await hbd.kill();
      }
      await using hbd = await Hbd.start(options);
      assertEquals((await getHost(hbd, "a"))?.total, sent);
      assertEquals((await getHost(hbd, "quiet"))?.total, 1);
      assert(!/torn|passed over/.test(hbd.stderr()), hbd.stderr());
      assertEquals(await hbd.stop(), 0);
    },
  );
}

diskTest("a server on a full disk can be stopped, and what was written is kept", async (disk) => {
  const options: HbdOptions = {
    stateDir: join(disk.path, "state"),
    config: "interval: 600\n",
    ...(disk.launcher === undefined ? {} : { launcher: disk.launcher }),
  };
  {
    await using hbd = await Hbd.start(options);
    for (let n = 0; n < 20; n++) await beat(hbd, { name: "a", n });
    await disk.fill(hbd);
    await beatUntilDegraded(hbd, 20);
    const startMs = performance.now();
    assertEquals(await hbd.stop(), 0, hbd.stderr());
    assert(performance.now() - startMs < 3000);
    await disk.free(hbd).catch(() => {});
  }
  await using hbd = await Hbd.start(options);
  const numbers = numbersOf(await readJournal(hbd.stateDir));
  assertEquals(numbers, Array.from({ length: numbers.length }, (_, n) => n));
  const total = (await getHost(hbd, "a"))?.total ?? 0;
  assert(numbers.length >= 20 && total >= numbers.length, `${total} of ${numbers.length}`);
});

diskTest("a full beat_log or logfile degrades, and heals without losing a line", async (disk) => {
  const path = join(disk.path, "beats.log");
  await using hbd = await Hbd.start({
    config: `interval: 600\nbeat_log: ${path}\n`,
    ...(disk.launcher === undefined ? {} : { launcher: disk.launcher }),
  });
  let sent = 0;
  await beat(hbd, { name: "a", n: sent++ });
  await disk.fill(hbd);
  await eventually(async () => {
    await beat(hbd, { name: "a", n: sent++, pad: "x".repeat(500) });
    const [status, { problems }] = await health(hbd);
    assertEquals(status, 503);
    assert(problems.some(({ part }) => part === "beat_log"));
  });
  await disk.free(hbd);
  await eventually(async () => assertEquals((await health(hbd))[0], 200));
  await beat(hbd, { name: "a", n: sent++ });
  await eventually(async () => {
    const lines = (await Deno.readTextFile(path)).split("\n").slice(0, -1);
    const numbers = lines.map((line) => JSON.parse(line).payload.n);
    assertEquals(numbers, Array.from({ length: sent }, (_, n) => n));
  });
});

/** A server that wrote `count` beats of host `a` to its journal and was killed. */
async function killedAfter(count: number, stateDir: string, config = ""): Promise<string> {
  await using hbd = await Hbd.start({ stateDir, config });
  for (let n = 0; n < count; n++) await beat(hbd, { name: "a", n });
  await hbd.kill();
  return hbd.journal;
}

const tears: readonly (readonly [string, string])[] = [
  ["half a line", '{"seq":11,"timestamp":1711234567.123,"datetime":"2026-03-28T12:3'],
  ["a whole line without its end", '{"seq":11,"timestamp":1711234567,"event":"deaf","shift_s":1}'],
  ["bytes that were never written", "\u0000".repeat(4096)],
  ["half of a character", "\u00c3"],
];
for (const [what, tail] of tears) {
  Deno.test(`a journal that ends in ${what} is cut with a warning, all whole lines count`, async () => {
    await using dir = await tempDir();
    const stateDir = join(dir.path, "state");
    const journal = await killedAfter(10, stateDir);
    const whole = await Deno.readFile(journal);
    const torn = Uint8Array.from(tail, (character) => character.charCodeAt(0));
    await Deno.writeFile(journal, torn, { append: true });

    await using hbd = await Hbd.start({ stateDir });
    assertEquals((await getHost(hbd, "a"))?.total, 10);
    const warnings = hbd.stderr().split("\n").filter((line) => line.includes("torn"));
    assertEquals(warnings.length, 1, hbd.stderr());
    assertStringIncludes(warnings[0] ?? "", journal);
    await beat(hbd, { name: "a", n: 10 });
    const after = await Deno.readFile(journal);
    assertEquals(after.subarray(0, whole.length), whole);
    assertEquals(numbersOf(await readJournal(stateDir)), Array.from({ length: 11 }, (_, n) => n));
    await hbd.kill();

    await using again = await Hbd.start({ stateDir });
    assertEquals((await getHost(again, "a"))?.total, 11);
    assert(!again.stderr().includes("torn"), again.stderr());
  });
}

Deno.test("a torn line in the middle is reported and passed over, the others count", async (t) => {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  const journal = await killedAfter(10, stateDir);
  const lines = (await Deno.readTextFile(journal)).split("\n");
  const middle = lines[4] ?? "";
  lines[4] = middle.slice(0, middle.length / 2);
  await Deno.writeTextFile(journal, lines.join("\n"));

  await t.step("with the place of the line", async () => {
    await using hbd = await Hbd.start({ stateDir });
    assertEquals((await getHost(hbd, "a"))?.total, 9);
    const problems = hbd.stderr().split("\n").filter((line) => line.includes("passed over"));
    assertEquals(problems.length, 1, hbd.stderr());
    await hbd.waitForOutput(new RegExp(`messages\\.journal`));
    const offset = new TextEncoder().encode(`${lines.slice(0, 4).join("\n")}\n`).length;
    assertStringIncludes(hbd.stderr(), String(offset));
    await beat(hbd, { name: "a", n: 10 });
    assertEquals(await hbd.stop(), 0);
  });

  await t.step("and not again once a checkpoint is behind it", async () => {
    await using hbd = await Hbd.start({ stateDir });
    assertEquals((await getHost(hbd, "a"))?.total, 10);
  });
});

Deno.test("a journal of nothing but rubbish keeps nobody from starting", async () => {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  await Deno.mkdir(stateDir);
  const rubbish = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251);
  await Deno.writeFile(join(stateDir, "messages.journal"), rubbish);
  await Deno.writeFile(join(stateDir, "messages.journal.1"), rubbish.subarray(0, 1000));
  await using hbd = await Hbd.start({ stateDir });
  await beat(hbd, { name: "a", n: 0 });
  assertEquals((await getHosts(hbd)).map(({ name, total }) => [name, total]), [["a", 1]]);
  assertEquals((await getJson(hbd, "/healthz") as Health).status, "ok");
});

Deno.test("an empty rotated file and gaps between the numbers keep nobody from starting", async () => {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  const journal = await killedAfter(5, stateDir);
  await Deno.rename(journal, `${journal}.4`);
  await Deno.writeFile(`${journal}.2`, new Uint8Array());
  await using hbd = await Hbd.start({ stateDir });
  await beat(hbd, { name: "a", n: 5 });
  assertEquals((await getHost(hbd, "a"))?.total, 6);
});
