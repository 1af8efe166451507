/**
 * Gives the lines of old logs to a monitor, which judges them as if they came now: its clock is that
 * of the lines, and ticks in between.
 */

import { HOUR_MS, hourOf } from "../monitor/hour_table.ts";
import type { Monitor } from "../monitor/monitor.ts";
import type { DayHistory } from "./day_history.ts";
import type { LogLine } from "./log_line.ts";

/** Time between two ticks, and in a long silence. */
const TICK_MS = 1000;
const SILENT_TICK_MS = 10_000;
const SILENCE_MS = 600_000;

/** Hosts looked at in one tick. */
const NO_LIMIT = 1 << 30;

/** A silence of everybody that is worth telling. */
const TOLD_SILENCE_MS = HOUR_MS;

export interface FeederOptions {
  readonly monitor: Monitor;
  readonly history: DayHistory;
  /** Where the clock begins, epoch milliseconds: nothing comes before. */
  readonly startMs: number;
  /** Nobody was heard for longer than this: the server was off. Infinity: hosts are to blame. */
  readonly gapMs: number;
}

/** A time in which nobody was heard, epoch milliseconds. */
export interface Silence {
  readonly fromMs: number;
  readonly toMs: number;
}

export class Feeder {
  readonly #monitor: Monitor;
  readonly #history: DayHistory;
  readonly #gapMs: number;
  #nowMs: number;
  #heardMs: number;
  #beats = 0;
  #others = 0;
  #refused = 0;
  #repeated = 0;
  #silences = 0;
  #longest: Silence | null = null;

  constructor({ monitor, history, startMs, gapMs }: FeederOptions) {
    this.#monitor = monitor;
    this.#history = history;
    this.#nowMs = startMs;
    this.#heardMs = startMs;
    this.#gapMs = gapMs;
  }

  /** The clock, epoch milliseconds. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** What was taken; refused: over max_hosts; silences: of everybody, an hour or longer. */
  counts() {
    return {
      beats: this.#beats,
      others: this.#others,
      refused: this.#refused,
      repeated: this.#repeated,
      silences: this.#silences,
      longestSilence: this.#longest,
    };
  }

  /** Takes the next line. Settles when what it ended is written; null: nothing is to be waited for. */
  take(line: LogLine): Promise<void> | null {
    if (line.kind === "message") {
      const isHourOver = hourOf(line.atMs) > hourOf(this.#nowMs);
      if (isHourOver || line.atMs - this.#nowMs > TICK_MS) return this.#later(line);
      this.#receive(line);
      return null;
    }
    return line.kind === "other" ? null : this.#later(line);
  }

  /** All lines were there: writes what is left of the hours. */
  async end(): Promise<void> {
    this.#tick(this.#nowMs);
    await this.#write(this.#nowMs);
    await this.#history.flush();
  }

  /** The hours that are not over, as they stand; for a monitor that nobody goes on with. */
  async writeUnfinished(): Promise<void> {
    await this.#write(this.#nowMs + HOUR_MS);
    await this.#history.flush();
  }

  async #later(line: LogLine): Promise<void> {
    const { atMs } = line;
    if (line.kind === "deaf") {
      const { deafness } = line;
      await this.#advance(atMs - Math.max(0, deafness.shiftMs));
      this.#monitor.deaf(deafness, atMs);
      this.#nowMs = deafness.shiftMs < 0 ? atMs : Math.max(this.#nowMs, atMs);
      this.#heardMs = this.#nowMs;
      return;
    }
    if (line.kind === "started") return this.#unheardUntil(atMs);
    if (line.kind !== "message") return;
    if (atMs - this.#heardMs > this.#gapMs) this.#unheardUntil(atMs);
    else {
      this.#noteSilence(atMs);
      await this.#advance(atMs);
    }
    this.#receive(line);
  }

  #receive({ atMs, message, isSigned }: LogLine & { readonly kind: "message" }): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
    this.#heardMs = this.#nowMs;
    const { outcome } = this.#monitor.receive(message, this.#nowMs, isSigned);
    if (outcome === "full") this.#refused++;
    else if (outcome !== "taken") this.#repeated++;
    else if (message.kind === "beat") this.#beats++;
    else this.#others++;
  }

  /** Nobody listened from the last line on. */
  #unheardUntil(atMs: number): void {
    const shiftMs = atMs - this.#nowMs;
    if (shiftMs <= 0) return;
    this.#monitor.deaf({ shiftMs, beatsLost: true }, atMs);
    this.#nowMs = atMs;
    this.#heardMs = atMs;
  }

  /** Lets time pass up to `toMs`. */
  async #advance(toMs: number): Promise<void> {
    const stepMs = toMs - this.#nowMs > SILENCE_MS ? SILENT_TICK_MS : TICK_MS;
    while (this.#nowMs < toMs) {
      const nextMs = Math.min(this.#nowMs + stepMs, toMs);
      const isHourOver = hourOf(nextMs) > hourOf(this.#nowMs);
      this.#nowMs = nextMs;
      this.#tick(nextMs);
      if (isHourOver) await this.#write(nextMs);
    }
  }

  #tick(nowMs: number): void {
    while (this.#monitor.tick(nowMs, NO_LIMIT).more);
  }

  async #write(nowMs: number): Promise<void> {
    const { hours } = this.#monitor;
    for (const hour of hours.finished(nowMs)) {
      const rows = Array.from({ length: hours.rows }, (_, row) => row);
      await this.#history.add(hour, hours.take(hour, rows, Math.min(nowMs, this.#nowMs)));
      hours.written(hour);
    }
  }

  #noteSilence(toMs: number): void {
    const fromMs = this.#heardMs;
    if (toMs - fromMs < TOLD_SILENCE_MS || this.#beats === 0) return;
    this.#silences++;
    const { fromMs: longestFrom = 0, toMs: longestTo = 0 } = this.#longest ?? {};
    if (toMs - fromMs > longestTo - longestFrom) this.#longest = { fromMs, toMs };
  }
}
