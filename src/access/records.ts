/**
 * Small records by kind and key: what people made or changed, and who is logged in. Each class of
 * this folder has a kind of its own and keeps all of its records in memory; the store has them for
 * the next start.
 */

/** Where they are kept. All methods reject with an Error when the store fails. */
export interface RecordStore {
  /**
   * Saves a record, replacing what had the same kind and key.
   *
   * @param key at most 1500 bytes of UTF-8
   * @param value what JSON can say, below 60,000 bytes
   */
  saveRecord(kind: string, key: string, value: unknown): Promise<void>;
  /** Forgets a record, if there is one. */
  removeRecord(kind: string, key: string): Promise<void>;
  /** All records of a kind by their keys, in no order. */
  loadRecords(kind: string): Promise<ReadonlyMap<string, unknown>>;
}

/** Does one thing after the other, so that what was said last is what the store has. */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve();

  /** Settles as `task` does, which begins when all that were given before have settled. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Settles when nothing is left to do. */
  async settled(): Promise<void> {
    let last: Promise<unknown>;
    do {
      last = this.#last;
      await last;
    } while (last !== this.#last);
  }
}
