/** A log as a row of lines that are understood, the next one at hand; what is not is counted. */

import { lineBatches, linesIn } from "./lines.ts";
import type { LocalClock } from "./local_clock.ts";
import { LineError, type LogLine, readLogLine } from "./log_line.ts";

/** Lines that cannot be read and are told. */
const TOLD = 5;

/** Times before this are none: 2000-01-01. */
const FIRST_MS = 946_684_800_000;

/** So far the clock of the machine that wrote it may have been ahead. */
const AHEAD_MS = 86_400_000;

/** A step back in time that is worth telling. */
const BACKWARDS_MS = 60_000;

/** A line that could not be read. */
export interface BadLine {
  /** Number of the line in its file, from 1 on. */
  readonly line: number;
  readonly reason: string;
}

export class LogSource {
  readonly path: string;
  readonly #batches: AsyncGenerator<Uint8Array>;
  readonly #clock: LocalClock;
  readonly #latestMs: number;
  #lines: Iterator<string> = [][Symbol.iterator]();
  #head: LogLine | null = null;
  #skip: number;
  #number = 0;
  #read = 0;
  #firstMs = NaN;
  #lastMs = -Infinity;
  #badCount = 0;
  readonly #bad: BadLine[] = [];
  #backwards = 0;

  /** Leaves out the first `skip` bytes, whole lines. `nowMs`: now, epoch milliseconds. */
  constructor(path: string, clock: LocalClock, skip: number, nowMs: number) {
    this.path = path;
    this.#batches = lineBatches(path);
    this.#clock = clock;
    this.#skip = skip;
    this.#latestMs = nowMs + AHEAD_MS;
  }

  /** The next line; null at the end, and before the first `next()`. */
  get head(): LogLine | null {
    return this.#head;
  }

  /** What was found: lines read, the time of the first and the last, and what was wrong. */
  counts() {
    return {
      lines: this.#read,
      firstMs: this.#firstMs,
      lastMs: this.#lastMs,
      badCount: this.#badCount,
      bad: this.#bad,
      backwards: this.#backwards,
    };
  }

  /** Goes on to the next line. Null: it is there; else it is when the promise settles. */
  next(): Promise<void> | null {
    this.#head = this.#fromBatch();
    return this.#head === null ? this.#fromFile() : null;
  }

  async #fromFile(): Promise<void> {
    for (;;) {
      const batch = await this.#batches.next();
      if (batch.done === true) return;
      const { value } = batch;
      const skipped = Math.min(this.#skip, value.length);
      this.#skip -= skipped;
      for (const byte of value.subarray(0, skipped)) if (byte === 10) this.#number++;
      this.#lines = linesIn(value.subarray(skipped));
      this.#head = this.#fromBatch();
      if (this.#head !== null) return;
    }
  }

  #fromBatch(): LogLine | null {
    for (let next = this.#lines.next(); next.done !== true; next = this.#lines.next()) {
      this.#number++;
      if (next.value.trim() === "") continue;
      try {
        return this.#checked(readLogLine(next.value, this.#clock, this.#lastMs));
      } catch (error) {
        if (!(error instanceof LineError)) throw error;
        this.#badCount++;
        if (this.#bad.length < TOLD) this.#bad.push({ line: this.#number, reason: error.message });
      }
    }
    return null;
  }

  #checked(line: LogLine): LogLine {
    const { atMs } = line;
    if (!(atMs >= FIRST_MS)) throw new LineError("its time is before the year 2000");
    if (atMs > this.#latestMs) throw new LineError("its time is in the future");
    if (this.#lastMs - atMs > BACKWARDS_MS && line.kind !== "deaf") this.#backwards++;
    this.#read++;
    if (Number.isNaN(this.#firstMs)) this.#firstMs = atMs;
    this.#lastMs = Math.max(this.#lastMs, atMs);
    return line;
  }
}
