/** `/healthz` for who watches this server, and `/metrics` for Prometheus. */

import { z } from "zod";
import { seesEverything } from "../../access/principal.ts";
import { healthJson } from "../health_json.ts";
import { metricsText } from "../metrics.ts";
import { METRICS_TYPE } from "../metrics_text.ts";
import { type Route, route } from "../route.ts";
import type { View } from "../view.ts";
import { count, plainText, time } from "./fields.ts";
import { alertCounts } from "./host_answers.ts";

const details = z.object({
  problems: z.array(z.object({ part: z.string(), message: z.string(), since: time })),
  version: z.string(),
  uptime: count,
  hosts: count,
  down: count,
  total: count,
  alerts: alertCounts.nullable(),
  notifications: z.object({
    waiting: count,
    oldest: z.number().nullable(),
    failing: z.array(
      z.object({ channel: z.string(), error: z.string().nullable(), since: time }),
    ),
  }),
  refused: count,
  journal_lines_lost: count,
  dropped: z.record(z.string(), count),
  udp: z.object({
    port: count,
    received: count,
    kernel_drops: count.nullable(),
    overload_drops: count,
    unsent: count,
  }).nullable(),
});

/** `/healthz` and `/metrics`. */
export function healthRoutes(view: View): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/healthz",
      id: "getHealth",
      summary: "Whether all parts of the server work: 200, or 503. Details for who sees everything",
      tag: "Server",
      needs: "anybody",
      answer: details.partial().extend({ status: z.enum(["ok", "degraded"]) }),
      errors: [503],
      handle({ c, who }) {
        const health = healthJson(view);
        const told = seesEverything(who) ? health : { status: health.status };
        return c.json(told, health.status === "ok" ? 200 : 503, {
          "cache-control": "no-store",
          "x-content-type-options": "nosniff",
        });
      },
    }),
    route({
      method: "GET",
      path: "/metrics",
      id: "getMetrics",
      summary: "Figures for Prometheus, of what one may see",
      tag: "Server",
      needs: "reader",
      answer: plainText,
      type: "text/plain",
      async handle({ c, who }) {
        return c.body(await metricsText(view, who), 200, {
          "content-type": METRICS_TYPE,
          "cache-control": "no-store",
          "x-content-type-options": "nosniff",
        });
      },
    }),
  ];
}
