/**
 * Reads a backup into a new folder, and checks all of it: which format it has, that every file is
 * there in full, and that its sum is right. Nothing outside of that folder is touched.
 */

import { createHash } from "node:crypto";
import { join } from "@std/path";
import {
  FORMAT,
  journalNumber,
  MANIFEST,
  type Manifest,
  manifestSchema,
  STORE_FILE,
  SUMS,
} from "./format.ts";
import { readTar, type TarEntry, TarError } from "./tar.ts";

/** Most bytes of the files that are read whole. */
const SMALL_BYTES = 1 << 26;

/** The backup cannot be used; the message says why, to follow its name. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}

/** A backup that is right, in files of its own. */
export interface Unpacked {
  readonly manifest: Manifest;
  /** Path of the store. */
  readonly store: string;
  /** Paths of the journal's files, the newest first. */
  readonly journal: readonly string[];
}

/**
 * Unpacks a backup into `dir`, which must be there and empty. As a trial it only reads and checks.
 *
 * @throws {BackupError} when it is not whole, damaged, or of another format
 */
export async function unpackBackup(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
  dir: string,
  { isTrial = false } = {},
): Promise<Unpacked> {
  try {
    return await unpack(bytes.pipeThrough(new DecompressionStream("gzip")), dir, isTrial);
  } catch (error) {
    if (error instanceof TarError) throw new BackupError(error.message);
    // What the runtime says of compressed data that is damaged or cut.
    if (error instanceof TypeError) throw new BackupError(`is damaged or cut: ${error.message}`);
    throw error;
  }
}

async function unpack(
  bytes: AsyncIterable<Uint8Array>,
  dir: string,
  isTrial: boolean,
): Promise<Unpacked> {
  let manifest: Manifest | null = null;
  let told: ReadonlyMap<string, number> = new Map();
  let sums: string | null = null;
  const found = new Map<string, { readonly sum: string; readonly size: number }>();
  for await (const entry of readTar(bytes)) {
    const { name, size } = entry;
    if (found.has(name)) throw new BackupError(`has ${JSON.stringify(name)} twice`);
    if (name === MANIFEST || name === SUMS) {
      const text = await smallText(entry);
      if (name === SUMS) sums = text;
      else {
        manifest = manifestOf(text);
        told = new Map(manifest.files.map(({ name, size }) => [name, size]));
        found.set(name, { sum: createHash("sha256").update(text).digest("hex"), size });
      }
      continue;
    }
    const quoted = JSON.stringify(name);
    if (manifest === null) throw new BackupError(`is no backup of hbd: it begins with ${quoted}`);
    const target = fileFor(name);
    if (target === null) throw new BackupError(`has ${quoted} in it, which no backup has`);
    // Before it is written: what is forged may be large enough to fill the disk.
    if (told.get(name) !== size) {
      throw new BackupError(`is damaged: ${quoted} in it is not of the size that ${MANIFEST} says`);
    }
    const sum = isTrial ? await sumOf(entry) : await write(entry, join(dir, target));
    found.set(name, { sum, size });
  }
  if (manifest === null) throw new BackupError("is no backup of hbd: it is empty");
  if (sums === null) throw new BackupError(`is not whole: ${SUMS} is missing at its end`);
  check(manifest, sums, found);
  const journal = [...found.keys()].flatMap((name) => journalNumber(name) ?? [])
    .sort((a, b) => a - b);
  return {
    manifest,
    store: join(dir, STORE_FILE),
    journal: journal.map((n) => join(dir, `journal.${n}`)),
  };
}

function check(
  manifest: Manifest,
  sums: string,
  found: ReadonlyMap<string, { readonly sum: string; readonly size: number }>,
): void {
  const told = new Map(
    Array.from(sums.matchAll(/^([0-9a-f]{64}) {2}(.+)$/gm), ([, sum, name = ""]) => [name, sum]),
  );
  for (const { name, size } of manifest.files) {
    if (found.get(name)?.size === size) continue;
    throw new BackupError(`is not whole: ${JSON.stringify(name)} is missing`);
  }
  for (const [name, { sum }] of found) {
    if (told.get(name) !== sum) throw new BackupError(`is damaged: the sum of ${name} is wrong`);
  }
  if (!found.has(STORE_FILE)) throw new BackupError(`is not whole: ${STORE_FILE} is missing`);
}

function manifestOf(text: string): Manifest {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new BackupError(`is damaged: ${MANIFEST} in it is no JSON`);
  }
  const { format } = typeof data === "object" && data !== null
    ? data as { readonly format?: unknown }
    : {};
  if (typeof format === "number" && format !== FORMAT) {
    throw new BackupError(
      `has format ${format}, and this version of hbd knows ${FORMAT}: use the one that made it`,
    );
  }
  const result = manifestSchema.safeParse(data);
  if (!result.success) throw new BackupError(`is damaged: ${MANIFEST} in it is not right`);
  return result.data;
}

function fileFor(name: string): string | null {
  if (name === STORE_FILE) return STORE_FILE;
  const n = journalNumber(name);
  return n === null ? null : `journal.${n}`;
}

async function smallText({ name, size, chunks }: TarEntry): Promise<string> {
  if (size > SMALL_BYTES) throw new BackupError(`is damaged: ${name} in it is too long`);
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

async function sumOf({ chunks }: TarEntry): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

/** Returns the sum of what was written. */
async function write({ chunks }: TarEntry, path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path, { createNew: true, write: true, mode: 0o600 });
  for await (const chunk of chunks) {
    hash.update(chunk);
    for (let n = 0; n < chunk.length;) n += await file.write(chunk.subarray(n));
  }
  await file.sync();
  return hash.digest("hex");
}
