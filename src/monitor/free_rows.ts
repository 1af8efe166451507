/** Rows of hosts that were dropped, to be used again; and which row is that of the n-th host. */

export class FreeRows {
  /** In rising order. */
  readonly #rows: number[] = [];

  get size(): number {
    return this.#rows.length;
  }

  /** `row` is free from now on; it must not be already. */
  add(row: number): void {
    this.#rows.splice(this.#countWhile((other) => other < row), 0, row);
  }

  /** A row to be used again, or undefined. */
  take(): number | undefined {
    return this.#rows.pop();
  }

  /** The row of host number `n`, counted from 0 over the rows that are not free. */
  rowAt(n: number): number {
    return n + this.#countWhile((row, index) => row - index <= n);
  }

  /** How many of the rows, from the first on, pass `test`, which holds up to some row. */
  #countWhile(test: (row: number, index: number) => boolean): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (test(this.#rows[middle] ?? 0, middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
