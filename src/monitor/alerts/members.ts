/** Which hosts that are down belong to which incident, and how many are left in each. */

/** The hosts of one incident. */
interface Members {
  /** Every row that was ever added; those that have left are among them. */
  readonly rows: number[];
  down: number;
}

export class IncidentMembers {
  /** Number of the incident of each row; 0: none. */
  #incident = new Float64Array(0);
  readonly #members = new Map<number, Members>();

  /** `row`, which is down, belongs to `incident`. */
  add(row: number, incident: number): void {
    if (row >= this.#incident.length) this.#grow(row + 1);
    this.leave(row);
    this.#incident[row] = incident;
    let members = this.#members.get(incident);
    if (members === undefined) this.#members.set(incident, members = { rows: [], down: 0 });
    members.rows.push(row);
    members.down++;
  }

  /** `row` is not down any more, or is told of by itself. */
  leave(row: number): void {
    const incident = this.of(row);
    if (incident === 0) return;
    this.#incident[row] = 0;
    const members = this.#members.get(incident);
    if (members !== undefined) members.down--;
  }

  /** The incident that `row` belongs to, or 0. */
  of(row: number): number {
    return this.#incident[row] ?? 0;
  }

  /** Hosts of `incident` that are still down. */
  down(incident: number): number {
    return this.#members.get(incident)?.down ?? 0;
  }

  /** Their rows, each once. */
  rows(incident: number): readonly number[] {
    const rows = this.#members.get(incident)?.rows ?? [];
    return [...new Set(rows)].filter((row) => this.of(row) === incident);
  }

  /** Forgets an incident that is over. */
  close(incident: number): void {
    for (const row of this.rows(incident)) this.leave(row);
    this.#members.delete(incident);
  }

  #grow(needed: number): void {
    const larger = new Float64Array(Math.max(1024, needed, this.#incident.length * 2));
    larger.set(this.#incident);
    this.#incident = larger;
  }
}
