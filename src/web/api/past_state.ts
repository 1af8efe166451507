/** The hosts at a past moment, as far as the journal goes back. */

import { z } from "zod";
import { streamAnswer } from "../json_answer.ts";
import { RequestError } from "../request_error.ts";
import { type Route, route } from "../route.ts";
import { seconds } from "../seconds.ts";
import type { View } from "../view.ts";
import { ReplayTooSlow } from "../view_history.ts";
import { count, hostName, percent, time } from "./fields.ts";
import { searched } from "./history.ts";
import * as answers from "./host_answers.ts";

const wrongTime = "must be a number of seconds since 1970, and not in the future";

/** How far a clock may be ahead of ours, milliseconds. */
const AHEAD_MS = 5000;

/** `/api/0/replay` and `/api/0/replay/timeline`. */
export function pastStateRoutes(view: View): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/0/replay",
      id: "getPastState",
      summary: "The hosts as they were at a moment, rebuilt from the journal",
      tag: "History",
      needs: "reader",
      query: z.object({
        at: z.coerce.number({ error: wrongTime }).min(0, { error: wrongTime }).optional()
          .meta({ description: "Seconds since 1970; now, when left out" }),
      }),
      answer: z.object({
        at: time,
        known_since: time.nullable()
          .meta({ description: "When the journal begins; null: after that moment" }),
        whole: z.boolean().meta({
          description: "It goes back to the first message: no host and no beat is missing",
        }),
        listening: z.boolean().meta({ description: "False: the server did not listen then" }),
        last_record: time.nullable()
          .meta({ description: "When the last thing happened that is in this state" }),
        already_there: z.array(hostName).meta({
          description: "Hosts that were there before the journal begins, as far as it tells",
        }),
        totals: z.object({
          hosts: count,
          down: count,
          states: z.record(z.enum(answers.HOST_STATES), count),
          total: count,
          late: count,
          missed: count,
          stability: percent,
        }),
        truncated: z.boolean().meta({ description: "There were more hosts; the worst are told" }),
        hosts: z.array(answers.pastHost),
      }),
      errors: [503],
      async handle({ c, who, query, nowMs }) {
        const atMs = query.at === undefined ? nowMs : Math.round(query.at * 1000);
        if (!(atMs <= nowMs + AHEAD_MS)) {
          throw new RequestError(422, `at ${wrongTime}`, { field: "at" });
        }
        const { signal } = c.req.raw;
        const parts = await inTime(() => view.pastState({ atMs, who, signal }), signal);
        return streamAnswer(ReadableStream.from(parts));
      },
    }),
    route({
      method: "GET",
      path: "/api/0/replay/timeline",
      id: "getTimeline",
      summary: "When the journal begins, and when hosts went down since then",
      tag: "History",
      needs: "reader",
      answer: z.object({
        since: time.nullable().meta({ description: "Null: the journal is empty" }),
        until: time,
        downs: z.array(z.object({ time, hosts: count }))
          .meta({ description: "Those near each other are one" }),
        complete: z.boolean().meta({ description: "False: there were more before" }),
      }),
      errors: [503],
      async handle({ c, who, nowMs }) {
        const { signal } = c.req.raw;
        const { sinceMs, downs, isComplete } = await inTime(
          () => view.timeline(who, signal),
          signal,
        );
        return {
          since: seconds(sinceMs),
          until: seconds(nowMs),
          downs: downs.map(({ atMs, hosts }) => ({ time: seconds(atMs), hosts })),
          complete: isComplete,
        };
      },
    }),
  ];
}

/** What is found; a RequestError with 503 where there is no journal, or it takes too long. */
async function inTime<T>(look: () => Promise<T | null>, signal: AbortSignal): Promise<T> {
  try {
    const found = await searched(look);
    if (found !== null) return found;
  } catch (error) {
    // Nobody will read that.
    if (signal.aborted) throw new RequestError(503, "Nobody waits for the answer any more");
    if (!(error instanceof ReplayTooSlow)) throw error;
    throw new RequestError(503, error.message, { headers: { "retry-after": "1" } });
  }
  throw new RequestError(503, "This server keeps no journal to look back in");
}
