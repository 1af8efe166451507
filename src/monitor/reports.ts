/**
 * What hosts report beside being alive: the runs of their jobs, and that they are down though they
 * speak. Also in which dialect they do. A million hosts that only beat take no space here.
 *
 * A run begins with a start and ends with a beat or a failure of the same id. Durations are taken
 * from the wall clock; how long a run may take is judged in listening time.
 */

/** Runs of a host that are remembered while they go on; of more the oldest are forgotten. */
const RUNS_KEPT = 20;

/** A run that goes on. */
export interface RunRecord {
  /** Its id; empty: it has none. */
  readonly run: string;
  /** Epoch milliseconds. */
  readonly startedMs: number;
  /** The same in listening time. */
  readonly heardMs: number;
  /** It took too long, and that was told. */
  readonly isOverdue: boolean;
}

/** The run that ended last. Epoch milliseconds. */
export interface LastRun {
  readonly run: string;
  /** Null: nobody said when it began. */
  readonly startedMs: number | null;
  readonly endedMs: number;
  readonly isOk: boolean;
}

/** Why a host is down though it speaks. */
export interface Failure {
  /** Since when, epoch milliseconds. */
  readonly atMs: number;
  /** It said so, or a run of its job takes too long. */
  readonly cause: "failure" | "overrun";
  /** In words that follow the name of the host. */
  readonly text: string;
}

/** All that must survive a restart of one host. */
export interface ReportRecord {
  readonly dialect: string | null;
  /** The oldest first. */
  readonly runs: readonly RunRecord[];
  readonly last: LastRun | null;
  readonly failure: Failure | null;
}

/** What others may see of it. Times are epoch milliseconds. */
export interface ReportSnapshot {
  /** What its client speaks, where that is the language of another server. */
  readonly dialect: string | null;
  /** Runs that go on, the oldest first. */
  readonly runs: readonly Pick<RunRecord, "run" | "startedMs" | "isOverdue">[];
  /** The run that ended last. `durationMs` is null where nobody said when it began. */
  readonly last: (LastRun & { readonly durationMs: number | null }) | null;
  /** Why it is down though it speaks; null: it is not. */
  readonly failure: Failure | null;
}

const NOTHING: ReportRecord = { dialect: null, runs: [], last: null, failure: null };

export class Reports {
  readonly #rows = new Map<number, ReportRecord>();
  /** Rows by dialect, in the order in which they began to speak it. */
  readonly #speakers = new Map<string, Set<number>>();

  /** `row` speaks `dialect` (null: our own). */
  speaks(row: number, dialect: string | null): void {
    const before = this.#rows.get(row)?.dialect ?? null;
    if (before === dialect) return;
    if (before !== null) this.#speakers.get(before)?.delete(row);
    this.#put(row, { dialect });
  }

  /** Rows that speak `dialect`. */
  speakers(dialect: string): Iterable<number> {
    return this.#speakers.get(dialect) ?? [];
  }

  /** A run of `row` has begun. One of the same id that goes on has begun anew. */
  start(row: number, run: string, startedMs: number, heardMs: number): void {
    const others = this.#of(row).runs.filter((one) => one.run !== run);
    const runs = [...others, { run, startedMs, heardMs, isOverdue: false }].slice(-RUNS_KEPT);
    this.#put(row, { runs });
  }

  /**
   * A run of `row` has ended; its start may be unknown. An end without an id, where no run without
   * one goes on, ends all that do: nobody is going to tell of them any more. One that ends well ends
   * those before it that take too long: they have died.
   */
  finish(row: number, run: string, endedMs: number, isOk: boolean): void {
    const { runs, last: before } = this.#of(row);
    const startedMs = runs.find((one) => one.run === run)?.startedMs ?? null;
    const isDead = (one: RunRecord) =>
      startedMs === null ? run === "" : isOk && one.isOverdue && one.startedMs < startedMs;
    // Its answer got lost, and it is told once more.
    const isRetold = startedMs === null && run !== "" && before?.run === run &&
      before.isOk === isOk;
    if (isRetold) return;
    const last = { run, startedMs, endedMs, isOk };
    this.#put(row, { runs: runs.filter((one) => one.run !== run && !isDead(one)), last });
  }

  /** Runs of `row` that go on will not end any more. */
  stop(row: number): void {
    if (this.runs(row).length > 0) this.#put(row, { runs: [] });
  }

  /** `row` is down though it speaks; null: it is well. */
  fail(row: number, failure: Failure | null): void {
    if (failure === null && (this.#rows.get(row)?.failure ?? null) === null) return;
    this.#put(row, { failure });
  }

  /** Why `row` is down though it speaks; null: it is not. */
  failure(row: number): Failure | null {
    return this.#rows.get(row)?.failure ?? null;
  }

  /** Runs of `row` that go on, the oldest first. */
  runs(row: number): readonly RunRecord[] {
    return this.#rows.get(row)?.runs ?? NOTHING.runs;
  }

  /** `run` of `row` takes too long, and that is told. */
  markOverdue(row: number, run: string): void {
    const runs = this.runs(row).map((one) => one.run === run ? { ...one, isOverdue: true } : one);
    this.#put(row, { runs });
  }

  snapshot(row: number): ReportSnapshot | null {
    const known = this.#rows.get(row);
    if (known === undefined) return null;
    const { dialect, runs, last, failure } = known;
    return {
      dialect,
      runs: runs.map(({ run, startedMs, isOverdue }) => ({ run, startedMs, isOverdue })),
      last: last && { ...last, durationMs: durationOf(last) },
      failure,
    };
  }

  record(row: number): ReportRecord | null {
    return this.#rows.get(row) ?? null;
  }

  restore(row: number, record: ReportRecord): void {
    this.clear(row);
    this.#put(row, record);
  }

  /** Forgets what is known of `row`. */
  clear(row: number): void {
    const dialect = this.#rows.get(row)?.dialect ?? null;
    if (dialect !== null) this.#speakers.get(dialect)?.delete(row);
    this.#rows.delete(row);
  }

  #of(row: number): ReportRecord {
    return this.#rows.get(row) ?? NOTHING;
  }

  #put(row: number, change: Partial<ReportRecord>): void {
    const record = { ...this.#of(row), ...change };
    this.#rows.set(row, record);
    const { dialect } = record;
    if (dialect === null) return;
    const speakers = this.#speakers.get(dialect);
    if (speakers === undefined) this.#speakers.set(dialect, new Set([row]));
    else speakers.add(row);
  }
}

/** A clock that was set back makes no run end before it began. */
function durationOf({ startedMs, endedMs }: LastRun): number | null {
  return startedMs === null ? null : Math.max(0, endedMs - startedMs);
}
