/** What the API answers about hosts, for the documents and the tests. */

import { z } from "zod";
import { count, duration, hostName, percent, time } from "./fields.ts";

/** The states that a host is shown in. */
export const HOST_STATES = ["new", "up", "down", "shutdown", "paused"] as const;

/** How many alerts hold, by level; stale ones apart. */
export const alertCounts = z.object({
  WARNING: count,
  UNKNOWN: count,
  CRITICAL: count,
  stale: count,
}).meta({ id: "AlertCounts" });

/** What a host reports beside being alive. */
export const report = z.object({
  dialect: z.string().nullable()
    .meta({ description: "What its client speaks, where that is another server's language" }),
  runs: z.array(z.object({ run: z.string(), started: time, overdue: z.boolean() }))
    .meta({ description: "Runs that go on, the oldest first" }),
  last: z.object({
    run: z.string(),
    started: time.nullable(),
    ended: time,
    duration_s: duration.nullable(),
    ok: z.boolean(),
  }).nullable().meta({ description: "The run that ended last" }),
  failure: z.object({ since: time, cause: z.enum(["failure", "overrun"]), text: z.string() })
    .nullable()
    .meta({ description: "Why it is down though it speaks" }),
}).meta({ id: "Report" });

const hostShape = {
  name: hostName,
  state: z.enum(HOST_STATES),
  paused_until: time.nullable().optional()
    .meta({ description: "Only of a paused host; null: no end is known" }),
  total: count.meta({ description: "Beats" }),
  late: count,
  missed: count,
  stability: percent,
  interval: duration.nullable(),
  grace: duration.nullable(),
  last_beat: time.nullable(),
  deadline: time.nullable(),
  bar: z.string().regex(/^[olmd]{0,60}$/).meta({
    description: "The last intervals, the oldest first: o on time, l late, m missed, d not heard",
  }),
  addresses: z.array(z.string()),
  reported_ip: z.string().nullable(),
  rtt: z.number().nullable().meta({ description: "Milliseconds" }),
  rtts: z.array(z.number()).meta({ description: "The last ones, the oldest first" }),
  loss: percent,
  lost: count,
  duplicates: count,
  reordered: count,
  reboots: count,
  booted: time.nullable(),
  clock_skew: duration.nullable(),
  version: z.string().nullable(),
  owner: z.string().nullable(),
  group: z.string().nullable(),
  alerts: alertCounts.nullable().meta({ description: "Those that hold; null: none" }),
  worst: z.enum(["CRITICAL", "WARNING", "UNKNOWN"]).nullable(),
  report: report.nullable(),
  cron: z.string().nullable().meta({ description: "The calendar by which it beats" }),
  dyn: z.boolean(),
  ver: z.string().nullable(),
  connections: z.array(z.object({
    address: z.string(),
    family: z.literal([4, 6]),
    last: time.nullable(),
    rtt: z.number().nullable(),
  })),
};

/** A host. */
export const host = z.object(hostShape).meta({ id: "Host" });

const { duplicates: _duplicates, ...pastShape } = hostShape;

/** A host at a past moment: what the journal tells. Group, owner and calendar are those of now. */
export const pastHost = z.object(pastShape).meta({ id: "PastHost" });

/** All hosts together. */
export const totals = z.object({
  hosts: count,
  down: count,
  total: count,
  late: count,
  missed: count,
  stability: percent,
  kernel_drops: count.nullable(),
  overload_drops: count,
}).meta({ id: "Totals" });

const names = z.array(z.string());

/** What is set for a host, as in force. */
export const hostSettings = z.object({
  interval: z.union([z.number(), z.literal("auto")]),
  tolerance: z.number(),
  grace: z.number().nullable(),
  cron: z.string().nullable(),
  tz: z.string().nullable(),
  watch: z.boolean(),
  group: z.string().nullable(),
  threshold_config: names,
  notify: names.nullable(),
  dyn: z.boolean(),
  owner: z.string().nullable(),
  managers: names,
  monitors: names,
}).meta({ id: "HostSettings" });

/** A host with all that is known of it. */
export const hostDetail = z.object({
  ...hostShape,
  role: z.enum(["monitor", "manager", "owner"]),
  settings: hostSettings,
  changed_here: names.meta({ description: "Keys that were changed over the API" }),
  thresholds: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        warning: z.number().nullable(),
        critical: z.number().nullable(),
        operator: z.string(),
      }),
    ),
  ).meta({ description: "By plugin, then by the path of the metric" }),
  next_expected: time.nullable(),
  schedule: z.object({
    cron: z.string(),
    tz: z.string().meta({ description: "An IANA time zone" }),
    next: z.array(time).max(5),
  }).nullable().meta({ description: "The calendar by which it beats, and the next times" }),
  ping_by: z.enum(["name", "id", "key"]).nullable().meta({
    description: "By what a ping finds it: /ping/key/{name}, its ping_id, or the ping_key",
  }),
}).meta({ id: "HostDetail" });

/** Who may what at a host. */
export const hostAccess = z.object({
  hostname: hostName,
  owner: z.string().nullable(),
  managers: names,
  monitors: names,
}).meta({ id: "HostAccess" });
