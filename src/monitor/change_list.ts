/**
 * Which rows have changed since the last checkpoint, each listed once, and which hosts are gone. In
 * the store, what is gone goes before what has changed: a host may have come anew under its name.
 */

/** When each host was dropped, epoch milliseconds, by its name. */
export type Gone = ReadonlyMap<string, number>;

export class ChangeList {
  #rows: number[] = [];
  #listed = new Uint8Array(1024);
  #gone = new Map<string, number>();

  add(row: number): void {
    if (row >= this.#listed.length) {
      const larger = new Uint8Array(Math.max(row + 1, this.#listed.length * 2));
      larger.set(this.#listed);
      this.#listed = larger;
    }
    if (this.#listed[row] === 1) return;
    this.#listed[row] = 1;
    this.#rows.push(row);
  }

  /** Host `name` was dropped at `atMs`. */
  drop(name: string, atMs: number): void {
    this.#gone.set(name, atMs);
  }

  /** Hands the rows over and begins anew. */
  take(): number[] {
    const rows = this.#rows;
    this.#rows = [];
    for (const row of rows) this.#listed[row] = 0;
    return rows;
  }

  /** Hands the hosts that are gone over and begins anew. */
  takeGone(): Gone {
    const gone = this.#gone;
    this.#gone = new Map();
    return gone;
  }

  /** Notes hosts again: their checkpoint failed. */
  putBackGone(gone: Gone): void {
    this.#gone = new Map([...gone, ...this.#gone]);
  }
}
