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

/** Looks in a row that find a rotation on their way. */
const MOST_LOOKS = 1000;
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
  /** Of the files that follow each other, the oldest first. */
  readonly #order: string[] = [];
  #isWhole = true;

  constructor(dir: string, name: string) {
    this.#dir = dir;
    this.#name = name;
  }

  /**
   * False when files have come and gone between two looks, so that lines are missing: a journal of
   * tiny files may be rotated faster than anybody looks.
   */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Opens the files that are there and not open yet. Rejects when one cannot be read. */
  async hold(): Promise<void> {
    for (let n = 0; n < MOST_LOOKS; n++) {
      const keys = await this.#look();
      if (keys !== null) return this.#goOn(keys);
    }
    this.#isWhole = false;
  }

  /** What is in them now, the oldest part first; empty files are left out. */
  parts(): readonly JournalPart[] {
    const parts: JournalPart[] = [];
    for (const key of this.#order) {
      const file = this.#open.get(key);
      if (file === undefined) continue;
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

  /** The files as they are at one moment, the oldest first; null: a rotation came between. */
  async #look(): Promise<readonly string[] | null> {
    const { current, backups } = await listJournal(this.#dir, this.#name);
    const paths = [...backups.toReversed(), ...(current === null ? [] : [current])];
    try {
      const keys: string[] = [];
      for (const path of paths) keys.push(this.#hold(path, await Deno.open(path, { read: true })));
      for (const [n, path] of paths.entries()) {
        if (keyOf(path, await Deno.stat(path)) !== keys[n]) return null;
      }
      return keys;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  }

  /** Keeps `file` open, unless it is already. */
  #hold(path: string, file: Deno.FsFile): string {
    const key = keyOf(path, file.statSync());
    if (this.#open.has(key)) file.close();
    else this.#open.set(key, file);
    return key;
  }

  /** Those of `keys` that are new follow those before: one must be among both. */
  #goOn(keys: readonly string[]): void {
    const last = keys.findLastIndex((key) => this.#order.includes(key));
    if (last < 0 && this.#order.length > 0) this.#isWhole = false;
    this.#order.push(...keys.slice(last + 1));
  }
}

/** By what the file system knows a file, whatever it is called by now. */
function keyOf(path: string, { dev, ino }: Deno.FileInfo): string {
  return ino === null ? path : `${dev}:${ino}`;
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
