/**
 * What was imported before, so that nothing counts twice: for each file how many bytes of it, and
 * their sum. By that a file is known again whatever it is called now, and when it has grown, where
 * it goes on.
 */

import { createHash } from "node:crypto";
import { z } from "zod";
import { lineBatches, linesIn } from "./lines.ts";

/** Under which kind they are in the store. */
export const IMPORT_RECORDS = "import";

const recordSchema = z.object({
  name: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  fromMs: z.number(),
  toMs: z.number(),
  lines: z.number(),
  atMs: z.number(),
});

/** A part of a file that was imported: its first `bytes`, times in epoch milliseconds. */
export type ImportRecord = z.output<typeof recordSchema>;

/** The records in the store; what is none is passed over. */
export function importRecords(stored: ReadonlyMap<string, unknown>): readonly ImportRecord[] {
  return [...stored.values()].flatMap((value) => recordSchema.safeParse(value).data ?? []);
}

/** A file before it is imported. */
export interface Identified {
  readonly path: string;
  /** Bytes of whole lines, and their sum. */
  readonly bytes: number;
  readonly sha256: string;
  /** What of it was imported before, the longest; null: nothing. */
  readonly known: ImportRecord | null;
  /** The first lines after that, and the last lines. */
  readonly first: readonly string[];
  readonly last: readonly string[];
}

/** How many lines are looked at for the first and the last time of a file. */
const LOOKED_AT = 50;

/** Reads the file once. Rejects when it cannot be read. */
export async function identify(
  path: string,
  records: readonly ImportRecord[],
): Promise<Identified> {
  const ends = [...new Set(records.map(({ bytes }) => bytes))].sort((a, b) => a - b);
  const hash = createHash("sha256");
  let bytes = 0;
  let known: ImportRecord | null = null;
  let first: string[] = [];
  let last: readonly string[] = [];
  for await (const batch of lineBatches(path)) {
    let done = 0;
    const inside = ends.map((end) => end - bytes)
      .filter((end) => end > 0 && end <= batch.length);
    for (const end of inside) {
      hash.update(batch.subarray(done, end));
      done = end;
      const sum = hash.copy().digest("hex");
      const found = records.find((one) => one.bytes === bytes + end && one.sha256 === sum);
      if (found === undefined) continue;
      known = found;
      first = [];
    }
    const rest = batch.subarray(done);
    hash.update(rest);
    const after = known === null ? batch : batch.subarray(Math.max(0, known.bytes - bytes));
    if (first.length < LOOKED_AT && after.length > 0) first = head(first, after);
    last = [...last, ...tail(batch)].slice(-LOOKED_AT);
    bytes += batch.length;
  }
  return { path, bytes, sha256: hash.digest("hex"), known, first, last };
}

function head(lines: readonly string[], bytes: Uint8Array): string[] {
  const more = [...lines];
  for (const line of linesIn(bytes.subarray(0, 1 << 16))) {
    if (more.length === LOOKED_AT) break;
    more.push(line);
  }
  return more;
}

function tail(bytes: Uint8Array): readonly string[] {
  return [...linesIn(bytes.subarray(Math.max(0, bytes.length - (1 << 16))))].slice(-LOOKED_AT);
}
