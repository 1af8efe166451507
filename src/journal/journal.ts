/**
 * The journal: everything that was received and everything that happened, in order, on disk before
 * anybody is answered. `line.ts` shows the format.
 *
 * `messages.journal` is the file being written. When it is full it becomes `messages.journal.1`,
 * the older ones move on to `.2`, `.3` …, and those beyond `maxBackups` are removed; but never
 * before a checkpoint holds what is in them, because a crash would lose it.
 */

import { join } from "@std/path";
import { AppendFile, type WriteCounters } from "./append_file.ts";
import { listJournal } from "./reader.ts";

export interface JournalOptions {
  /** Folder; must exist. */
  readonly dir: string;
  /** Name of the file inside it. */
  readonly file: string;
  /** Size at which the file is rotated. A longer single line gets a file of its own. */
  readonly maxSizeBytes: number;
  /** Rotated files kept; 0 keeps none. */
  readonly maxBackups: number;
  /** Wait for the disk before answering. */
  readonly sync: boolean;
  /** See `AppendFileOptions`. */
  readonly onTrouble: (error: Error | null) => void;
  /** A file is waiting to be removed for a checkpoint: please make one soon. */
  readonly onCheckpointNeeded: () => void;
}

const NEWLINE = 10;

export class Journal implements AsyncDisposable {
  readonly #options: JournalOptions;
  readonly #path: string;
  #file: AppendFile | null = null;
  #lastSeq: number;
  #checkpointSeq = 0;
  /** Number of the last record in each rotated file, the newest file first. */
  #backups: number[] = [];
  /** The full file has been moved, but a new one could not be opened yet. */
  #moved = false;

  private constructor(options: JournalOptions, path: string, lastSeq: number) {
    this.#options = options;
    this.#path = path;
    this.#lastSeq = lastSeq;
  }

  /**
   * Opens the journal for writing. `lastSeq` is the last number in it (after recovery).
   * Throws what `Deno.open` throws when the folder cannot be written to.
   */
  static async open(options: JournalOptions, lastSeq: number): Promise<Journal> {
    const path = join(options.dir, options.file);
    const journal = new Journal(options, path, lastSeq);
    const { backups } = await listJournal(options.dir, options.file);
    // A crash in the middle of a rotation leaves a gap in the numbers.
    backups.forEach((backup, i) => Deno.renameSync(backup, `${path}.${i + 1}`));
    journal.#backups = backups.map(() => lastSeq);
    journal.#file = await AppendFile.open(path, {
      sync: options.sync,
      onTrouble: options.onTrouble,
      divide: (bytes) => journal.#divide(bytes),
    });
    return journal;
  }

  /** Lines given up because the disk refused them for too long. */
  get lost(): number {
    return this.#file?.lost ?? 0;
  }

  /** What was written since the start, and the size of the file that is being written. */
  counters(): WriteCounters & { readonly sizeBytes: number } {
    const { count = 0, bytes = 0, totalMs = 0, lastMs = 0 } = this.#file?.counters() ?? {};
    return { count, bytes, totalMs, lastMs, sizeBytes: this.#file?.size ?? 0 };
  }

  /** Adds the line of record number `seq`; settles when it is written. Never rejects. */
  append(line: string, seq: number): Promise<void> {
    this.#lastSeq = seq;
    return this.#file?.append(line) ?? Promise.resolve();
  }

  /** Settles when all that was appended so far is written. Never rejects. */
  written(): Promise<void> {
    return this.#file?.written() ?? Promise.resolve();
  }

  /** A checkpoint holds everything up to `seq`; what is older may be removed. */
  checkpointed(seq: number): void {
    this.#checkpointSeq = seq;
    while (this.#backups.length > this.#options.maxBackups) {
      if ((this.#backups.at(-1) ?? 0) > seq) return;
      remove(`${this.#path}.${this.#backups.length}`);
      this.#backups.pop();
    }
  }

  /** Goes on under the journal's path when somebody else moved, removed or cut the file. */
  follow(): void {
    if (!this.#moved) this.#file?.follow();
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Cuts a batch at line ends so that no file outgrows `maxSizeBytes`, rotating in between. */
  *#divide(bytes: Uint8Array): Iterable<Uint8Array> {
    let rest = bytes;
    while (rest.length > 0) {
      const size = this.#file?.size ?? 0;
      const room = this.#options.maxSizeBytes - size;
      if (rest.length <= room) {
        yield rest;
        return;
      }
      const fitting = room > 0 ? rest.lastIndexOf(NEWLINE, room - 1) + 1 : 0;
      if (fitting === 0 && size > 0) {
        this.#rotate();
        continue;
      }
      const part = rest.subarray(0, fitting === 0 ? rest.indexOf(NEWLINE) + 1 : fitting);
      yield part;
      rest = rest.subarray(part.length);
    }
  }

  #rotate(): void {
    if (!this.#moved) {
      for (let n = this.#backups.length; n >= 1; n--) {
        rename(`${this.#path}.${n}`, `${this.#path}.${n + 1}`);
      }
      rename(this.#path, `${this.#path}.1`);
      this.#backups.unshift(this.#lastSeq);
      this.#moved = true;
    }
    // Where this fails it is tried again, and the files must not be moved a second time.
    this.#file?.reopen();
    this.#moved = false;
    if (this.#backups.length <= this.#options.maxBackups) return;
    if ((this.#backups.at(-1) ?? 0) > this.#checkpointSeq) this.#options.onCheckpointNeeded();
    else this.checkpointed(this.#checkpointSeq);
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    ignoreMissing(error);
  }
}

function rename(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    ignoreMissing(error);
  }
}

/** Somebody else removed the file: nothing is left to do. Other errors are thrown again. */
function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
