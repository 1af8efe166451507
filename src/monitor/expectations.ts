/**
 * What is expected of each host, and since when it is waited for: by its interval, by what was
 * learned of it, or by a calendar; and how long a run of its job may take.
 *
 * Part of the watch, which alone uses it. It changes no host.
 */

import { Calendar, type Schedule } from "./calendar.ts";
import type { ClientTable } from "./client_table.ts";
import { HOST_STATES, type HostTable } from "./host_table.ts";
import type { ListeningTime } from "./listening_time.ts";
import type { Reports, RunRecord } from "./reports.ts";
import type { Grace, HostSettings, WatchSettings } from "./settings.ts";
import { isOverdue, type Rhythm } from "./watchdog.ts";

const NEW = HOST_STATES.indexOf("new");
const UP = HOST_STATES.indexOf("up");

export interface ExpectationsOptions {
  readonly hosts: HostTable;
  readonly clients: ClientTable;
  readonly reports: Reports;
  readonly listening: ListeningTime;
  readonly settings: () => WatchSettings;
  /** Milliseconds between two moments in which `host` might be silent. */
  readonly pausedMs: (host: string, fromMs: number, toMs: number) => number;
}

export class Expectations {
  readonly #options: ExpectationsOptions;
  readonly #hosts: HostTable;
  readonly #listening: ListeningTime;
  readonly #calendar: Calendar;

  constructor(options: ExpectationsOptions) {
    this.#options = options;
    this.#hosts = options.hosts;
    this.#listening = options.listening;
    this.#calendar = new Calendar(options.listening);
  }

  /** What is expected of `row`, or null while that is still to be learned, or nothing is. */
  rhythm(row: number): Rhythm | null {
    const own = this.#settingsOf(row);
    if (own?.schedule !== undefined) return this.#scheduled(row, own.schedule);
    const stated = this.#hosts.statedMs[row] ?? 0;
    const wanted = stated > 0 ? stated : own?.intervalMs ?? this.#options.settings().intervalMs;
    const intervalMs = wanted === "auto" ? this.#hosts.learnedIntervalMs(row) : wanted;
    if (intervalMs === null) return null;
    return { intervalMs, graceMs: this.#graceOf(row, own)(intervalMs) };
  }

  /** From when the silence of `row` counts, listening time. */
  waitingSince(row: number, rhythm: Rhythm | null): number {
    const heardMs = this.#hosts.heardMs[row] ?? 0;
    if (!this.#listening.hasLostSince(heardMs)) return heardMs;
    const schedule = this.#settingsOf(row)?.schedule;
    if (schedule !== undefined) return this.#scheduledSince(row, schedule);
    return this.#listening.waitingSince(
      heardMs,
      (since, atMs) => rhythm !== null && isOverdue(atMs - since, rhythm),
    );
  }

  /** How long a run of `row` may take, milliseconds; Infinity: until its next beat is due. */
  runLimitMs(row: number): number {
    return this.#settingsOf(row)?.runLimitMs ?? Infinity;
  }

  /** When a run of `row` will have taken too long, listening time; Infinity: never. */
  overrunAt(row: number): number {
    const runs = this.#options.reports.runs(row);
    if (runs.length === 0 || this.#hosts.state[row] !== UP) return Infinity;
    const limitMs = this.runLimitMs(row);
    if (limitMs === Infinity) return Infinity;
    return Math.min(
      ...runs.map((run) => run.isOverdue ? Infinity : limitMs + this.#runsSince(run, limitMs)),
    );
  }

  /** Runs of `row` that take too long, and of which nothing was told so far; the oldest first. */
  lateRuns(row: number, nowMs: number): readonly RunRecord[] {
    const limitMs = this.runLimitMs(row);
    const host = this.#hosts.names[row] ?? "";
    return this.#options.reports.runs(row).filter((run) => {
      const runsForMs = this.#listening.at(nowMs) - this.#runsSince(run, limitMs);
      if (run.isOverdue || runsForMs <= limitMs) return false;
      return runsForMs - this.#options.pausedMs(host, run.startedMs, nowMs) > limitMs;
    });
  }

  /** `row` is another host's from now on. */
  forget(row: number): void {
    this.#calendar.forget(row);
  }

  /** From when the time of a run counts: where its end may have been lost, it gets all of it anew. */
  #runsSince({ heardMs }: RunRecord, limitMs: number): number {
    return this.#listening.waitingSince(heardMs, (since, atMs) => atMs - since > limitMs);
  }

  #settingsOf(row: number): HostSettings | undefined {
    const { hosts } = this.#options.settings();
    return hosts.size === 0 ? undefined : hosts.get(this.#hosts.names[row] ?? "");
  }

  #graceOf(row: number, own: HostSettings | undefined): Grace {
    const statedMs = this.#options.clients.statedGraceMs(row);
    if (statedMs !== null) return () => statedMs;
    return own?.graceMs ?? this.#options.settings().graceMs;
  }

  #scheduled(row: number, schedule: Schedule): Rhythm | null {
    const graceOf = this.#graceOf(row, this.#settingsOf(row));
    if (this.#hosts.state[row] === NEW) {
      // Nothing is waited for, and there is no last beat to count from.
      const intervalMs = this.#calendar.betweenMs(schedule);
      return intervalMs === null ? null : { intervalMs, graceMs: graceOf(intervalMs) };
    }
    const since = this.#scheduledSince(row, schedule);
    const due = this.#calendar.due(row, schedule, since);
    const { firstMs: intervalMs } = due;
    if (!Number.isFinite(intervalMs)) return null;
    return { intervalMs, graceMs: graceOf(intervalMs), due };
  }

  #scheduledSince(row: number, schedule: Schedule): number {
    const graceOf = this.#graceOf(row, this.#settingsOf(row));
    return this.#listening.waitingSince(this.#hosts.heardMs[row] ?? 0, (since, atMs) => {
      const intervalMs = this.#calendar.firstMs(schedule, since);
      return isOverdue(atMs - since, { intervalMs, graceMs: graceOf(intervalMs) });
    });
  }
}
