/** The past of a host: its hours, its uptime, and what happened to it. */

import { z } from "zod";
import { type Principal, seesEverything } from "../../access/principal.ts";
import type { StoredHour } from "../../history/book.ts";
import { TooManyWait } from "../../journal/turns.ts";
import { RequestError } from "../request_error.ts";
import { type Route, route } from "../route.ts";
import { seconds } from "../seconds.ts";
import type { View } from "../view.ts";
import type { Past, PastEvent } from "../view_history.ts";
import {
  count,
  cursor,
  duration,
  hostName,
  next,
  pageSize,
  percent,
  time,
  wholeNumber,
} from "./fields.ts";

/** Days told where the query does not say. */
const DAYS = 7;
const MOST_DAYS = 3660;

const HOUR_S = 3600;

const rtt = z.number().nullable().meta({ description: "Milliseconds" });

const hour = z.object({
  start: time,
  beats: count,
  late: count,
  missed: count,
  up: duration,
  down: duration,
  deaf: duration.meta({ description: "Seconds in which the server did not listen" }),
  rtt_min: rtt,
  rtt_avg: rtt,
  rtt_max: rtt,
}).meta({ id: "Hour" });

const event = z.object({
  seq: count,
  time,
  kind: z.string(),
  text: z.string(),
}).meta({ id: "Event" });

const shares = z.number().min(0).max(1);

/** `/api/0/hosts/{name}/history` and `/api/0/hosts/{name}/events`. */
export function historyRoutes(view: View): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/0/hosts/{name}/history",
      id: "getHistory",
      summary: "The hours of a host, and its uptime",
      tag: "History",
      needs: "monitor",
      query: z.object({
        days: wholeNumber(1, MOST_DAYS).default(DAYS)
          .meta({ description: "How many, at most history_days of the configuration" }),
      }),
      answer: z.object({
        hostname: hostName,
        uptime: z.object({ "24h": percent, "7d": percent, "30d": percent, "90d": percent }),
        unknown: z.object({ "24h": shares, "7d": shares, "30d": shares, "90d": shares })
          .meta({ description: "Share of the time of which nothing is known" }),
        hours: z.array(hour),
      }),
      errors: [404],
      async handle({ params: { name = "" }, query }) {
        const days = Math.min(query.days, view.config().web.historyDays);
        const { uptime, unknown, hours } = await view.history.report(name, days);
        return {
          hostname: name,
          uptime,
          unknown,
          hours: hours.map(hourJson),
        };
      },
    }),
    route({
      method: "GET",
      path: "/api/0/hosts/{name}/events",
      id: "listEvents",
      summary: "What happened to a host, the newest first, as far as the journal is looked through",
      tag: "History",
      needs: "monitor",
      query: z.object({ limit: pageSize(50, 500), cursor: cursor.optional() }),
      answer: z.object({
        hostname: hostName,
        events: z.array(event),
        next,
        complete: z.boolean().meta({ description: "False: there may be older ones" }),
      }),
      errors: [404, 503],
      async handle({ who, params: { name = "" }, query }) {
        const past = await searched(() =>
          view.events({
            host: name,
            text: null,
            sinceMs: null,
            beforeSeq: placeOf(query.cursor),
            limit: query.limit + 1,
            maySee: (_, seq) => isOfThisOne(view, who, name, seq),
          })
        );
        return {
          hostname: name,
          events: past.found.slice(0, query.limit).map(eventJson),
          next: nextOf(past, query.limit),
          complete: past.isComplete,
        };
      },
    }),
  ];
}

/**
 * False for record `seq` of the journal when it is of another host that had the name before this one
 * was made, and so none of the business of who has a role at this one.
 */
export function isOfThisOne(
  view: Pick<View, "madeAfter">,
  who: Principal,
  host: string,
  seq: number,
): boolean {
  return seesEverything(who) || seq > view.madeAfter(host);
}

/** What `search` finds. Throws a RequestError with 503 while too many others search. */
export async function searched<T>(search: () => Promise<T>): Promise<T> {
  try {
    return await search();
  } catch (error) {
    if (!(error instanceof TooManyWait)) throw error;
    throw new RequestError(503, error.message, { headers: { "retry-after": "5" } });
  }
}

/** The number in a cursor: what follows has a lower one. Throws a RequestError with 400. */
export function placeOf(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  const message = 'cursor must be the "next" of an answer to the same query';
  throw new RequestError(400, message, { field: "cursor" });
}

/** The cursor of what follows the first `limit` of what was found; null: nothing does. */
export function nextOf(
  { found, nextSeq = null }: Past<{ readonly seq: number }>,
  limit: number,
): string | null {
  const last = found.length > limit ? found[limit - 1] : undefined;
  const seq = last?.seq ?? nextSeq;
  return seq === null ? null : String(seq);
}

function hourJson(hour: StoredHour) {
  const hasRtt = hour.rtts > 0;
  return {
    start: hour.hour * HOUR_S,
    beats: hour.beats,
    late: hour.late,
    missed: hour.missed,
    up: seconds(hour.upMs),
    down: seconds(hour.downMs),
    deaf: seconds(hour.deafMs),
    rtt_min: hasRtt ? hour.rttMinMs : null,
    rtt_avg: hasRtt ? hour.rttAvgMs : null,
    rtt_max: hasRtt ? hour.rttMaxMs : null,
  };
}

function eventJson({ seq, atMs, kind, text }: PastEvent) {
  return { seq, time: seconds(atMs), kind, text };
}
