/**
 * Which alerts a request asks for, in which order, and where the next page begins.
 *
 * The cursor is the place of the last alert of a page in that order, so that alerts which begin or
 * end meanwhile neither repeat others nor hide them. Of a hundred thousand alerts only some pages
 * are held at a time.
 */

import { z } from "zod";
import { cursor, hostName, oneOf, pageSize } from "./api/fields.ts";
import type { AlertBook } from "../monitor/alerts/book.ts";
import type { AlertRecord } from "../monitor/alerts/record.ts";
import { Breather } from "../breathe.ts";
import { RequestError } from "./request_error.ts";

const KINDS = ["down", "metric", "incident", "flapping", "server"] as const;

/** As alerts are counted: what is stale counts apart. The worst come first. */
export const LEVELS = ["CRITICAL", "WARNING", "UNKNOWN", "stale"] as const;

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

/** The query of a request for alerts. */
export const alertQuery = z.object({
  state: oneOf(STATES).default("active"),
  level: oneOf(LEVELS).optional(),
  kind: oneOf(KINDS).optional(),
  host: hostName.optional(),
  limit: pageSize(PAGE, PAGE_AT_MOST),
  cursor: cursor.optional(),
});
export type AlertQuery = z.output<typeof alertQuery>;

export interface AlertPage {
  readonly alerts: readonly AlertRecord[];
  /** Null: there are no more. */
  readonly next: string | null;
}

/**
 * The alerts that `query` asks for, and `maySee` lets through: the worst first, then the newest;
 * ended ones by their end. Throws a RequestError with 400 for a wrong cursor.
 */
export async function alertPage(
  book: AlertBook,
  query: AlertQuery,
  see: (alert: AlertRecord) => AlertRecord | null,
): Promise<AlertPage> {
  const { level, host, kind, state, limit } = query;
  const after = query.cursor === undefined ? null : placeOfCursor(query.cursor, state);
  const breather = new Breather();
  async function* wanted(): AsyncIterable<AlertRecord> {
    for (const alert of candidates(book, query)) {
      await breather.breathe();
      if ((alert.endedMs === null) !== (state === "active")) continue;
      if (kind !== undefined && alert.kind !== kind) continue;
      if (host !== undefined && alert.host !== host) continue;
      if (level !== undefined && levelOf(alert) !== level) continue;
      if (after !== null && compare(placeOf(alert), after) <= 0) continue;
      const seen = see(alert);
      if (seen !== null) yield seen;
    }
  }
  const found = await firstOf(wanted(), (a, b) => compare(placeOf(a), placeOf(b)), limit + 1);
  const alerts = found.slice(0, limit);
  const last = found.length > limit ? alerts.at(-1) : undefined;
  return { alerts, next: last === undefined ? null : cursorOf(placeOf(last), state) };
}

/** The newest first: by when they began. */
export function newestFirst(alerts: readonly AlertRecord[]): readonly AlertRecord[] {
  return alerts.toSorted((a, b) => b.sinceMs - a.sinceMs || Number(b.id) - Number(a.id));
}

function candidates(book: AlertBook, { host, state }: AlertQuery): Iterable<AlertRecord> {
  if (host !== undefined) return book.ofHost(host);
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
async function firstOf<T>(
  items: AsyncIterable<T>,
  order: (a: T, b: T) => number,
  count: number,
): Promise<T[]> {
  let kept: T[] = [];
  for await (const item of items) {
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
    { field: "cursor" },
  );
}
