/** Pausing a host, because somebody works on it, and resuming it. Paused time is not downtime. */

import { z } from "zod";
import { RequestError, unknownHost } from "../request_error.ts";
import { type Route, route } from "../route.ts";
import { seconds } from "../seconds.ts";
import type { View } from "../view.ts";
import { durationField, hostName, time, words } from "./fields.ts";

/** `/api/0/hosts/{name}/pause` and `/api/0/hosts/{name}/resume`. */
export function pauseRoutes(view: View): readonly Route[] {
  return [
    route({
      method: "POST",
      path: "/api/0/hosts/{name}/pause",
      id: "pauseHost",
      summary: "Let a host be silent for a time, or until it is resumed",
      tag: "Hosts",
      needs: "manager",
      body: z.strictObject({ for: durationField.optional(), reason: words }),
      bodySample: '{"for": "2h", "reason": "…"}, or {} until it is resumed',
      answer: z.object({
        hostname: hostName,
        paused: z.boolean(),
        paused_until: time.nullable(),
        reason: z.string(),
      }),
      errors: [404],
      handle({ params: { name = "" }, body, nowMs }) {
        const untilMs = body.for === undefined ? null : nowMs + body.for;
        const { reason } = body;
        if (!view.pause(name, { fromMs: nowMs, untilMs, reason })) throw unknownHost(name);
        return { hostname: name, paused: true, paused_until: seconds(untilMs), reason };
      },
    }),
    route({
      method: "POST",
      path: "/api/0/hosts/{name}/resume",
      id: "resumeHost",
      summary: "End the pause of a host",
      tag: "Hosts",
      needs: "manager",
      answer: z.object({
        hostname: hostName,
        paused: z.boolean().meta({ description: "True: a planned time goes on" }),
        paused_until: time.nullable().optional(),
      }),
      errors: [404, 409],
      handle({ params: { name = "" } }) {
        if ((view.host(name)?.pausedUntilMs ?? null) === null) {
          throw new RequestError(409, `Host ${JSON.stringify(name)} is not paused`);
        }
        view.pause(name, null);
        // What the configuration has planned goes on.
        const plannedMs = view.host(name)?.pausedUntilMs ?? null;
        const planned = plannedMs === null ? {} : { paused_until: seconds(plannedMs) };
        return { hostname: name, paused: plannedMs !== null, ...planned };
      },
    }),
  ];
}
