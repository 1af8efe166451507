/**
 * A file that only grows, written once for each turn of the event loop.
 *
 * Group commit: everything appended while the loop handles what the sockets brought goes into one
 * write at the end of that turn, and the promise given for it settles after that write (and, with
 * `sync`, after the disk has confirmed it). The write itself is synchronous: into the page cache it
 * takes some 10 µs for a whole batch, a fraction of what handing it to another thread costs.
 *
 * When the disk is full or read-only nothing is thrown: the file is cut back to its last whole
 * line, what could not be written is held in memory (up to a bound) and tried again every second,
 * and `onTrouble` is told once when it begins and once when it is over.
 */

import { setImmediate } from "node:timers";

/** Text held while the disk refuses it, in UTF-16 code units. */
const HELD_LIMIT = 16 * 1024 * 1024;

/** Time between two attempts to write to a disk that refuses. */
const RETRY_MS = 1000;

/** The buffer for one batch; larger batches get one of their own. */
const SCRATCH_BYTES = 1 << 20;

/** UTF-16 code units that make a batch full: with one more beat it still fits the buffer. */
const FULL_BATCH = 1 << 18;

export interface AppendFileOptions {
  /** Wait for the disk, not only for the operating system. @default {false} */
  readonly sync?: boolean;
  /** Called with the error when writing begins to fail, with null when it works again. */
  readonly onTrouble?: (error: Error | null) => void;
  /** Divides what is about to be written; between two parts it may have the file begun anew. */
  readonly divide?: (bytes: Uint8Array) => Iterable<Uint8Array>;
}

/** What was written since the start, and how long the writes took, milliseconds. */
export interface WriteCounters {
  readonly count: number;
  readonly bytes: number;
  readonly totalMs: number;
  readonly lastMs: number;
}

export class AppendFile implements AsyncDisposable {
  readonly #path: string;
  readonly #options: AppendFileOptions;
  readonly #encoder = new TextEncoder();
  readonly #scratch = new Uint8Array(SCRATCH_BYTES);
  #file: Deno.FsFile;
  #size: number;
  #waiting = "";
  #batch: PromiseWithResolvers<void> | null = null;
  #syncing: Promise<void> | null = null;
  #retry: ReturnType<typeof setTimeout> | null = null;
  #failing = false;
  #closed = false;
  /** Our file is no longer the one under the path. */
  #isGone = false;
  #lost = 0;
  readonly #counters = { count: 0, bytes: 0, totalMs: 0, lastMs: 0 };

  private constructor(path: string, file: Deno.FsFile, size: number, options: AppendFileOptions) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
    this.#options = options;
  }

  /** Opens or creates the file. Throws what `Deno.open` throws. */
  static async open(path: string, options: AppendFileOptions = {}): Promise<AppendFile> {
    const file = await Deno.open(path, { append: true, create: true });
    return new AppendFile(path, file, (await file.stat()).size, options);
  }

  /** Bytes in the file. */
  get size(): number {
    return this.#size;
  }

  /** Appends that were given up since the start, because the disk refused for too long. */
  get lost(): number {
    return this.#lost;
  }

  counters(): WriteCounters {
    return { ...this.#counters };
  }

  /**
   * Adds `text`, which ends a line. The promise settles when it is written, and never rejects:
   * while the disk refuses, it settles at once, and the text is held.
   */
  append(text: string): Promise<void> {
    if (this.#failing) {
      if (this.#waiting.length < HELD_LIMIT) this.#waiting += text;
      else this.#lost++;
      return Promise.resolve();
    }
    this.#waiting += text;
    const batch = this.#batch ?? Promise.withResolvers<void>();
    if (this.#batch === null) {
      this.#batch = batch;
      if (this.#syncing === null) setImmediate(() => this.#flush());
    }
    // A long turn writes in between: larger batches cost more than they save.
    if (this.#waiting.length > FULL_BATCH) this.#flush();
    return batch.promise;
  }

  /** Settles when all that was appended so far is written, as `append` does. */
  written(): Promise<void> {
    return this.#batch?.promise ?? this.#syncing ?? Promise.resolve();
  }

  /** Starts the file anew under the same path, which must have been moved or cut before. */
  reopen(): void {
    const file = Deno.openSync(this.#path, { append: true, create: true });
    this.#file.close();
    this.#file = file;
    this.#size = file.statSync().size;
  }

  /** Looks whether somebody moved, removed or cut the file, and goes on under its path. */
  follow(): void {
    if (this.#closed || this.#failing) return;
    try {
      const here = this.#file.statSync();
      this.#size = Math.min(this.#size, here.size);
      this.#isGone = here.ino !== inodeOf(this.#path);
      this.#bringBack();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Writes what waits, confirms it and closes the file. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    while (this.#syncing !== null) await this.#syncing;
    this.#flush();
    while (this.#syncing !== null) await this.#syncing;
    this.#lost += this.#waiting.split("\n").length - 1;
    await this.#file.syncData().catch(() => {});
    this.#file.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #flush(): void {
    const text = this.#waiting;
    if (text === "" || this.#syncing !== null) return;
    const batch = this.#batch;
    this.#batch = null;
    this.#waiting = "";
    const startMs = performance.now();
    try {
      this.#write(text);
    } catch (error) {
      this.#failed(error);
      batch?.resolve();
      return;
    }
    if (this.#options.sync === true) {
      this.#sync(batch, startMs);
    } else {
      this.#took(startMs);
      this.#worked();
      batch?.resolve();
    }
  }

  /** A write that began at `startMs` is done. */
  #took(startMs: number): void {
    const ms = performance.now() - startMs;
    this.#counters.count++;
    this.#counters.totalMs += ms;
    this.#counters.lastMs = ms;
  }

  #sync(batch: PromiseWithResolvers<void> | null, startMs: number): void {
    this.#syncing = this.#file.syncData()
      .then(() => {
        this.#took(startMs);
        this.#worked();
      }, (error) => this.#failed(error))
      .then(() => {
        this.#syncing = null;
        batch?.resolve();
        if (!this.#failing) this.#flush();
      });
  }

  #failed(error: unknown): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = this.#closed ? null : setTimeout(() => this.#tryAgain(), RETRY_MS);
    if (this.#failing) return;
    this.#failing = true;
    this.#options.onTrouble?.(error instanceof Error ? error : new Error(String(error)));
  }

  #worked(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#options.onTrouble?.(null);
  }

  #tryAgain(): void {
    this.#retry = null;
    if (this.#waiting !== "") return this.#flush();
    try {
      this.#bringBack();
    } catch (error) {
      return this.#failed(error);
    }
    if (this.#options.sync === true) this.#sync(null, performance.now());
    else this.#worked();
  }

  #bringBack(): void {
    if (!this.#isGone) return;
    this.reopen();
    this.#isGone = false;
  }

  /** Writes all of `text`, or holds what could not be written and throws. */
  #write(text: string): void {
    const bytes = text.length * 3 <= SCRATCH_BYTES
      ? this.#scratch.subarray(0, this.#encoder.encodeInto(text, this.#scratch).written)
      : this.#encoder.encode(text);
    let done = 0;
    try {
      for (const part of this.#options.divide?.(bytes) ?? [bytes]) {
        this.#writePart(part);
        done += part.length;
      }
    } catch (error) {
      this.#waiting = new TextDecoder().decode(bytes.subarray(done)) + this.#waiting;
      throw error;
    }
  }

  #writePart(bytes: Uint8Array): void {
    this.#bringBack();
    // What a failed attempt left behind goes first, so that no line is ever torn by us.
    if (this.#failing) this.#file.truncateSync(this.#size);
    try {
      let written = 0;
      while (written < bytes.length) written += this.#file.writeSync(bytes.subarray(written));
      this.#size += bytes.length;
      this.#counters.bytes += bytes.length;
    } catch (error) {
      try {
        this.#file.truncateSync(this.#size);
      } catch {
        // A disk that refuses this too is cut back before the next attempt.
      }
      throw error;
    }
  }
}

/** What the file system knows the file under `path` by; undefined when there is none. */
function inodeOf(path: string): number | null | undefined {
  try {
    return Deno.statSync(path).ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
