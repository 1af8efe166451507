/**
 * A copy of the store as it was at one moment, also while a server writes into it.
 *
 * Deno KV is a SQLite file with a write-ahead log, and has no way to read all of it at one moment.
 * SQLite has: `VACUUM INTO` reads in one transaction, keeps no writer waiting, and writes a single
 * file. What comes out is again a file that Deno KV opens.
 */

import { DatabaseSync } from "node:sqlite";

/** A writer holds the file for some milliseconds at a time; this is far more. */
const BUSY_MS = 10_000;

/**
 * Copies the store at `from` to `to`, which must not exist; nobody else may read the copy. Works on
 * while it copies: for a server, to be called in a Worker. Throws what SQLite throws.
 */
export function snapshotStore(from: string, to: string): void {
  Deno.statSync(from); // SQLite would make an empty one.
  // SQLite takes an empty file, and keeps its mode.
  Deno.openSync(to, { createNew: true, write: true, mode: 0o600 }).close();
  const database = new DatabaseSync(from, { timeout: BUSY_MS });
  try {
    database.prepare("VACUUM INTO ?").run(to);
  } finally {
    database.close();
  }
}

/** Brings the write-ahead log of a store that nobody has open into its file. */
export function settleStore(path: string): void {
  const database = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } finally {
    database.close();
  }
}
