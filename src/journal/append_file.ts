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

export interface AppendFileOptions {
  /** Wait for the disk, not only for the operating system. @default {false} */
  readonly sync?: boolean;
  /** Called with the error when writing begins to fail, with null when it works again. */
  readonly onTrouble?: (error: Error | null) => void;
  /** Divides what is about to be written; between two parts it may have the file begun anew. */
  readonly divide?: (bytes: Uint8Array) => Iterable<Uint8Array>;
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
  #lost = 0;

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

  /**
   * Adds `text`, which ends a line. The promise settles when it is written, and never rejects: while the
   * disk refuses, it settles at once, and the text is held.
   */
  append(text: string): Promise<void> {
    if (this.#failing) {
      if (this.#waiting.length < HELD_LIMIT) this.#waiting += text;
      else this.#lost++;
      return Promise.resolve();
    }
    this.#waiting += text;
    if (this.#batch === null) {
      this.#batch = Promise.withResolvers();
      if (this.#syncing === null) setImmediate(() => this.#flush());
    }
    return this.#batch.promise;
  }

  /** Starts the file anew under the same path, which must have been moved or cut before. */
  reopen(): void {
    const file = Deno.openSync(this.#path, { append: true, create: true });
    this.#file.close();
    this.#file = file;
    this.#size = file.statSync().size;
  }

  /** Writes what waits, confirms it and closes the file. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    while (this.#syncing !== null) await this.#syncing;
    this.#flush();
    while (this.#syncing !== null) await this.#syncing;
    if (this.#retry !== null) clearTimeout(this.#retry);
    await this.#file.syncData().catch(() => {});
    this.#file.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #flush(): void {
    const batch = this.#batch;
    const text = this.#waiting;
    if (text === "" || this.#syncing !== null) return;
    this.#batch = null;
    this.#waiting = "";
    try {
      this.#write(text);
      this.#trouble(null);
      if (this.#options.sync === true) {
        this.#sync(batch);
        return;
      }
    } catch (error) {
      this.#trouble(error instanceof Error ? error : new Error(String(error)));
    }
    batch?.resolve();
  }

  /** Writes all of `text`, or holds what could not be written and throws. */
  #write(text: string): void {
    let bytes: Uint8Array;
    if (text.length * 3 <= SCRATCH_BYTES) {
      bytes = this.#scratch.subarray(0, this.#encoder.encodeInto(text, this.#scratch).written);
    } else {
      bytes = this.#encoder.encode(text);
    }
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
    // What a failed attempt left behind goes first, so that no line is ever torn by us.
    if (this.#failing) this.#file.truncateSync(this.#size);
    try {
      let written = 0;
      while (written < bytes.length) written += this.#file.writeSync(bytes.subarray(written));
      this.#size += bytes.length;
    } catch (error) {
      try {
        this.#file.truncateSync(this.#size);
      } catch {
        // A disk that refuses this too is cut back before the next attempt.
      }
      throw error;
    }
  }

  #sync(batch: PromiseWithResolvers<void> | null): void {
    this.#syncing = this.#file.syncData()
      .catch((error) => this.#trouble(error instanceof Error ? error : new Error(String(error))))
      .then(() => {
        this.#syncing = null;
        batch?.resolve();
        if (!this.#closed) this.#flush();
      });
  }

  #trouble(error: Error | null): void {
    if (error !== null && !this.#closed) {
      this.#retry = setTimeout(() => {
        if (this.#waiting === "") this.#trouble(null);
        else this.#flush();
      }, RETRY_MS);
    }
    if (this.#failing === (error !== null)) return;
    this.#failing = error !== null;
    this.#options.onTrouble?.(error);
  }
}
