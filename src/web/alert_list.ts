/**
 * Which alerts a request asks for, in which order, and where the next page begins.
 *
 * The cursor is the place of the last alert of a page in that order, so that alerts which begin or
 * end meanwhile neither repeat others nor hide them. Of a hundred thousand alerts only some pages
 * are held at a time.
 */

import type { AlertBook } from "../monitor/alerts/book.ts";
import type { AlertKind, AlertRecord } from "../monitor/alerts/record.ts";
import { RequestError } from "./request_error.ts";

const KINDS: readonly AlertKind[] = ["down", "metric", "incident", "flapping", "server"];

/** As alerts are counted: what is stale counts apart. The worst come first. */
const LEVELS = ["CRITICAL", "WARNING", "UNKNOWN", "stale"] as const;

const STATES = ["active", "ended"] as const;

/** Alerts of a page. */
const PAGE = 100;
const PAGE_AT_MOST = 1000;

/** More than can have ended and be remembered. */
const ALL_ENDED = Infinity;

/** A place in the order: rank of the level, then the time, then the number, both falling. */
interface Place {
  readonly rank: number;
  readonly ms: number;
  readonly id: number;
}

export interface AlertQuery {
  readonly level: (typeof LEVELS)[number] | null;
  readonly host: string | null;
  readonly kind: AlertKind | null;
  readonly state: (typeof STATES)[number];
  readonly limit: number;
  /** The last one of the page before. */
  readonly after: Place | null;
}

export interface AlertPage {
  readonly alerts: readonly AlertRecord[];
  /** Null: there are no more. */
  readonly next: string | null;
}

/** Reads the query of a request. Throws a RequestError with 400 that names what is wrong. */
export function alertQuery(query: Readonly<Record<string, string>>): AlertQuery {
  const state = oneOf("state", query.state, STATES) ?? "active";
  return {
    level: oneOf("level", query.level, LEVELS),
    host: query.host ?? null,
    kind: oneOf("kind", query.kind, KINDS),
    state,
    limit: limitOf(query.limit),
    after: query.cursor === undefined ? null : placeOfCursor(query.cursor, state),
  };
}

/** The alerts that `query` asks for: the worst first, then the newest; ended ones by their end. */
export function alertPage(book: AlertBook, query: AlertQuery): AlertPage {
  const { level, host, kind, state, limit, after } = query;
  function* wanted(): Iterable<AlertRecord> {
    for (const alert of candidates(book, query)) {
      if ((alert.endedMs === null) !== (state === "active")) continue;
      if (kind !== null && alert.kind !== kind) continue;
      if (host !== null && alert.host !== host) continue;
      if (level !== null && levelOf(alert) !== level) continue;
      if (after !== null && compare(placeOf(alert), after) <= 0) continue;
      yield alert;
    }
  }
  const found = firstOf(wanted(), (a, b) => compare(placeOf(a), placeOf(b)), limit + 1);
  const alerts = found.slice(0, limit);
  const last = found.length > limit ? alerts.at(-1) : undefined;
  return { alerts, next: last === undefined ? null : cursorOf(placeOf(last), state) };
}

/** The newest first: by when they began. */
export function newestFirst(alerts: readonly AlertRecord[]): readonly AlertRecord[] {
  return alerts.toSorted((a, b) => b.sinceMs - a.sinceMs || Number(b.id) - Number(a.id));
}

function candidates(book: AlertBook, { host, state }: AlertQuery): Iterable<AlertRecord> {
  if (host !== null) return book.ofHost(host);
  return state === "active" ? book.active() : book.ended(ALL_ENDED);
}

/** Of an alert that has ended: the worst it came to. */
function levelOf({ level, worst, isStale, endedMs }: AlertRecord): string {
  if (endedMs !== null) return worst;
  return isStale ? "stale" : level;
}

function placeOf(alert: AlertRecord): Place {
  const { id, sinceMs, endedMs } = alert;
  if (endedMs !== null) return { rank: 0, ms: endedMs, id: Number(id) };
  const rank = LEVELS.findIndex((level) => level === levelOf(alert));
  return { rank, ms: sinceMs, id: Number(id) };
}

function compare(a: Place, b: Place): number {
  return a.rank - b.rank || b.ms - a.ms || b.id - a.id;
}

/** The first `count` of `items` in the order of `order`. */
function firstOf<T>(items: Iterable<T>, order: (a: T, b: T) => number, count: number): T[] {
  let kept: T[] = [];
  for (const item of items) {
    kept.push(item);
    if (kept.length >= 4 * count) kept = kept.sort(order).slice(0, count);
  }
  return kept.sort(order).slice(0, count);
}

function cursorOf({ rank, ms, id }: Place, state: AlertQuery["state"]): string {
  return `${state}_${rank}_${ms}_${id}`;
}

function placeOfCursor(cursor: string, state: AlertQuery["state"]): Place {
  const [, of, rank, ms, id] = /^([a-z]+)_(\d)_(-?\d+(?:\.\d+)?)_(\d+)$/.exec(cursor) ?? [];
  if (of === state) return { rank: Number(rank), ms: Number(ms), id: Number(id) };
  throw new RequestError(
    400,
    'cursor must be the "next" of an answer to the same query: leave it out for the first page',
  );
}

function limitOf(text: string | undefined): number {
  const limit = text === undefined ? PAGE : Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= PAGE_AT_MOST) return limit;
  const got = JSON.stringify(text);
  throw new RequestError(400, `limit must be a whole number from 1 to ${PAGE_AT_MOST}: got ${got}`);
}

function oneOf<T extends string>(
  key: string,
  text: string | undefined,
  known: readonly T[],
): T | null {
  if (text === undefined) return null;
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  const got = JSON.stringify(text);
  throw new RequestError(400, `${key} must be one of ${known.join(", ")}: got ${got}`);
}
