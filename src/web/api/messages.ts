/**
 * What came in: the last messages as they are held in memory, or those in the journal that fit a
 * query. Their payloads are copied as text.
 */

import { z } from "zod";
import { jsonAnswer } from "../json_answer.ts";
import { messageText, pastMessage } from "../message_json.ts";
import { RequestError } from "../request_error.ts";
import { type Route, route } from "../route.ts";
import type { View } from "../view.ts";
import type { Past, PastMessage } from "../view_history.ts";
import { count, cursor, hostName, next, time, wholeNumber } from "./fields.ts";
import { isOfThisOne, nextOf, placeOf, searched } from "./history.ts";

const PAGE = 100;

const message = z.object({
  seq: count,
  timestamp: time,
  time,
  host: hostName,
  source_ip: z.string(),
  source_port: count,
  transport: z.string(),
  path: z.string(),
  late: z.boolean(),
  parse_error: z.boolean(),
  msg: z.string().meta({ description: "The beginning of the payload, as text" }),
  message: z.unknown().meta({ description: "The payload" }),
}).meta({ id: "Message" });

const wrongTime = "must be a number of seconds since 1970";

/** `/api/0/messages`. */
export function messageRoutes(view: View): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/0/messages",
      id: "listMessages",
      summary: "The last messages, or those in the journal that fit a query; the newest first",
      tag: "Messages",
      needs: "reader",
      query: z.object({
        since: z.coerce.number({ error: wrongTime }).min(0, { error: wrongTime }).optional()
          .meta({ description: "Seconds since 1970: none from before" }),
        host: hostName.optional(),
        q: z.string().min(1, "must not be empty").max(255, "must have at most 255 characters")
          .optional().meta({ description: "Text in the message, in any case of letters" }),
        limit: wholeNumber(1, 1000).optional().meta({ description: "How many, at most" }),
        cursor: cursor.optional(),
      }),
      answer: z.object({
        messages: z.array(message),
        next: next.optional(),
        complete: z.boolean().optional()
          .meta({ description: "False: it was not looked any further back" }),
      }),
      errors: [503],
      async handle({ c, who, access, query }) {
        const { since, host, q, limit = PAGE } = query;
        const maySee = (host: string, seq: number) =>
          access.maySee(who, host) && isOfThisOne(view, who, host, seq);
        if (Object.values(query).every((value) => value === undefined)) {
          const messages = view.messages().filter(({ seq, message }) => maySee(message.host, seq));
          return jsonAnswer(c.req.raw, `{${listText(messages.map(pastMessage))}}`, 200);
        }
        const past = await searched(() =>
          view.searchMessages({
            host: host ?? null,
            text: q ?? null,
            sinceMs: since === undefined ? null : since * 1000,
            beforeSeq: placeOf(query.cursor),
            limit: limit + 1,
            maySee,
          })
        );
        if (past === null) throw new RequestError(503, "This server keeps no journal to search");
        return jsonAnswer(c.req.raw, pageText(past, limit), 200);
      },
    }),
  ];
}

function pageText(past: Past<PastMessage>, limit: number): string {
  const next = JSON.stringify(nextOf(past, limit));
  const list = listText(past.found.slice(0, limit));
  return `{${list},"next":${next},"complete":${past.isComplete}}`;
}

function listText(messages: readonly PastMessage[]): string {
  return `"messages":[${messages.map(messageText).join(",\n")}]`;
}
