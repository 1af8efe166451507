/**
 * From what plugins measure, and from round trips, to alerts: each value that has a threshold is
 * judged as it comes, and an alert whose metric comes no more turns stale.
 */

import type { BeatFacts, MetricsFacts } from "../../wire/message.ts";
import type { MetricsHistory } from "../history.ts";
import { judge, judgeRtt, type LevelOf, type Reading } from "../thresholds.ts";
import { formatValue } from "../threshold_text.ts";
import { UP, type Watch } from "../watch.ts";
import type { AlertBook } from "./book.ts";
import type { Desk } from "./desk.ts";
import type { AlertRecord, ReadingEvidence } from "./record.ts";
import type { AlertSettings } from "./settings.ts";
import { Timetable } from "./timetable.ts";

/** Last values that an alert shows. */
const VALUES_KEPT = 10;

/** Intervals without a value after which a metric is stale, and the least and usual time for it. */
const STALE_INTERVALS = 3;
const STALE_LEAST_MS = 60_000;
const STALE_USUAL_MS = 900_000;

export interface MetricAlertOptions {
  readonly watch: Watch;
  readonly book: AlertBook;
  readonly desk: Desk;
  readonly history: MetricsHistory;
  readonly settings: () => AlertSettings;
}

export class MetricAlerts {
  readonly #options: MetricAlertOptions;
  /** When a value of each alert last came, listening time, by the alert's number. */
  readonly #seenMs = new Map<string, number>();
  readonly #due = new Timetable();

  constructor(options: MetricAlertOptions) {
    this.#options = options;
  }

  /** Judges a sample that has come at `nowMs`. */
  sample(
    { host, plugin, data, intervalMs, sentMs, happenedMs }: MetricsFacts,
    nowMs: number,
  ): void {
    const rules = this.#options.settings().rulesOf(host);
    const isOld = (sentMs ?? 0) - (happenedMs ?? sentMs ?? 0) > staleAfter(intervalMs);
    if (rules === null || isOld) return;
    for (const reading of judge(rules, plugin, data, this.#levelOf(host))) {
      const past = () => this.#pastValues(host, plugin, reading.path);
      this.#take(host, reading, staleAfter(intervalMs), past, nowMs);
    }
  }

  /** Judges the round trip that a beat tells of. */
  roundTrip({ host, rttMs }: BeatFacts, intervalMs: number | null, nowMs: number): void {
    if (rttMs === null || !this.#options.settings().judgesRtt) return;
    const rules = this.#options.settings().rulesOf(host);
    const reading = rules && judgeRtt(rules, host, rttMs, this.#levelOf(host));
    if (reading !== null) this.#take(host, reading, staleAfter(intervalMs), () => [], nowMs);
  }

  /** Finds metrics that come no more. Returns true when there is more to look at. */
  tick(nowMs: number, limit: number): boolean {
    const listeningMs = this.#options.watch.listening.at(nowMs);
    for (let n = 0; n < limit; n++) {
      const id = this.#due.take(listeningMs);
      if (id === null) return false;
      this.#look(id, nowMs);
    }
    return true;
  }

  /** After recovery: the metrics of alerts are waited for from `nowMs` on. */
  restored(nowMs: number): void {
    for (const record of this.#options.book.active()) {
      if (record.kind === "metric" && !record.isStale) this.#saw(record, nowMs);
    }
  }

  #levelOf(host: string): LevelOf {
    const { book } = this.#options;
    return (metric) => book.find({ kind: "metric", host, metric })?.level ?? "OK";
  }

  #take(
    host: string,
    reading: Reading,
    staleAfterMs: number,
    pastValues: () => ReadingEvidence["values"],
    nowMs: number,
  ): void {
    const { book, desk } = this.#options;
    const { path, level, value, threshold, operator, display } = reading;
    const subject = { kind: "metric", host, metric: path } as const;
    const known = book.find(subject);
    if (known === null && level === "OK") return;
    const before = known?.evidence.kind === "reading" ? known.evidence.values : pastValues();
    const values = [...before, { atMs: nowMs, value }].slice(-VALUES_KEPT);
    const evidence = { kind: "reading", value, threshold, operator, values, staleAfterMs } as const;
    const said = `${host} - ${path} = ${formatValue(value, operator)}`;
    const text = display === "" || level === "OK" ? said : `${said} ${display}`;
    desk.judge({ ...subject, level, text, evidence }, nowMs);
    const now = book.find(subject);
    if (now !== null) this.#saw(now, nowMs);
    else if (known !== null) this.#seenMs.delete(known.id);
  }

  /** The values of a metric in the samples that are kept, before the newest one. */
  #pastValues(host: string, plugin: string, path: string): ReadingEvidence["values"] {
    const { history, settings } = this.#options;
    const rules = settings().rulesOf(host);
    const samples = history.samples(host, plugin, VALUES_KEPT) ?? [];
    return samples.slice(1).reverse().flatMap(({ atMs, text }) => {
      const readings = rules && judge(rules, plugin, JSON.parse(text), () => "OK");
      const value = readings?.find((reading) => reading.path === path)?.value;
      return value === undefined ? [] : [{ atMs, value }];
    });
  }

  #saw({ id, evidence }: AlertRecord, nowMs: number): void {
    if (evidence.kind !== "reading") return;
    const listeningMs = this.#options.watch.listening.at(nowMs);
    const isWaitedFor = this.#seenMs.has(id);
    this.#seenMs.set(id, listeningMs);
    // There is an entry already: when it is due, it is put right.
    if (!isWaitedFor) this.#due.add(listeningMs + evidence.staleAfterMs, id);
  }

  #look(id: string, nowMs: number): void {
    const { watch, book, desk } = this.#options;
    const record = book.get(id);
    const seenMs = this.#seenMs.get(id);
    if (seenMs === undefined) return;
    if (record === null || record.endedMs !== null || record.evidence.kind !== "reading") {
      this.#seenMs.delete(id);
      return;
    }
    const { staleAfterMs } = record.evidence;
    const silentMs = watch.listening.at(nowMs) - seenMs;
    if (silentMs < staleAfterMs) {
      this.#due.add(seenMs + staleAfterMs, id);
      return;
    }
    this.#seenMs.delete(id);
    const row = watch.hosts.find(record.host);
    const isHostSilent = row === undefined || watch.hosts.state[row] !== UP;
    desk.turnStale(record, silentMs, isHostSilent, nowMs);
  }
}

function staleAfter(intervalMs: number | null): number {
  if (intervalMs === null) return STALE_USUAL_MS;
  return Math.max(STALE_INTERVALS * intervalMs, intervalMs + STALE_LEAST_MS);
}
