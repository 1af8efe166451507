/** A journal held open while it is rotated, step by step. */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { JournalFiles } from "../../src/backup/journal_files.ts";

/** A journal of one-line files with the numbers 1, 2, 3 …, of which two old ones are kept. */
class Rotated implements AsyncDisposable {
  readonly dir = Deno.makeTempDirSync();
  #seq = 0;

  async rotate(): Promise<void> {
    const path = (name: string) => join(this.dir, name);
    await Deno.remove(path("j.2")).catch(() => {});
    await Deno.rename(path("j.1"), path("j.2")).catch(() => {});
    await Deno.rename(path("j"), path("j.1")).catch(() => {});
    await Deno.writeTextFile(path("j"), `{"seq":${++this.#seq},"event":"x"}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}

function numbersOf(files: JournalFiles): readonly number[] {
  return files.parts().map(({ firstSeq }) => firstSeq);
}

Deno.test("files that are rotated away while they are held stay in their order", async () => {
  await using journal = new Rotated();
  using files = new JournalFiles(journal.dir, "j");
  for (let n = 0; n < 3; n++) await journal.rotate();
  await files.hold();
  assertEquals(numbersOf(files), [1, 2, 3]);
  for (let n = 0; n < 2; n++) await journal.rotate();
  await files.hold();
  assertEquals([files.isWhole, numbersOf(files)], [true, [1, 2, 3, 4, 5]]);
});

Deno.test("files that came and went between two looks are missed, and that is known", async () => {
  await using journal = new Rotated();
  using files = new JournalFiles(journal.dir, "j");
  await journal.rotate();
  await files.hold();
  for (let n = 0; n < 4; n++) await journal.rotate();
  await files.hold();
  assertEquals(files.isWhole, false);
});
