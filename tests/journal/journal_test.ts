import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { Journal, type JournalOptions } from "../../src/journal/journal.ts";
import { LineWriter, parseLine } from "../../src/journal/line.ts";
import { type JournalProblem, listJournal, replay } from "../../src/journal/reader.ts";
import { LocalTime } from "../../src/wire/local_time.ts";
import { beatOf } from "../monitor/support.ts";

const lines = new LineWriter(new LocalTime());

function line(seq: number, filler = ""): string {
  return lines.message(
    seq,
    {
      ...beatOf(`host-${seq}`),
      transport: "http",
      path: "/heartbeat",
      payload: { filler },
      payloadText: JSON.stringify({ filler }),
      parseError: false,
      signed: false,
    },
    false,
    1_777_000_000_123,
  );
}

/** Runs `work` with a journal in a folder of its own; every record counts as checkpointed. */
async function withJournal(
  options: Partial<JournalOptions>,
  work: (journal: Journal, dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await using journal = await Journal.open({
      dir,
      file: "messages.journal",
      maxSizeBytes: 1 << 20,
      maxBackups: 10,
      sync: false,
      onTrouble: (error) => assertEquals(error, null),
      onCheckpointNeeded: () => {},
      ...options,
    }, 0);
    await work(journal, dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function readBack(dir: string, afterSeq = 0) {
  const seqs: number[] = [];
  const problems: JournalProblem[] = [];
  const torn: [number, number][] = [];
  const options = {
    onProblem: (problem: JournalProblem) => void problems.push(problem),
    onTorn: (_: string, good: number, bytes: number) => void torn.push([good, bytes]),
  };
  for await (const records of replay(dir, "messages.journal", afterSeq, options)) {
    seqs.push(...records.map((record) => record.seq));
  }
  return { seqs, problems, torn };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}

Deno.test("append() settles when the lines are in the file, all of one turn in one write", async () => {
  await withJournal({}, async (journal, dir) => {
    const promises = range(1, 5).map((seq) => journal.append(line(seq), seq));
    assert(promises.every((promise) => promise === promises[0]));
    await promises[0];
    assertEquals((await readBack(dir)).seqs, range(1, 5));
  });
});

Deno.test("append() with sync settles after the disk confirmed, and nothing that came meanwhile is lost", async () => {
  await withJournal({ sync: true }, async (journal, dir) => {
    for (let seq = 1; seq < 100; seq += 3) {
      void journal.append(line(seq), seq);
      await new Promise((resolve) => setTimeout(resolve, 0));
      void journal.append(line(seq + 1), seq + 1);
      await journal.append(line(seq + 2), seq + 2);
    }
    assertEquals((await readBack(dir)).seqs, range(1, 99));
  });
});

Deno.test("the journal rotates by size, keeps maxBackups files, and no line is cut", async () => {
  await withJournal({ maxSizeBytes: 4096, maxBackups: 3 }, async (journal, dir) => {
    for (let seq = 1; seq <= 300; seq++) {
      void journal.append(line(seq), seq);
      if (seq % 40 === 0) {
        await journal.append(line(seq), seq);
        journal.checkpointed(seq);
      }
    }
    await journal.append(line(301), 301);
    journal.checkpointed(301);
    const { backups } = await listJournal(dir, "messages.journal");
    assertEquals(backups.map((path) => path.slice(dir.length + 1)), [
      "messages.journal.1",
      "messages.journal.2",
      "messages.journal.3",
    ]);
    for (const path of [...backups, join(dir, "messages.journal")]) {
      const text = await Deno.readTextFile(path);
      assert(text.length <= 4096, `${path} has ${text.length} bytes`);
      for (const each of text.trimEnd().split("\n")) parseLine(each);
    }
    const { seqs, problems } = await readBack(dir);
    assertEquals(problems, []);
    assertEquals(seqs.at(-1), 301);
    assertEquals(seqs, seqs.toSorted((a, b) => a - b));
  });
});

Deno.test("a rotated file stays until a checkpoint holds it, and a checkpoint is asked for", async () => {
  let asked = 0;
  const options = { maxSizeBytes: 4096, maxBackups: 1, onCheckpointNeeded: () => void asked++ };
  await withJournal(options, async (journal, dir) => {
    for (let seq = 1; seq <= 100; seq++) await journal.append(line(seq), seq);
    assert(asked > 0);
    assertEquals((await readBack(dir)).seqs, range(1, 100));
    journal.checkpointed(100);
    assertEquals((await listJournal(dir, "messages.journal")).backups.length, 1);
  });
});

Deno.test("a line longer than a whole file gets one of its own", async () => {
  await withJournal({ maxSizeBytes: 4096 }, async (journal, dir) => {
    await journal.append(line(1), 1);
    await journal.append(line(2, "x".repeat(10_000)), 2);
    await journal.append(line(3), 3);
    assertEquals((await readBack(dir)).seqs, [1, 2, 3]);
    assertEquals((await listJournal(dir, "messages.journal")).backups.length, 2);
  });
});

Deno.test("replay() begins after the given number, also deep in large files", async () => {
  await withJournal({ maxSizeBytes: 3 << 20 }, async (journal, dir) => {
    for (let seq = 1; seq <= 40_000; seq++) void journal.append(line(seq), seq);
    await journal.append(line(40_001), 40_001);
    for (const after of [0, 1, 12_345, 13_000, 39_999, 40_000]) {
      assertEquals((await readBack(dir, after)).seqs, range(after + 1, 40_001));
    }
    assertEquals((await readBack(dir, 40_001)).seqs, []);
  });
});

Deno.test("a torn last line is skipped and measured; a torn line elsewhere is reported", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const whole = line(1) + line(2).slice(0, 40) + "\n" + line(3);
    const torn = line(4).slice(0, -10);
    await Deno.writeTextFile(join(dir, "messages.journal"), whole + torn);
    const { seqs, problems, torn: found } = await readBack(dir);
    assertEquals(seqs, [1, 3]);
    assertEquals(problems.map(({ offset }) => offset), [line(1).length]);
    assertEquals(found, [[whole.length, torn.length]]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("replay() copes with empty files, a file of zeros, missing numbers and foreign files", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(dir, "messages.journal.4"), line(1) + line(2));
    await Deno.writeTextFile(join(dir, "messages.journal.2"), "");
    await Deno.writeTextFile(join(dir, "messages.journal.old"), "not ours");
    await Deno.writeFile(join(dir, "messages.journal"), new Uint8Array(3000));
    const { seqs, torn } = await readBack(dir);
    assertEquals(seqs, [1, 2]);
    assertEquals(torn, [[0, 3000]]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a gap in the numbers, left by a crash while rotating, costs no file", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(dir, "messages.journal.3"), line(1));
    await Deno.writeTextFile(join(dir, "messages.journal.2"), line(2));
    await Deno.writeTextFile(join(dir, "messages.journal"), line(3) + line(4, "x".repeat(4000)));
    await using journal = await Journal.open({
      dir,
      file: "messages.journal",
      maxSizeBytes: 4096,
      maxBackups: 10,
      sync: false,
      onTrouble: (error) => assertEquals(error, null),
      onCheckpointNeeded: () => {},
    }, 4);
    await journal.append(line(5), 5);
    assertEquals((await readBack(dir)).seqs, range(1, 5));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

/** Lets `name` of `owner` fail until the result is disposed of. */
function failing<T extends object>(owner: T, name: keyof T, fail: () => unknown): Disposable {
  const original = owner[name];
  owner[name] = fail as T[keyof T];
  return {
    [Symbol.dispose]() {
      owner[name] = original;
    },
  };
}

/** Waits until `check` is true, 10 s at most. */
async function eventually(check: () => boolean): Promise<void> {
  const limit = Date.now() + 10_000;
  while (!check()) {
    assert(Date.now() < limit, "Waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test("a rotation that cannot open the new file loses none of the rotated ones", async () => {
  const troubles: (string | null)[] = [];
  const onTrouble = (error: Error | null) => void troubles.push(error?.message ?? null);
  await withJournal({ maxSizeBytes: 4096, onTrouble }, async (journal, dir) => {
    for (let seq = 1; seq <= 80; seq++) await journal.append(line(seq), seq);
    let attempts = 0;
    {
      using _full = failing(Deno, "openSync", () => {
        attempts++;
        throw new Error("Too many open files");
      });
      for (let seq = 81; seq <= 120; seq++) await journal.append(line(seq), seq);
      await eventually(() => attempts >= 3);
    }
    await eventually(() => troubles.length === 2);
    assertEquals(troubles, ["Too many open files", null]);
    assertEquals((await readBack(dir)).seqs, range(1, 120));
  });
});

Deno.test("a disk that does not confirm is told once, nothing is lost, and it heals by itself", async () => {
  const troubles: (string | null)[] = [];
  const onTrouble = (error: Error | null) => void troubles.push(error?.message ?? null);
  await withJournal({ sync: true, onTrouble }, async (journal, dir) => {
    let seq = 0;
    {
      let attempts = 0;
      using _broken = failing(Deno.FsFile.prototype, "syncData", () => {
        attempts++;
        return Promise.reject(new Error("I/O error"));
      });
      while (attempts < 3) {
        seq++;
        await journal.append(line(seq), seq);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      assertEquals(troubles, ["I/O error"]);
    }
    await eventually(() => troubles.length === 2);
    assertEquals((await readBack(dir)).seqs, range(1, seq));
  });
});

Deno.test("follow() goes on under the journal's path when it was moved, removed or cut", async () => {
  await withJournal({}, async (journal, dir) => {
    const path = join(dir, "messages.journal");
    await journal.append(line(1), 1);
    await Deno.rename(path, join(dir, "moved"));
    journal.follow();
    await journal.append(line(2), 2);
    assertEquals(await Deno.readTextFile(path), line(2));
    await Deno.remove(path);
    journal.follow();
    await journal.append(line(3), 3);
    assertEquals(await Deno.readTextFile(path), line(3));
    await Deno.truncate(path);
    journal.follow();
    await journal.append(line(4), 4);
    assertEquals(await Deno.readTextFile(path), line(4));
    assertEquals(await Deno.readTextFile(join(dir, "moved")), line(1));
  });
});
