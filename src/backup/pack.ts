/**
 * Makes a backup of a state folder as a stream, while a server works in it or not.
 *
 * The store comes first and the journal after it: recovery then finds a checkpoint, and every line
 * after it up to the moment when the journal was looked at, as it does after a crash at that moment.
 * A beat that was answered before then is in the journal, because it was written before the answer.
 * Nothing is locked, and nobody waits.
 */

import { createHash } from "node:crypto";
import { join } from "@std/path";
import { FORMAT, journalEntry, MANIFEST, type Manifest, STORE_FILE, SUMS } from "./format.ts";
import { JournalFiles } from "./journal_files.ts";
import { snapshotStore } from "./snapshot.ts";
import { TAR_END, tarHeader, tarPadding } from "./tar.ts";

const CHUNK_BYTES = 1 << 18;

/** No backup takes so long to copy the store. */
const LEFTOVER_MS = 86_400_000;

/** How often it is begun anew. */
const ATTEMPTS = 10;

/** What to back up. */
export interface BackupJob {
  readonly stateDir: string;
  /** Null: there is no journal. */
  readonly journal: { readonly dir: string; readonly file: string } | null;
  /** Version of this program. */
  readonly version: string;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** A part of a backup: a file of which `size` bytes are taken. */
interface Part {
  readonly name: string;
  readonly file: Deno.FsFile;
  readonly size: number;
}

interface Gathered {
  readonly parts: readonly Part[];
  readonly journalFile: string | null;
}

/**
 * The bytes of a backup. What is made on the way is removed at the end, and when `stack` is disposed
 * of: for a stream that is not read to its end. Fails with an Error when the state cannot be read.
 */
export function backupStream(
  job: BackupJob,
  stack: DisposableStack,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return packed(backupTar(job, stack));
}

/** What `backupTar` gives, compressed. */
export function packed(tar: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array<ArrayBuffer>> {
  // Of DOM and Deno, the types of compressed streams differ in whose memory the bytes are.
  return ReadableStream.from(tar).pipeThrough(
    new CompressionStream("gzip") as unknown as TransformStream<
      Uint8Array,
      Uint8Array<ArrayBuffer>
    >,
  );
}

/** The tar file of a backup; see `backupStream`. Nothing is done before it is asked for. */
export async function* backupTar(
  job: BackupJob,
  made: DisposableStack,
): AsyncGenerator<Uint8Array> {
  using stack = made;
  const { parts, journalFile } = await gather(job, stack);
  const manifest: Manifest = {
    format: FORMAT,
    program: job.version,
    made: new Date(job.nowMs).toISOString(),
    host: Deno.hostname(),
    journal_file: journalFile,
    files: parts.map(({ name, size }) => ({ name, size })),
  };
  const sums: string[] = [];
  const about = new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
  sums.push(`${createHash("sha256").update(about).digest("hex")}  ${MANIFEST}\n`);
  yield* whole(MANIFEST, about, job.nowMs);
  for (const { name, file, size } of parts) {
    yield tarHeader(name, size, job.nowMs);
    const hash = createHash("sha256");
    for await (const chunk of chunksOf(name, file, size)) {
      hash.update(chunk);
      yield chunk;
    }
    yield tarPadding(size);
    sums.push(`${hash.digest("hex")}  ${name}\n`);
  }
  yield* whole(SUMS, new TextEncoder().encode(sums.join("")), job.nowMs);
  yield TAR_END;
}

/**
 * Opens what goes into the backup; `stack` closes it. A journal of tiny files may be rotated faster
 * than the store is copied, so that lines are gone that nobody has opened: then it begins anew.
 */
async function gather(job: BackupJob, stack: DisposableStack): Promise<Gathered> {
  for (let n = 1;; n++) {
    const attempt = new DisposableStack();
    try {
      const gathered = await gatherOnce(job, attempt);
      if (gathered !== null) {
        stack.use(attempt.move());
        return gathered;
      }
    } finally {
      attempt.dispose();
    }
    if (n >= ATTEMPTS) {
      throw new Error(
        `The journal of ${job.stateDir} is rotated faster than it can be copied: ` +
          "a larger journal_max_size or journal_max_backups helps",
      );
    }
  }
}

/** Null: between what was opened lines are missing. */
async function gatherOnce(
  { stateDir, journal }: BackupJob,
  stack: DisposableStack,
): Promise<Gathered | null> {
  const files = journal === null ? null : stack.use(new JournalFiles(journal.dir, journal.file));
  // What the checkpoint of the store still needs must not be removed before it is read.
  await files?.hold();
  await removeLeftovers(stateDir);
  const copy = join(stateDir, `.backup-${crypto.randomUUID().slice(0, 8)}.kv`);
  stack.defer(() => removeIfThere(copy));
  await snapshotStore(join(stateDir, STORE_FILE), copy);
  const store = stack.use(await Deno.open(copy, { read: true }));
  const parts: Part[] = [{ name: STORE_FILE, file: store, size: store.statSync().size }];
  await files?.hold();
  if (files?.isWhole === false) return null;
  const journals = (files?.parts() ?? []).toReversed();
  for (const [n, { file, size }] of journals.entries()) {
    parts.push({ name: journalEntry(n), file, size });
  }
  return { parts, journalFile: journal?.file ?? null };
}

async function* chunksOf(
  name: string,
  file: Deno.FsFile,
  size: number,
): AsyncGenerator<Uint8Array> {
  await file.seek(0, Deno.SeekMode.Start);
  for (let left = size; left > 0;) {
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, left));
    const read = await file.read(chunk);
    if (read === null) throw new Error(`${name} became shorter while it was read`);
    left -= read;
    yield chunk.subarray(0, read);
  }
}

function* whole(name: string, bytes: Uint8Array, madeMs: number): Generator<Uint8Array> {
  yield tarHeader(name, bytes.length, madeMs);
  yield bytes;
  yield tarPadding(bytes.length);
}

/** What a backup that was killed has left behind. */
async function removeLeftovers(dir: string): Promise<void> {
  for await (const { name } of Deno.readDir(dir)) {
    if (!/^\.backup-[0-9a-f]{8}\.kv/.test(name)) continue;
    const path = join(dir, name);
    const made = await Deno.stat(path).then(({ mtime }) => mtime?.getTime() ?? 0, () => Infinity);
    if (made < Date.now() - LEFTOVER_MS) removeIfThere(path);
  }
}

function removeIfThere(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`]) {
    try {
      Deno.removeSync(file);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
