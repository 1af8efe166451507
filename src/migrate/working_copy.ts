/**
 * Changes a store that nobody uses so that all of the change is there or nothing: it is made in a
 * copy beside it, which takes its place at the end.
 */

import { dirname, join } from "@std/path";
import { settleStore, snapshotStore } from "../backup/snapshot.ts";
import { KvStore } from "../store/kv.ts";
import { giveToOwner } from "../store/owner.ts";

export class WorkingCopy implements AsyncDisposable {
  readonly store: KvStore;
  readonly #path: string;
  readonly #copy: string;

  private constructor(path: string, copy: string, store: KvStore) {
    this.#path = path;
    this.#copy = copy;
    this.store = store;
  }

  /** A copy of the store at `path`; an empty one where there is none. Rejects when that fails. */
  static async open(dir: string, path: string): Promise<WorkingCopy> {
    const copy = join(dir, `.import-${crypto.randomUUID().slice(0, 8)}.kv`);
    try {
      await snapshotStore(path, copy);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      // So that nobody else may read what Deno KV makes of it.
      Deno.openSync(copy, { createNew: true, write: true, mode: 0o600 }).close();
    }
    return new WorkingCopy(path, copy, await KvStore.open(copy));
  }

  /** Puts the copy in the place of the store. */
  async keep(): Promise<void> {
    await this.store.close();
    settleStore(this.#copy);
    {
      using file = await Deno.open(this.#copy, { read: true, write: true });
      await file.sync();
    }
    await giveToOwner(dirname(this.#path), [this.#copy]);
    // Nothing may be left of the old one that would be read together with the new one.
    const isThere = await Deno.stat(this.#path).then(() => true, () => false);
    if (isThere) settleStore(this.#path);
    for (const end of ["-wal", "-shm"]) await Deno.remove(this.#path + end).catch(ignoreMissing);
    await Deno.rename(this.#copy, this.#path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close();
    for (const end of ["", "-wal", "-shm"]) {
      await Deno.remove(this.#copy + end).catch(ignoreMissing);
    }
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
