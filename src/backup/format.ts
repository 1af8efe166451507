/**
 * What is in a backup. A tar file, compressed with gzip, that any `tar xzf` opens:
 *
 *   hbd-backup.json      {"format":1,"program":"0.1.0","made":"2026-11-01T21:00:00.000Z",
 *                         "host":"nas","journal_file":"messages.journal",
 *                         "files":[{"name":"hbd.kv","size":163840}, …]}
 *   hbd.kv               the store
 *   journal/0            the journal, the newest file
 *   journal/1            the one before it, and so on
 *   SHA256SUMS           sums of all of these, for `sha256sum -c`; last: without it, it is not whole
 */

import { z } from "zod";

/** The format that is written, and the only one that is read. */
export const FORMAT = 1;

export const MANIFEST = "hbd-backup.json";
export const SUMS = "SHA256SUMS";
export const STORE_FILE = "hbd.kv";

/** The name of journal file number `n` in a backup; 0 is the newest. */
export function journalEntry(n: number): string {
  return `journal/${n}`;
}

/** Which journal file an entry is; null: none. */
export function journalNumber(entry: string): number | null {
  const [, n] = /^journal\/(0|[1-9]\d{0,5})$/.exec(entry) ?? [];
  return n === undefined ? null : Number(n);
}

/** Checks the first file of a backup. */
export const manifestSchema = z.object({
  format: z.int(),
  program: z.string(),
  made: z.string(),
  host: z.string(),
  // It is put under this name where the configuration has none: not over what is the server's.
  journal_file: z.string().regex(
    /^(?!\.{1,2}$|hbd\.(?:lock|kv(?:-wal|-shm)?)$)[^/\\\p{Cc}]{1,200}$/u,
  ).nullable(),
  files: z.array(z.object({ name: z.string(), size: z.int().min(0) })).max(1_000_100),
});

export type Manifest = z.output<typeof manifestSchema>;
