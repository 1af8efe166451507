/**
 * Reading the journal back, oldest record first, from a given number on.
 *
 * Only what is needed is read: older files are passed over by the number on their first line, and
 * the place in the first file is found by bisection. A last line without its line end was torn by a
 * crash (it was never answered): it is skipped, and `tornBytes` says how much of the file it is. A
 * line that cannot be read elsewhere is reported and passed over.
 *
 * All files are opened before the first is read: a server that rotates them meanwhile gives them
 * other names, and takes nothing away.
 */

import { join } from "@std/path";
import { type JournalRecord, parseLine, seqOfLine } from "./line.ts";

/** Bytes read at once; also what a single call to `replay` makes records of. */
const CHUNK_BYTES = 1 << 20;

/** A stretch this short is read through rather than bisected further. */
const SHORT_BYTES = 1 << 18;

/** How often the files are opened anew where they are rotated in between. */
const OPEN_TURNS = 5;

/** Something in the journal that could not be used. */
export interface JournalProblem {
  readonly file: string;
  /** Where the line begins, bytes from the start of the file. */
  readonly offset: number;
  readonly message: string;
}

export interface ReplayOptions {
  readonly onProblem: (problem: JournalProblem) => void;
  /** The newest file ends in a torn line: its whole lines end at `goodBytes`. */
  readonly onTorn: (file: string, goodBytes: number, tornBytes: number) => void;
}

/** The files of the journal `file` in `dir`; the rotated ones by number, the newest first. */
export async function listJournal(
  dir: string,
  file: string,
): Promise<{ readonly current: string | null; readonly backups: readonly string[] }> {
  let current: string | null = null;
  const numbers: number[] = [];
  for await (const entry of Deno.readDir(dir)) {
    if (entry.name === file) current = join(dir, file);
    const suffix = entry.name.startsWith(`${file}.`) ? entry.name.slice(file.length + 1) : "";
    if (/^[1-9]\d*$/.test(suffix)) numbers.push(Number(suffix));
  }
  numbers.sort((a, b) => a - b);
  return { current, backups: numbers.map((n) => join(dir, `${file}.${n}`)) };
}

/** Yields the records with a number above `afterSeq`, in batches. Throws when a file is unreadable. */
export async function* replay(
  dir: string,
  file: string,
  afterSeq: number,
  options: ReplayOptions,
): AsyncGenerator<readonly JournalRecord[]> {
  using opened = await openFiles(dir, file);
  const { files } = opened;
  let first = files.length - 1;
  for (; first > 0; first--) {
    const here = files[first];
    if (here !== undefined && ((await firstSeq(here.file)) ?? Infinity) <= afterSeq + 1) break;
  }
  for (const here of files.slice(Math.max(first, 0))) {
    yield* readFile(here, afterSeq, here === files.at(-1), options);
  }
}

interface OpenFile {
  readonly path: string;
  readonly file: Deno.FsFile;
}

interface OpenFiles extends Disposable {
  /** The oldest first. */
  readonly files: readonly OpenFile[];
}

/** Opens all files of the journal as they are at one moment. */
async function openFiles(dir: string, file: string): Promise<OpenFiles> {
  for (let turn = 1;; turn++) {
    using stack = new DisposableStack();
    const { current, backups } = await listJournal(dir, file);
    const files: OpenFile[] = [];
    let isSame = true;
    try {
      for (const path of [...backups.toReversed(), ...(current === null ? [] : [current])]) {
        files.push({ path, file: stack.use(await Deno.open(path, { read: true })) });
      }
      for (const { path, file } of files) {
        if ((await file.stat()).ino !== (await Deno.stat(path)).ino) isSame = false;
      }
    } catch (error) {
      const isRotated = error instanceof Deno.errors.NotFound && turn < OPEN_TURNS;
      if (!isRotated) throw error;
      isSame = false;
    }
    if (!isSame && turn < OPEN_TURNS) continue;
    const kept = stack.move();
    return { files, [Symbol.dispose]: () => kept.dispose() };
  }
}

async function* readFile(
  { path, file }: OpenFile,
  afterSeq: number,
  isNewest: boolean,
  { onProblem, onTorn }: ReplayOptions,
): AsyncGenerator<readonly JournalRecord[]> {
  let offset = await placeOf(file, afterSeq);
  await file.seek(offset, Deno.SeekMode.Start);
  const decoder = new TextDecoder();
  let rest = new Uint8Array(0);
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (let read = await file.read(chunk); read !== null; read = await file.read(chunk)) {
    const bytes = new Uint8Array(rest.length + read);
    bytes.set(rest);
    bytes.set(chunk.subarray(0, read), rest.length);
    const records: JournalRecord[] = [];
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      const line = decoder.decode(bytes.subarray(start, end));
      const seq = seqOfLine(line);
      if (seq === null || seq > afterSeq) {
        try {
          records.push(parseLine(line));
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          onProblem({ file: path, offset: offset + start, message });
        }
      }
      start = end + 1;
    }
    rest = bytes.slice(start);
    offset += start;
    if (records.length > 0) yield records;
  }
  if (rest.length === 0) return;
  if (isNewest) onTorn(path, offset, rest.length);
  else onProblem({ file: path, offset, message: "Last line of a rotated file has no line end" });
}

async function firstSeq(file: Deno.FsFile): Promise<number | null> {
  return (await lineAfter(file, 0))?.seq ?? null;
}

/** Offset of a line start at or before the first record above `afterSeq`, and near it. */
async function placeOf(file: Deno.FsFile, afterSeq: number): Promise<number> {
  let low = 0;
  let high = (await file.stat()).size;
  while (high - low > SHORT_BYTES) {
    const middle = Math.floor((low + high) / 2);
    const line = await lineAfter(file, middle);
    if (line !== null && line.offset < high && line.seq <= afterSeq) low = line.offset;
    else high = middle;
  }
  return low;
}

/**
 * An offset behind every record with a number below `seq` whose line is no longer than `longest`
 * bytes, and near it; the end of the file when there are none above.
 */
export async function lineEndAfter(
  file: Deno.FsFile,
  seq: number,
  longest: number,
): Promise<number> {
  const { size } = await file.stat();
  return Math.min(size, await placeOf(file, seq - 1) + SHORT_BYTES + longest);
}

/** The first readable line that starts at `offset` (0) or behind the next line end after it. */
async function lineAfter(
  file: Deno.FsFile,
  offset: number,
): Promise<{ readonly offset: number; readonly seq: number } | null> {
  const bytes = new Uint8Array(SHORT_BYTES);
  await file.seek(offset, Deno.SeekMode.Start);
  let length = 0;
  while (length < bytes.length) {
    const read = await file.read(bytes.subarray(length));
    if (read === null) break;
    length += read;
  }
  const decoder = new TextDecoder();
  let start = offset === 0 ? 0 : bytes.subarray(0, length).indexOf(10) + 1;
  if (offset !== 0 && start === 0) return null;
  while (start < length) {
    const end = bytes.subarray(start, Math.min(length, start + 64)).indexOf(44);
    const head = end < 0 ? "" : decoder.decode(bytes.subarray(start, start + end + 1));
    const seq = seqOfLine(head);
    if (seq !== null) return { offset: offset + start, seq };
    const next = bytes.subarray(start, length).indexOf(10);
    if (next < 0) return null;
    start += next + 1;
  }
  return null;
}
