/**
 * The files of a journal held open, so that a rotation on the way neither hides nor removes one.
 *
 * They are told apart by what the file system knows them by, not by their names, which move on. Their
 * order is that of the numbers in them; where the newest ends in a line that is still being
 * written, it ends before that line here.
 */

import { listJournal } from "../journal/reader.ts";
import { seqOfLine } from "../journal/line.ts";

/** Bytes looked at in one go for the end of the last line. */
const TAIL_BYTES = 1 << 16;
const HEAD_BYTES = 64;
const NEWLINE = 10;

/** A part of the journal: `size` bytes from the beginning of a file. */
export interface JournalPart {
  readonly file: Deno.FsFile;
  readonly size: number;
  readonly firstSeq: number;
}

export class JournalFiles implements Disposable {
  readonly #dir: string;
  readonly #name: string;
  readonly #open = new Map<string, Deno.FsFile>();

  constructor(dir: string, name: string) {
    this.#dir = dir;
    this.#name = name;
  }

  /** Opens the files that are there and not open yet. Rejects when one cannot be read. */
  async hold(): Promise<void> {
    while (await this.#pass());
  }

  /** What is in them now, the oldest part first; empty files are left out. */
  parts(): readonly JournalPart[] {
    const parts: JournalPart[] = [];
    for (const file of this.#open.values()) {
      const size = wholeLines(file, file.statSync().size);
      const firstSeq = size === 0 ? null : firstSeqOf(file);
      if (firstSeq !== null) parts.push({ file, size, firstSeq });
    }
    return parts.sort((a, b) => a.firstSeq - b.firstSeq);
  }

  [Symbol.dispose](): void {
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
  }

  /** Returns whether something was new, or moved away on the way: then it is to be looked again. */
  async #pass(): Promise<boolean> {
    const { current, backups } = await listJournal(this.#dir, this.#name);
    let again = false;
    // The oldest first: a rotation on the way moves a file to a name that is still to come.
    for (const path of [...backups.toReversed(), ...(current === null ? [] : [current])]) {
      let file: Deno.FsFile;
      try {
        file = await Deno.open(path, { read: true });
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        again = true;
        continue;
      }
      const { dev, ino } = file.statSync();
      const key = ino === null ? path : `${dev}:${ino}`;
      if (this.#open.has(key)) {
        file.close();
        continue;
      }
      this.#open.set(key, file);
      again = true;
    }
    return again;
  }
}

/** How many of the first `size` bytes of `file` are whole lines. */
function wholeLines(file: Deno.FsFile, size: number): number {
  const bytes = new Uint8Array(TAIL_BYTES);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - TAIL_BYTES);
    const length = readAt(file, bytes.subarray(0, end - start), start);
    const found = bytes.subarray(0, length).lastIndexOf(NEWLINE);
    if (found >= 0) return start + found + 1;
    end = start;
  }
  return 0;
}

function firstSeqOf(file: Deno.FsFile): number | null {
  const bytes = new Uint8Array(HEAD_BYTES);
  const length = readAt(file, bytes, 0);
  return seqOfLine(new TextDecoder().decode(bytes.subarray(0, length)));
}

/** Fills `bytes` from `offset` on, or as much of it as there is. */
function readAt(file: Deno.FsFile, bytes: Uint8Array, offset: number): number {
  file.seekSync(offset, Deno.SeekMode.Start);
  let done = 0;
  while (done < bytes.length) {
    const read = file.readSync(bytes.subarray(done));
    if (read === null) break;
    done += read;
  }
  return done;
}
