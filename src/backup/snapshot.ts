/**
 * A copy of the store as it was at one moment, also while a server writes into it.
 *
 * Deno KV is a SQLite file with a write-ahead log, and has no way to read all of it at one moment.
 * SQLite's own backup has: taken in a single step it is one transaction, keeps no writer waiting,
 * and gives a single file that Deno KV opens. (`VACUUM INTO` would do, too, but Deno lets nobody use
 * it without all permissions.)
 */

import { backup, DatabaseSync } from "node:sqlite";

/** A writer holds the file for some milliseconds at a time; this is far more. */
const BUSY_MS = 10_000;

/** Pages copied in one step: all. */
const ALL_PAGES = 2 ** 31 - 1;

/**
 * Copies the store at `from` to `to`, which must not exist; nobody else may read the copy. Works on
 * while it copies: for a server, to be called in a Worker. Rejects with what SQLite says.
 */
export async function snapshotStore(from: string, to: string): Promise<void> {
  await Deno.stat(from); // SQLite would make an empty one.
  // SQLite takes an empty file, and keeps its mode.
  (await Deno.open(to, { createNew: true, write: true, mode: 0o600 })).close();
  const database = new DatabaseSync(from, { timeout: BUSY_MS });
  try {
    await backup(database, to, { rate: ALL_PAGES });
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
