/** Pausing a host, because somebody works on it, and resuming it. Paused time is not downtime. */

import { Hono } from "hono";
import { z } from "zod";
import { durationField } from "./duration_field.ts";
import { methodNotAllowed } from "./method_not_allowed.ts";
import { readBody, readNoBody } from "./request_body.ts";
import { RequestError, unknownHost } from "./request_error.ts";
import { seconds } from "./seconds.ts";
import type { View } from "./view.ts";
import { type Env, mayChange } from "./who_may.ts";

const pauseSchema = z.strictObject({
  for: durationField.optional(),
  reason: z.string().max(500, "must have at most 500 characters").default(""),
});

const PAUSE_SAMPLE = '{"for": "2h", "reason": "…"}, or {} until it is resumed';

/** `/api/0/hosts/{name}/pause` and `/api/0/hosts/{name}/resume`. */
export function createPauseApi(view: View): Hono<Env> {
  const api = new Hono<Env>({ strict: false });
  api.post("/api/0/hosts/:name/pause", mayChange(view), async (c) => {
    const wanted = await readBody(c, pauseSchema, PAUSE_SAMPLE);
    const name = c.req.param("name");
    const fromMs = view.nowMs();
    const untilMs = wanted.for === undefined ? null : fromMs + wanted.for;
    const reason = wanted.reason.toWellFormed();
    if (!view.pause(name, { fromMs, untilMs, reason })) throw unknownHost(name);
    return c.json({ hostname: name, paused: true, paused_until: seconds(untilMs), reason });
  });
  api.post("/api/0/hosts/:name/resume", mayChange(view), async (c) => {
    await readNoBody(c);
    const name = c.req.param("name");
    const before = view.host(name);
    if (before === null) throw unknownHost(name);
    if (before.pausedUntilMs === null) {
      throw new RequestError(409, `Host ${JSON.stringify(name)} is not paused`);
    }
    view.pause(name, null);
    // What the configuration has planned goes on.
    const plannedMs = view.host(name)?.pausedUntilMs ?? null;
    const planned = plannedMs === null ? {} : { paused_until: seconds(plannedMs) };
    return c.json({ hostname: name, paused: plannedMs !== null, ...planned });
  });
  for (const path of ["/api/0/hosts/:name/pause", "/api/0/hosts/:name/resume"]) {
    api.all(path, (c) => methodNotAllowed(c.req.method, "POST"));
  }
  return api;
}
