/**
 * What the log pane shows: the last lines, numbered through, the oldest of which are forgotten.
 *
 * A line for each beat, as long as there are up to 20 a second; of more nobody could read one, so
 * that a line a second says how many there were. Those that were late get a line in any case, and
 * alerts, too, as far as 20 a second go: what is left out is counted.
 */

import type { AlertNews, BeatNews } from "./feed_message.ts";
import { alertWords, recoveryWords, wordsOf } from "./words.ts";

/** What a line tells. */
export type LogKind = "beat" | "late" | "alert" | "recovery" | "summary" | "trouble" | "own";

export interface LogEntry {
  /** 1 for the first one. */
  readonly number: number;
  /** Epoch milliseconds, by the clock of the server. */
  readonly atMs: number;
  readonly kind: LogKind;
  /** Empty where it is of none. */
  readonly host: string;
  readonly from: string;
  readonly text: string;
}

/** Lines kept. */
const KEPT = 2000;

/** Lines of one kind in one second. */
const PER_SECOND = 20;

export class LogBook {
  #entries: LogEntry[] = [];
  #number = 0;
  #seq = 0;
  #beats = 0;
  #late = 0;
  #lateShown = 0;
  #alerts = 0;
  #isBusy = false;

  /** Number of the last entry; 0: there is none. */
  get last(): number {
    return this.#number;
  }

  /** True while beats are counted and not listed. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** The entries up to number `last` that `isWanted` lets pass, the latest first. */
  *upTo(last: number, isWanted: (entry: LogEntry) => boolean): Generator<LogEntry> {
    const first = this.#number - this.#entries.length + 1;
    for (let at = Math.min(last, this.#number) - first; at >= 0; at--) {
      const entry = this.#entries[at];
      if (entry !== undefined && isWanted(entry)) yield entry;
    }
  }

  /** What came while nobody looked: beats, as far as they are not known yet, and new alerts. */
  past(beats: readonly BeatNews[], alerts: readonly AlertNews[]): void {
    // A server that has lost its state counts from the beginning.
    if ((beats.at(-1)?.seq ?? Infinity) < this.#seq) this.#seq = 0;
    const lines = [
      ...beats.filter(({ seq }) => seq > this.#seq).map((beat) => ({
        atMs: beat.timeS * 1000,
        add: () => this.#beat(beat),
      })),
      ...alerts.slice(0, PER_SECOND).map((alert) => ({
        atMs: alert.sinceS * 1000,
        add: () => this.#alert(alert, alert.sinceS * 1000),
      })),
    ];
    for (const { add } of lines.sort((a, b) => a.atMs - b.atMs)) add();
  }

  /** Beats that came now; `skipped` others are not told. */
  beats(beats: readonly BeatNews[], skipped: number): void {
    this.#beats += skipped;
    for (const beat of beats) {
      this.#beats++;
      if (beat.late) this.#late++;
      const isListed = beat.late
        ? ++this.#lateShown <= PER_SECOND
        : !this.#isBusy && this.#beats <= PER_SECOND;
      if (isListed) this.#beat(beat);
      this.#seq = Math.max(this.#seq, beat.seq);
    }
  }

  /** An alert began or got worse. */
  alert(alert: AlertNews, atMs: number): void {
    if (++this.#alerts <= PER_SECOND) this.#alert(alert, atMs);
  }

  #alert(alert: AlertNews, atMs: number): void {
    const { host } = alert;
    this.#add({ atMs, kind: "alert", host, from: "", text: `⚠ ALERT: ${alertWords(alert)}` });
  }

  /** An alert is over. */
  recovery(alert: AlertNews, atMs: number): void {
    if (++this.#alerts > PER_SECOND) return;
    const { host } = alert;
    this.#add({ atMs, kind: "recovery", host, from: "", text: `✓ ${recoveryWords(alert)}` });
  }

  /** What a program says of itself. */
  own(text: string, isTrouble: boolean, atMs: number): void {
    for (const line of text.split("\n")) {
      this.#add({ atMs, kind: isTrouble ? "trouble" : "own", host: "", from: "", text: line });
    }
  }

  /** A second is over: sums up what was not listed in it. Returns true when that made a line. */
  second(atMs: number): boolean {
    const before = this.#number;
    if (this.#isBusy || this.#beats > PER_SECOND) this.#sumUp(atMs);
    const alertsLeft = this.#alerts - PER_SECOND;
    if (alertsLeft > 0) {
      const text = `⚠ and ${alertsLeft.toLocaleString("en")} more changes of alerts`;
      this.#add({ atMs, kind: "alert", host: "", from: "", text });
    }
    this.#isBusy = this.#beats > PER_SECOND;
    this.#beats =
      this.#late =
      this.#lateShown =
      this.#alerts =
        0;
    return this.#number !== before;
  }

  #sumUp(atMs: number): void {
    if (this.#beats === 0) return;
    const beats = `${this.#beats.toLocaleString("en")} ${this.#beats === 1 ? "beat" : "beats"}`;
    const late = this.#late === 0 ? "" : `, ${this.#late.toLocaleString("en")} of those seen late`;
    this.#add({ atMs, kind: "summary", host: "", from: "", text: beats + late });
  }

  #beat({ seq, timeS, host, from, late, payload }: BeatNews): void {
    this.#seq = Math.max(this.#seq, seq);
    const words = wordsOf(payload, host);
    this.#add({
      atMs: timeS * 1000,
      kind: late ? "late" : "beat",
      host,
      from,
      text: late ? `⚠ LATE ${words}` : words,
    });
  }

  #add(entry: Omit<LogEntry, "number">): void {
    this.#entries.push({ number: ++this.#number, ...entry });
    if (this.#entries.length >= 2 * KEPT) this.#entries = this.#entries.slice(-KEPT);
  }
}
