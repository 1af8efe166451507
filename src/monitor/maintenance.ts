/**
 * Which hosts are under maintenance: planned time is no downtime, and nobody is told of it.
 *
 * Pure: the time comes in. It may be asked for every host within seconds, so what holds at a
 * moment is reckoned once and remembered until the next window begins or ends; between windows a
 * question costs one comparison.
 */

import { DAY_MS, type MaintenanceWindow, type Span, WindowTimes } from "./maintenance_windows.ts";

export type { MaintenanceWindow } from "./maintenance_windows.ts";

/** A maintenance that goes on. */
export interface ActiveMaintenance {
  /** When it will be over, with those that follow without a gap; epoch milliseconds. */
  readonly untilMs: number;
  readonly reason: string;
}

/** How far ahead windows that follow each other are looked at. */
const AHEAD_DAYS = 60;

/** Windows in a row that are looked at. */
const MAX_ROW = 1000;

/** How far back `overlapMs` looks. */
const BACK_MS = 92 * DAY_MS;

/** Within this time every window that comes again begins once more. */
const RECKONED_MS = 8 * DAY_MS;

/** Combinations of windows whose end is remembered. */
const REMEMBERED = 1000;

interface Entry {
  readonly times: WindowTimes;
  readonly concerns: (host: string, group: string | null) => boolean;
  readonly reason: string;
}

/** What holds from one moment until the next window begins or ends. */
interface Situation {
  readonly fromMs: number;
  readonly toMs: number;
  readonly active: readonly Entry[];
  /** When it is over, by the windows that concern a host. */
  readonly ends: Map<string, number>;
}

export class Maintenance {
  readonly #entries: readonly Entry[];
  #situation: Situation | null = null;

  /** Throws a RangeError for a zone or a time that does not exist. */
  constructor(windows: readonly MaintenanceWindow[]) {
    this.#entries = windows.map((window) => ({
      times: new WindowTimes(window),
      concerns: selectorOf(window),
      reason: window.reason,
    }));
  }

  /**
   * The maintenance that `host` is under; null when there is none. Of several the first one's
   * reason. Windows that follow each other are looked at for up to 60 days: when there is no end
   * in them, it is the end of the last one.
   */
  activeUntil(host: string, group: string | null, nowMs: number): ActiveMaintenance | null {
    if (this.#entries.length === 0 || !Number.isFinite(nowMs)) return null;
    const { active, ends } = this.#situationAt(nowMs);
    const first = active.find((entry) => entry.concerns(host, group));
    if (first === undefined) return null;
    const limitDay = Math.floor(nowMs / DAY_MS) + AHEAD_DAYS;
    const concerned = this.#entries.map((entry) => entry.concerns(host, group));
    const key = `${limitDay} ${concerned.map(Number).join("")}`;
    let untilMs = ends.get(key);
    if (untilMs === undefined) {
      const entries = this.#entries.filter((_, index) => concerned[index]);
      untilMs = endOfRow(entries, nowMs, limitDay * DAY_MS);
      if (ends.size >= REMEMBERED) ends.clear();
      ends.set(key, untilMs);
    }
    return { untilMs, reason: first.reason };
  }

  /**
   * How much of the time from `fromMs` to `toMs` the host was under maintenance, milliseconds. Of
   * more than 92 days only the last 92 are looked at.
   */
  overlapMs(host: string, group: string | null, fromMs: number, toMs: number): number {
    if (this.#entries.length === 0 || !Number.isFinite(toMs)) return 0;
    const startMs = Math.max(fromMs, toMs - BACK_MS);
    if (!(startMs < toMs)) return 0;
    const spans: Span[] = [];
    for (const { concerns, times } of this.#entries) {
      if (concerns(host, group)) spans.push(...times.between(startMs, toMs));
    }
    return covered(spans, startMs, toMs);
  }

  #situationAt(nowMs: number): Situation {
    const known = this.#situation;
    if (known !== null && known.fromMs <= nowMs && nowMs < known.toMs) return known;
    const active: Entry[] = [];
    let changeMs = nowMs + RECKONED_MS;
    for (const entry of this.#entries) {
      const endMs = entry.times.endAt(nowMs);
      if (endMs !== null) active.push(entry);
      for (const { fromMs } of endMs === null ? entry.times.between(nowMs, changeMs) : []) {
        changeMs = Math.min(changeMs, fromMs);
      }
      changeMs = Math.min(changeMs, endMs ?? changeMs);
    }
    return this.#situation = { fromMs: nowMs, toMs: changeMs, active, ends: new Map() };
  }
}

/** The end of the windows that follow each other from `nowMs` on and begin before `limitMs`. */
function endOfRow(entries: readonly Entry[], nowMs: number, limitMs: number): number {
  let untilMs = nowMs;
  for (let row = 0; row < MAX_ROW && untilMs < limitMs; row++) {
    const ends = entries.map(({ times }) => times.endAt(untilMs) ?? untilMs);
    const furthestMs = Math.max(...ends);
    if (furthestMs <= untilMs) break;
    untilMs = furthestMs;
  }
  return untilMs;
}

/** Time from `fromMs` to `toMs` that is in at least one span. */
function covered(spans: Span[], fromMs: number, toMs: number): number {
  let sumMs = 0;
  let countedMs = fromMs;
  for (const span of spans.sort((a, b) => a.fromMs - b.fromMs)) {
    const endMs = Math.min(span.toMs, toMs);
    sumMs += Math.max(0, endMs - Math.max(span.fromMs, countedMs));
    countedMs = Math.max(countedMs, endMs);
  }
  return sumMs;
}

function selectorOf({ hosts, group }: MaintenanceWindow): Entry["concerns"] {
  if (hosts.length === 0 && group === null) return () => true;
  const names = new Set(hosts.filter((name) => !name.includes("*")));
  const patterns = hosts.filter((name) => name.includes("*")).map((name) => name.split("*"));
  return (host, ofGroup) =>
    (group !== null && group === ofGroup) || names.has(host) ||
    patterns.some((parts) => fits(parts, host));
}

/** Whether `name` is the parts in their order, with anything between two of them. */
function fits(parts: readonly string[], name: string): boolean {
  const [first = ""] = parts;
  const last = parts.at(-1) ?? "";
  const end = name.length - last.length;
  if (!name.startsWith(first) || !name.endsWith(last) || end < first.length) return false;
  let at = first.length;
  for (let index = 1; index < parts.length - 1; index++) {
    const part = parts[index] ?? "";
    at = name.indexOf(part, at) + part.length;
    if (at < part.length || at > end) return false;
  }
  return true;
}
