/** Restoring by the real command, of backups that are right, and of such that somebody has forged. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { backupStream } from "../../src/backup/pack.ts";
import { TAR_END, tarHeader, tarPadding } from "../../src/backup/tar.ts";
import { restore } from "../../src/cli/restore.ts";
import { ToolError } from "../../src/cli/tool.ts";
import { splitCommandLine } from "../../src/config/command_line.ts";
import { KvStore } from "../../src/store/kv.ts";
import { lock } from "../../src/store/lock.ts";
import { tempDir } from "../e2e/hbd.ts";

/** Runs `hbd restore`; returns what it prints. */
async function run(...words: readonly string[]): Promise<string> {
  let out = "";
  await restore.run(splitCommandLine([...words], restore.options), {
    out: (text) => out += text,
    note: () => {},
  });
  return out;
}

/** A backup of a state whose store and journal say `word`. */
async function backupOf(dir: string, word: string): Promise<string> {
  const state = join(dir, `state-${word}`);
  await Deno.mkdir(state);
  const store = await KvStore.open(join(state, "hbd.kv"));
  await store.saveRecord("test", "word", word);
  await store.close();
  await Deno.writeTextFile(join(state, "messages.journal"), `{"seq":1,"word":"${word}"}\n`);
  const journal = { dir: state, file: "messages.journal" };
  using made = new DisposableStack();
  const file = join(dir, `${word}.tar.gz`);
  const job = { stateDir: state, journal, version: "1", nowMs: 0 };
  await Deno.writeFile(file, backupStream(job, made));
  return file;
}

type Files = readonly (readonly [name: string, text: string])[];
type About = Readonly<Record<string, unknown>>;

/** A backup with these files; `about` is what stands in its manifest instead of what is right. */
async function forged(dir: string, files: Files, about: About = {}): Promise<string> {
  const encoder = new TextEncoder();
  const manifest = JSON.stringify({
    ...{ format: 1, program: "1", made: "then", host: "there", journal_file: "messages.journal" },
    files: files.map(([name, text]) => ({ name, size: text.length })),
    ...about,
  });
  const all = [["hbd-backup.json", manifest] as const, ...files];
  const sums = all.map(([name, text]) =>
    `${createHash("sha256").update(text).digest("hex")}  ${name}\n`
  );
  const parts = [...all, ["SHA256SUMS", sums.join("")] as const].flatMap(([name, text]) => [
    tarHeader(name, text.length, 0),
    encoder.encode(text),
    tarPadding(text.length),
  ]);
  const file = join(dir, "forged.tar.gz");
  const bytes = new Blob([...parts, TAR_END].map((part) => part.slice())).stream();
  await Deno.writeFile(file, bytes.pipeThrough(new CompressionStream("gzip")));
  return file;
}

const names = (dir: string) => [...Deno.readDirSync(dir)].map(({ name }) => name).sort();

Deno.test("two restores in a row keep both states that were there before", async () => {
  await using dir = await tempDir();
  const state = join(dir.path, "state");
  for (const word of ["one", "two", "three"]) {
    await run(await backupOf(dir.path, word), "--state-dir", state, "--force");
  }
  const aside = names(state).filter((name) => name.startsWith("before-restore-"));
  const texts = aside.map((name) => Deno.readTextFileSync(join(state, name, "messages.journal")));
  assertEquals(texts.map((text) => /"word":"(\w+)"/.exec(text)?.[1]).sort(), ["one", "two"]);
  assertStringIncludes(await Deno.readTextFile(join(state, "messages.journal")), "three");
});

Deno.test("a journal that is elsewhere is not taken from under a server that writes it", async () => {
  await using dir = await tempDir();
  const file = await backupOf(dir.path, "new");
  const [journals, config] = [join(dir.path, "journals"), join(dir.path, "hbd.yaml")];
  await Deno.mkdir(journals);
  await Deno.writeTextFile(config, `journal_dir: ${journals}\n`);
  await Deno.writeTextFile(join(journals, "messages.journal"), "old");
  const words = [file, "--state-dir", join(dir.path, "state"), "-c", config];
  {
    using _ = await lock(join(journals, "hbd.messages.journal.lock"), "", "");
    const { message } = await assertRejects(() => run(...words, "--force"), ToolError);
    assertStringIncludes(message, `${join(journals, "messages.journal")} is in use by another hbd`);
  }
  const { message } = await assertRejects(() => run(...words), ToolError);
  assertStringIncludes(message, `There is a journal, ${join(journals, "messages.journal")}`);
  assertEquals(await Deno.readTextFile(join(journals, "messages.journal")), "old");
  const out = await run(...words, "--force");
  const [aside = ""] = names(journals).filter((name) => name.startsWith("before-restore-"));
  assertStringIncludes(out, join(journals, aside));
  assertEquals(await Deno.readTextFile(join(journals, aside, "messages.journal")), "old");
});

Deno.test("without a journal in the configuration, one of the backup's name is not lost", async () => {
  await using dir = await tempDir();
  const file = await forged(dir.path, [["hbd.kv", "x"], ["journal/0", "new"]], {
    journal_file: "other",
  });
  const [state, config] = [join(dir.path, "state"), join(dir.path, "hbd.yaml")];
  await Deno.mkdir(state);
  await Deno.writeTextFile(join(state, "other"), "old");
  await Deno.writeTextFile(config, "journal_enabled: false\n");
  const words = [file, "--state-dir", state, "-c", config];
  await assertRejects(() => run(...words), ToolError, "--force");
  assertEquals(await Deno.readTextFile(join(state, "other")), "old");
  await run(...words, "--force");
  assertEquals(await Deno.readTextFile(join(state, "other")), "new");
});

Deno.test("what a restore that was killed has left behind is removed by the next one", async () => {
  await using dir = await tempDir();
  const state = join(dir.path, "state");
  await Deno.mkdir(join(state, ".restore-1234"), { recursive: true });
  await Deno.writeTextFile(join(state, ".restore-1234", "hbd.kv"), "half");
  await run(await backupOf(dir.path, "a"), "--state-dir", state);
  assertEquals(names(state), ["hbd.kv", "hbd.lock", "messages.journal"]);
});

const huge = "x".repeat(1_000_000);
const FORGED: readonly (readonly [what: string, files: Files, about?: About])[] = [
  ["leads out of the folder", [["hbd.kv", "x"], ["../../evil", "x"]]],
  ["is absolute", [["/tmp/evil", "x"]]],
  ["is not told of in its manifest", [["hbd.kv", "x"], ["journal/7", huge]], {
    files: [{ name: "hbd.kv", size: 1 }],
  }],
  ["is larger than it is told", [["hbd.kv", huge]], { files: [{ name: "hbd.kv", size: 1 }] }],
  ["takes the place of the store", [["hbd.kv", "x"], ["journal/0", "x"]], {
    journal_file: "hbd.kv",
  }],
  ["has a path for the journal", [["hbd.kv", "x"], ["journal/0", "x"]], { journal_file: "../x" }],
  ["steers the terminal", [["hbd.kv", "x"], ["\x1b[2Jevil", "x"]]],
  ["is told of, and not there", [["hbd.kv", "x"]], {
    files: [{ name: "hbd.kv", size: 1 }, { name: "\x1b[2Jjournal", size: 1 }],
  }],
];
for (const [what, ...forgery] of FORGED) {
  Deno.test(`a backup is refused of which a file ${what}, and nothing is left`, async () => {
    await using dir = await tempDir();
    const state = join(dir.path, "a", "b", "state");
    const file = await forged(dir.path, ...forgery);
    const { message } = await assertRejects(() => run(file, "--state-dir", state), ToolError);
    assert(!message.includes("\x1b"), message);
    assertEquals(names(state), ["hbd.lock"]);
    assertEquals(names(dir.path), ["a", "forged.tar.gz"]);
  });
}

Deno.test("what a backup says of itself does not steer the terminal", async () => {
  await using dir = await tempDir();
  const file = await forged(dir.path, [["hbd.kv", "x"]], { host: "a\x1b[2Jb", made: "\x07" });
  const out = await run(file, "--state-dir", join(dir.path, "state"));
  assert(!out.includes("\x1b") && !out.includes("\x07"), out);
});

Deno.test({
  name: "what root restores belongs to whom the state folder belongs to, and to nobody else",
  ignore: Deno.uid() !== 0,
  async fn() {
    await using dir = await tempDir();
    const file = await backupOf(dir.path, "a");
    const state = join(dir.path, "state");
    await Deno.mkdir(state);
    await Deno.chown(state, 65534, 65534);
    await run(file, "--state-dir", state);
    await run(file, "--state-dir", state, "--force");
    for (const name of names(state)) {
      const { uid, gid, mode } = await Deno.stat(join(state, name));
      assertEquals([uid, gid], [65534, 65534], name);
      if (name !== "hbd.lock") assertEquals((mode ?? 0) & 0o077, 0, name);
    }
  },
});
