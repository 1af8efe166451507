/** The channels by which people are told, how each fares, and sending a test. */

import { Hono } from "hono";
import { methodNotAllowed } from "./method_not_allowed.ts";
import { readNoBody } from "./request_body.ts";
import { RequestError } from "./request_error.ts";
import { seconds } from "./seconds.ts";
import type { ChannelView, View } from "./view.ts";
import { type Env, mayChange } from "./who_may.ts";

/** The routes below `/api/0/channels`. */
export function createChannelApi(view: View): Hono<Env> {
  const api = new Hono<Env>({ strict: false });
  api.get("/api/0/channels", (c) => c.json({ channels: view.channels().map(channelJson) }));
  api.post("/api/0/channels/:name/test", mayChange(view), async (c) => {
    await readNoBody(c);
    const channel = c.req.param("name");
    const names = view.channels().flatMap(({ name, isConfigured }) => isConfigured ? [name] : []);
    if (!names.includes(channel)) {
      const known = names.length === 0 ? "none is configured" : `there are ${names.join(", ")}`;
      throw new RequestError(404, `No channel is called ${JSON.stringify(channel)}: ${known}`);
    }
    try {
      return c.json({ channel, answer: await view.testChannel(channel) });
    } catch (error) {
      throw new RequestError(502, error instanceof Error ? error.message : String(error));
    }
  });
  api.all("/api/0/channels", (c) => methodNotAllowed(c.req.method, "GET, HEAD"));
  api.all("/api/0/channels/:name/test", (c) => methodNotAllowed(c.req.method, "POST"));
  return api;
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
