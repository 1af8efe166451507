/**
 * The hourly figures as others see them: those who write finished hours to the store, a few hosts
 * at a time, and those who ask about a host. Part of the monitor; asking changes nothing.
 */

import type { HostHour } from "./hour_table.ts";
import type { HostTable } from "./host_table.ts";
import type { Hours } from "./hours.ts";

/** An hour of the host called `host`. */
export interface NamedHour {
  readonly host: string;
  readonly figures: HostHour;
}

export class HourView {
  readonly #hosts: HostTable;
  readonly #hours: Hours;

  constructor(hosts: HostTable, hours: Hours) {
    this.#hosts = hosts;
    this.#hours = hours;
  }

  /** Rows in the table of hosts, free ones among them. */
  get rows(): number {
    return this.#hosts.rows;
  }

  /** The name of the host in `row`; empty when the row is free. */
  nameOf(row: number): string {
    return this.#hosts.names[row] ?? "";
  }

  /** Hours (since 1970) that were over by `nowMs` and are not written yet, in rising order. */
  finished(nowMs: number): readonly number[] {
    return this.#hours.finished(nowMs);
  }

  /** What is known of a finished hour about the hosts in `rows`; those not watched are left out. */
  take(hour: number, rows: Iterable<number>, nowMs: number): readonly NamedHour[] {
    const taken: NamedHour[] = [];
    for (const row of rows) {
      const figures = this.#hosts.isFree(row) ? null : this.#hours.get(row, hour, nowMs);
      if (figures !== null) taken.push({ host: this.nameOf(row), figures });
    }
    return taken;
  }

  /** The store has all hours up to `hour`: they are forgotten here. */
  written(hour: number): void {
    this.#hours.written(hour);
  }

  /** The hours of `host` that are not written yet, the one going on as it stands at `nowMs`. */
  of(host: string, nowMs: number): readonly HostHour[] {
    const row = this.#hosts.find(host);
    return row === undefined ? [] : this.#hours.all(row, nowMs);
  }
}
