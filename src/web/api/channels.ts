/** The channels by which people are told, how each fares, and sending a test. */

import { z } from "zod";
import { RequestError } from "../request_error.ts";
import { type Route, route } from "../route.ts";
import { seconds } from "../seconds.ts";
import type { ChannelView, View } from "../view.ts";
import { count, time } from "./fields.ts";

const channel = z.object({
  name: z.string(),
  type: z.string(),
  min_level: z.string(),
  fallback: z.string().nullable(),
  configured: z.boolean(),
  waiting: count,
  waiting_since: time.nullable(),
  sent: count,
  failed: count,
  given_up: count,
  dropped: count,
  failing_since: time.nullable(),
  last_error: z.string().nullable(),
  last_error_time: time.nullable(),
  last_sent: time.nullable(),
  last_answer: z.string().nullable(),
  next_try: time.nullable(),
}).meta({ id: "Channel" });

/** The routes below `/api/0/channels`. */
export function channelRoutes(view: View): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/0/channels",
      id: "listChannels",
      summary: "The channels of notifications, and how each fares",
      tag: "Channels",
      needs: "admin",
      answer: z.object({ channels: z.array(channel) }),
      handle: () => ({ channels: view.channels().map(channelJson) }),
    }),
    route({
      method: "POST",
      path: "/api/0/channels/{channel}/test",
      id: "testChannel",
      summary: "Send a test by a channel at once",
      tag: "Channels",
      needs: "admin",
      answer: z.object({ channel: z.string(), answer: z.string() }),
      errors: [404, 502],
      async handle({ params: { channel = "" } }) {
        const names = view.channels()
          .flatMap(({ name, isConfigured }) => isConfigured ? [name] : []);
        if (!names.includes(channel)) {
          const known = names.length === 0 ? "none is configured" : `there are ${names.join(", ")}`;
          throw new RequestError(404, `No channel is called ${JSON.stringify(channel)}: ${known}`);
        }
        try {
          return { channel, answer: await view.testChannel(channel) };
        } catch (error) {
          throw new RequestError(502, error instanceof Error ? error.message : String(error));
        }
      },
    }),
  ];
}

function channelJson(channel: ChannelView) {
  return {
    name: channel.name,
    type: channel.type,
    min_level: channel.minLevel,
    fallback: channel.fallback,
    configured: channel.isConfigured,
    waiting: channel.waiting,
    waiting_since: seconds(channel.oldestMs),
    sent: channel.sent,
    failed: channel.failed,
    given_up: channel.givenUp,
    dropped: channel.dropped,
    failing_since: seconds(channel.failingSinceMs),
    last_error: channel.lastError,
    last_error_time: seconds(channel.lastErrorMs),
    last_sent: seconds(channel.lastSentMs),
    last_answer: channel.lastAnswer,
    next_try: seconds(channel.nextTryMs),
  };
}
