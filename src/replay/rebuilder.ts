/**
 * Rebuilds the state at any moment from the journal, again and again. It goes on from where it was
 * where that is possible, and on its way through the journal it keeps packed states (marks), so that
 * going back does not read everything again. How much room they take is bounded: where there are too
 * many, every second one goes, and the next ones are made further apart.
 */

import { replay } from "../journal/reader.ts";
import type { WatchSettings } from "../monitor/settings.ts";
import { pastSettings, PastState } from "./past_state.ts";

/** Reads of the journal (1 MiB) between two marks, at first. */
const READS_PER_MARK = 8;

/** Marks kept, and bytes that they take together. */
const MOST_MARKS = 64;
const MARKS_BYTES = 64 * 1024 * 1024;

/** Where the journal is. */
export interface JournalFiles {
  readonly dir: string;
  readonly file: string;
}

export interface RebuildOptions {
  /** Stops it: it rejects with the signal's reason. What was read until then is not lost. */
  readonly signal?: AbortSignal;
  /** Called after each read; the next one waits for it. */
  readonly onRead?: () => Promise<void> | void;
}

/** A state, and what came after it. */
export interface PastMoment {
  readonly state: PastState;
  /** False: the server did not run or did not listen at that time. */
  readonly isListening: boolean;
}

interface Mark {
  readonly seq: number;
  readonly latestMs: number;
  readonly bytes: Uint8Array;
}

export class Rebuilder {
  readonly #place: JournalFiles;
  readonly #settings: WatchSettings;
  /** In the order of the journal. */
  #marks: Mark[] = [];
  #now: PastState | null = null;
  /** Marks made since every how many reads. */
  #spacing: number;
  #reads = 0;

  /** @param readsPerMark reads of 1 MiB between two marks, at first */
  constructor(place: JournalFiles, settings: WatchSettings, readsPerMark = READS_PER_MARK) {
    this.#place = place;
    this.#settings = pastSettings(settings);
    this.#spacing = readsPerMark;
  }

  /**
   * The state at `atMs`, epoch milliseconds. It is good until the next call, and there must be only
   * one call at a time. Rejects when the journal cannot be read, or as `signal` says.
   */
  async at(atMs: number, options: RebuildOptions = {}): Promise<PastMoment> {
    const { dir, file } = this.#place;
    const state = this.#now = this.#nearest(atMs);
    const reading = replay(dir, file, state.seq, { onProblem: () => {}, onTorn: () => {} });
    let isListening = true;
    reading: for await (const records of reading) {
      for (const record of records) {
        if (record.seq <= state.seq) continue;
        if (record.atMs > atMs) {
          if (record.kind === "deaf") isListening = record.atMs - record.shiftMs > atMs;
          break reading;
        }
        state.apply(record);
      }
      this.#mark(state);
      await options.onRead?.();
      options.signal?.throwIfAborted();
    }
    state.monitor.showAt(atMs);
    return { state, isListening };
  }

  /** Marks that are kept, and what room they take, bytes. */
  marks(): { readonly count: number; readonly bytes: number } {
    return {
      count: this.#marks.length,
      bytes: this.#marks.reduce((sum, { bytes }) => sum + bytes.length, 0),
    };
  }

  /** The state nearest to `atMs` that is not of a later moment. */
  #nearest(atMs: number): PastState {
    const mark = this.#marks.findLast(({ latestMs }) => latestMs <= atMs);
    const now = this.#now;
    const isNowNearer = now !== null && now.latestMs <= atMs && now.seq >= (mark?.seq ?? 0);
    if (isNowNearer) return now;
    this.#reads = 0;
    return mark === undefined
      ? new PastState(this.#settings)
      : PastState.unpack(mark.bytes, this.#settings);
  }

  /** Keeps the state now and then, where there is no mark yet. */
  #mark(state: PastState): void {
    if (state.seq <= (this.#marks.at(-1)?.seq ?? 0)) {
      this.#reads = 0;
      return;
    }
    if (++this.#reads < this.#spacing) return;
    this.#reads = 0;
    const bytes = state.pack();
    // Where a single one takes more, going back reads everything again.
    if (bytes.length > MARKS_BYTES / 2) return;
    this.#marks.push({ seq: state.seq, latestMs: state.latestMs, bytes });
    while (this.#marks.length > MOST_MARKS || this.marks().bytes > MARKS_BYTES) {
      this.#marks = this.#marks.filter((_, n) => n % 2 === 1);
      this.#spacing *= 2;
    }
  }
}
