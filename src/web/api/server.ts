/** The server itself: what it is, how it fares, and the configuration that is in force. */

import { z } from "zod";
import { seesEverything } from "../../access/principal.ts";
import { toFile } from "../../config/schema.ts";
import { WrittenSecret } from "../../config/secret_text.ts";
import { type Route, route } from "../route.ts";
import { seconds } from "../seconds.ts";
import type { View } from "../view.ts";
import { totalsOf } from "../visible.ts";
import { count, duration, percent, time } from "./fields.ts";

/** Hosts told of the configuration; with more, none of them. */
const MOST_HOSTS = 10_000;

const port = z.int().min(0).max(65_535).nullable();

/** `/api/0/server` and `/api/0/server/config`. */
export function serverRoutes(view: View): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/0/server",
      id: "getServer",
      summary: "The server and what was counted; details for who sees everything",
      tag: "Server",
      needs: "reader",
      answer: z.object({
        version: z.string(),
        time,
        started: time,
        uptime: duration,
        users_configured: z.boolean(),
        hosts: z.object({
          hosts: count,
          down: count,
          states: z.record(z.string(), count),
          total: count,
          late: count,
          missed: count,
          stability: percent,
        }),
        ports: z.object({ http: port, udp: port, ws: port, wss: port }).nullable(),
        problems: z.array(z.object({ part: z.string(), message: z.string(), since: time }))
          .nullable(),
        counters: z.record(z.string(), z.unknown()).nullable(),
        history_days: count,
        max_hosts: count,
      }),
      async handle({ who, access, nowMs }) {
        const { hosts, down, states, total, late, missed, stability } = await totalsOf(view, who);
        const isWhole = seesEverything(who);
        const { web, maxHosts } = view.config();
        const { udp, refused, journalLinesLost, dropped, tickLagMs } = view.counters();
        return {
          version: view.version,
          time: seconds(nowMs),
          started: seconds(view.startedMs),
          uptime: seconds(nowMs - view.startedMs),
          users_configured: access.hasUsers,
          hosts: { hosts, down, states, total, late, missed, stability },
          ports: !isWhole ? null : {
            http: view.port(),
            udp: udp?.port ?? null,
            ws: web.wsPort,
            wss: web.wssPort,
          },
          problems: !isWhole ? null : view.problems().map(({ part, message, sinceMs }) => ({
            part,
            message,
            since: seconds(sinceMs),
          })),
          counters: !isWhole ? null : {
            refused,
            journal_lines_lost: journalLinesLost,
            dropped,
            tick_lag: seconds(tickLagMs),
            udp_received: udp?.received ?? null,
            udp_kernel_drops: udp?.kernelDrops ?? null,
            udp_overload_drops: udp?.overloadDrops ?? null,
          },
          history_days: web.historyDays,
          max_hosts: maxHosts,
        };
      },
    }),
    route({
      method: "GET",
      path: "/api/0/server/config",
      id: "getConfig",
      summary: "The configuration in force, in the keys of the file, without its secrets",
      tag: "Server",
      needs: "admin",
      answer: z.object({
        config: z.record(z.string(), z.unknown()),
        hosts_left_out: count.meta({ description: `All, when there are over ${MOST_HOSTS}` }),
      }),
      handle() {
        const config = view.config();
        const left = config.hosts.size > MOST_HOSTS ? config.hosts.size : 0;
        const told = left === 0 ? config : { ...config, hosts: new Map() };
        return { config: plain(toFile(told)), hosts_left_out: left };
      },
    }),
  ];
}

/** A value whose maps are objects, and whose secrets are the texts that stand for them. */
function plain(value: unknown): unknown {
  if (value instanceof WrittenSecret) return value.text;
  if (value instanceof Map) {
    return Object.fromEntries(Array.from(value, ([key, one]) => [key, plain(one)]));
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}
