/** What the API answers about alerts, for the documents and the tests. */

import { z } from "zod";
import { count, duration, hostName, time } from "./fields.ts";

const level = z.enum(["OK", "WARNING", "UNKNOWN", "CRITICAL"]);

const evidence = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("silence"),
    last_beat: time.nullable(),
    interval: duration.nullable(),
    grace: duration.nullable(),
    deadline: time.nullable(),
    due: time.optional(),
    looked: time,
    silence: duration,
    excluded: duration,
    missed: count,
    address: z.string(),
    gaps: z.array(duration.nullable()),
  }),
  z.object({
    kind: z.literal("report"),
    cause: z.enum(["failure", "overrun"]),
    text: z.string(),
    at: time,
  }),
  z.object({
    kind: z.literal("reading"),
    value: z.number(),
    threshold: z.number().nullable(),
    operator: z.string(),
    values: z.array(z.object({ time, value: z.number() })),
    stale_after: duration.nullable(),
  }),
  z.object({ kind: z.literal("trouble"), message: z.string() }),
  z.object({ kind: z.literal("flapping"), changes: z.array(time) }),
  z.object({
    kind: z.literal("incident"),
    cause: z.enum(["many", "address", "group"]),
    looked: time,
    silent: count.nullable(),
    beating: count.nullable(),
    window: duration.nullable(),
    total: count.nullable(),
    down: count.nullable(),
    hosts: z.array(hostName),
  }),
]).meta({ id: "Evidence" });

/** An alert. */
export const alert = z.object({
  id: z.string(),
  kind: z.enum(["down", "metric", "incident", "flapping", "server"]),
  host: hostName,
  metric: z.string().nullable(),
  level,
  worst: level,
  stale: z.boolean(),
  since: time,
  ended: time.nullable(),
  text: z.string(),
  evidence,
  told: z.object({ level, time, channels: z.array(z.string()) }).nullable(),
  ack: z.object({ time, until: time.nullable(), note: z.string() }).nullable(),
  paused: z.boolean(),
}).meta({ id: "Alert" });
