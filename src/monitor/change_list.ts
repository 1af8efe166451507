/** Which rows have changed since the last checkpoint; each is listed once. */

export class ChangeList {
  #rows: number[] = [];
  #listed = new Uint8Array(1024);

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

  /** Hands the rows over and begins anew. */
  take(): number[] {
    const rows = this.#rows;
    this.#rows = [];
    for (const row of rows) this.#listed[row] = 0;
    return rows;
  }
}
