/**
 * Messages that could not be delivered, kept on disk until they can: one small file each, named by
 * the time it happened, so that the order is the folder's and a client that is killed half-way
 * leaves whole messages only. Bounded: the oldest make room for new ones, and are counted.
 *
 *   001795231286563-mi7k2x-0001.json: {"at":1795231286.563,"fields":{"ID":"MSG","message":"…"}}
 *
 * Writing never blocks nor fails for the caller: what the disk refuses is kept in memory instead,
 * under the same bound.
 */

import { getLogger } from "@logtape/logtape";
import { join } from "@std/path";

const log = getLogger(["hbc", "spool"]);

const NAME = /^(\d{15})-[a-z0-9]+-\d{4,}\.json$/;

/** What a message says, without what is only known when it is sent. */
export type SpooledFields = Readonly<Record<string, unknown>>;

/** A message in the spool. */
export interface SpoolEntry {
  readonly file: string;
  /** When it happened, epoch milliseconds. */
  readonly atMs: number;
  readonly bytes: number;
}

interface Held extends SpoolEntry {
  /** Its text while it is not on disk. */
  text: string | null;
}

export class Spool {
  readonly #dir: string | null;
  readonly #maxBytes: number;
  readonly #id: string;
  #entries: Held[] = [];
  /** Files that could not be read: left where they are, for another run or another user. */
  readonly #skipped = new Set<string>();
  #bytes = 0;
  #dropped = 0;
  #counter = 0;
  #isFailing = false;
  #work: Promise<void> = Promise.resolve();

  private constructor(dir: string | null, maxBytes: number) {
    this.#dir = dir;
    this.#maxBytes = maxBytes;
    this.#id = crypto.randomUUID().replaceAll("-", "");
  }

  /**
   * Opens or creates the spool in `dir`; null keeps everything in memory. A folder that cannot be
   * used is logged, and the spool is then in memory too.
   */
  static async open(dir: string | null, maxBytes: number): Promise<Spool> {
    if (dir === null) return new Spool(null, maxBytes);
    try {
      await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
      const spool = new Spool(dir, maxBytes);
      await spool.refresh();
      return spool;
    } catch (error) {
      log.warn(
        'The folder "{dir}" cannot be used, the undelivered is kept in memory only: {reason}. ' +
          "To use another one: spool_dir in the configuration",
        { dir, reason: reasonOf(error) },
      );
      return new Spool(null, maxBytes);
    }
  }

  /** The folder; null when everything is in memory. */
  get dir(): string | null {
    return this.#dir;
  }

  /** Messages in the spool. */
  get size(): number {
    return this.#entries.length;
  }

  /** Bytes of their texts. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Messages that were given up since the start, to make room or because they were damaged. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Keeps a message. */
  add(fields: SpooledFields, atMs: number): SpoolEntry {
    const text = JSON.stringify({ at: atMs / 1000, fields }) + "\n";
    this.#counter += 1;
    const stamp = String(Math.max(0, Math.round(atMs))).padStart(15, "0");
    const file = `${stamp}-${this.#id}-${String(this.#counter).padStart(4, "0")}.json`;
    const entry: Held = { file, atMs, bytes: new TextEncoder().encode(text).length, text };
    this.#insert(entry);
    if (this.#dir !== null) this.#do(() => this.#write(entry));
    this.#makeRoom();
    return entry;
  }

  /**
   * The oldest message; null when there is none, or no file can be opened now. Damaged ones go, and
   * unreadable ones are passed over until the next start.
   */
  async first(): Promise<{ readonly entry: SpoolEntry; readonly fields: SpooledFields } | null> {
    for (let entry = this.#entries[0]; entry !== undefined; entry = this.#entries[0]) {
      try {
        const text = entry.text ?? await Deno.readTextFile(join(this.#dir ?? "", entry.file));
        const fields = fieldsOf(text);
        if (fields !== null) return { entry, fields };
        this.#dropped += 1;
        log.warn("An undelivered message was damaged on disk and is lost: {file}", {
          file: entry.file,
        });
      } catch (error) {
        if (isShortage(error)) {
          this.#complain(error);
          return null;
        }
        if (!(error instanceof Deno.errors.NotFound)) {
          this.#skip(entry, error);
          continue;
        }
        // Another process with the same folder has delivered it.
      }
      this.remove(entry);
    }
    return null;
  }

  /** True while `entry` has been neither removed nor dropped. */
  has(entry: SpoolEntry): boolean {
    return this.#entries.includes(entry as Held);
  }

  /** Removes a delivered message. */
  remove(entry: SpoolEntry): void {
    if (!this.#forget(entry)) return;
    const path = this.#path(entry);
    if (path !== null) this.#do(() => removeIfThere(path));
  }

  /** Takes up what other processes, like `hbc -m`, have left in the folder. */
  async refresh(): Promise<void> {
    if (this.#dir === null) return;
    await this.#work;
    const known = new Set(this.#entries.map(({ file }) => file));
    const found: string[] = [];
    for await (const { name, isFile } of Deno.readDir(this.#dir)) {
      const isOther = !known.has(name) && !this.#skipped.has(name) && !name.includes(this.#id);
      if (isFile && NAME.test(name) && isOther) found.push(name);
    }
    for (const file of found.sort()) {
      const size = await sizeOf(join(this.#dir, file));
      if (size === null) continue;
      this.#insert({ file, atMs: Number(file.slice(0, 15)), bytes: size, text: null });
    }
    this.#makeRoom();
  }

  /** Settles when everything said so far is on disk. Never rejects. */
  async flushed(): Promise<void> {
    await this.#work;
  }

  #insert(entry: Held): void {
    const after = this.#entries.findLastIndex(({ file }) => file < entry.file);
    this.#entries.splice(after + 1, 0, entry);
    this.#bytes += entry.bytes;
  }

  /** False when `entry` was not there. */
  #forget(entry: SpoolEntry): boolean {
    const index = this.#entries.indexOf(entry as Held);
    if (index < 0) return false;
    this.#entries.splice(index, 1);
    this.#bytes -= entry.bytes;
    return true;
  }

  /** Told once, as what is wrong with one file may be wrong with hundreds. */
  #skip(entry: SpoolEntry, error: unknown): void {
    this.#forget(entry);
    if (this.#skipped.size === 0) {
      log.warn(
        'In the spool "{dir}" {file} cannot be read and is passed over, as will be all like it: ' +
          "{reason}. It should belong to the user who runs hbc",
        { dir: this.#dir, file: entry.file, reason: reasonOf(error) },
      );
    }
    this.#skipped.add(entry.file);
  }

  #makeRoom(): void {
    let count = 0;
    for (let oldest = this.#entries[0]; this.#bytes > this.#maxBytes && oldest !== undefined;) {
      this.remove(oldest);
      count += 1;
      oldest = this.#entries[0];
    }
    this.#dropped += count;
    if (count > 0 && this.#dropped === count) {
      log.warn("The spool is full ({bytes} bytes): from now on the oldest messages are dropped", {
        bytes: this.#maxBytes,
      });
    }
  }

  #path({ file }: SpoolEntry): string | null {
    return this.#dir === null ? null : join(this.#dir, file);
  }

  #do(step: () => Promise<void>): void {
    this.#work = this.#work.then(step).catch((error) => this.#complain(error));
  }

  /** Once, until it works again. */
  #complain(error: unknown): void {
    const reason = reasonOf(error);
    if (!this.#isFailing) log.warn('Spool "{dir}": {reason}', { dir: this.#dir, reason });
    this.#isFailing = true;
  }

  async #write(entry: Held): Promise<void> {
    const path = this.#path(entry);
    if (path === null || entry.text === null || !this.has(entry)) return;
    const half = `${path}.tmp`;
    try {
      await Deno.writeTextFile(half, entry.text, { mode: 0o600 });
      await Deno.rename(half, path);
    } catch (error) {
      await removeIfThere(half);
      throw error;
    }
    entry.text = null;
    this.#isFailing = false;
  }
}

/** What a whole, undamaged text says; else null. */
function fieldsOf(text: string): SpooledFields | null {
  if (!text.endsWith("\n")) return null;
  try {
    const { fields } = JSON.parse(text) as { fields?: unknown };
    return typeof fields === "object" && fields !== null ? fields as SpooledFields : null;
  } catch {
    return null;
  }
}

/** True when the trouble is with the process or the machine, not with the file. */
function isShortage(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    ["EMFILE", "ENFILE", "ENOMEM"].includes(String(error.code));
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await Deno.stat(path)).size;
  } catch {
    return null;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
