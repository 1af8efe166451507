/**
 * Badges of hosts, for pages elsewhere: to everybody where there are no users or the public page
 * shows the host, otherwise to who may see it. For all others there is no such host.
 */

import { z } from "zod";
import { badgeSvg } from "../badge.ts";
import { isPublic } from "../public_hosts.ts";
import { unknownHost } from "../request_error.ts";
import { type Asked, type Route, route } from "../route.ts";
import type { View } from "../view.ts";
import { HOST_STATES } from "./host_answers.ts";
import { hostName, percent, plainText } from "./fields.ts";

const HEADERS = { "cache-control": "no-cache", "x-content-type-options": "nosniff" };

/** The uptime is read from the store; a badge may be asked for by everybody, at any rate. */
const UPTIME_KEPT_MS = 60_000;
const UPTIMES_KEPT = 1000;

/** `/badge/{name}.svg` and `/badge/{name}.json`. */
export function badgeRoutes(view: View): readonly Route[] {
  const uptimes = new Map<string, { readonly atMs: number; readonly pct: number | null }>();
  const badgeOf = async ({ who, access, params, nowMs }: Asked<unknown, unknown>) => {
    const { name = "" } = params;
    const host = view.host(name);
    if (host === null || !(access.maySee(who, name) || isPublic(view, name))) {
      throw unknownHost(name);
    }
    let known = uptimes.get(name);
    if (known === undefined || Math.abs(nowMs - known.atMs) >= UPTIME_KEPT_MS) {
      const { uptime } = await view.history.uptime(name);
      if (uptimes.size >= UPTIMES_KEPT) uptimes.clear();
      uptimes.set(name, known = { atMs: nowMs, pct: uptime["30d"] });
    }
    return { name, state: host.state, uptime: known.pct };
  };
  const common = { method: "GET", tag: "Badges", needs: "anybody", errors: [404] } as const;
  return [
    route({
      ...common,
      path: "/badge/{name}.svg",
      id: "getBadge",
      summary: "The state of a host as a picture",
      answer: plainText,
      type: "image/svg+xml",
      async handle(asked) {
        const { name, state, uptime } = await badgeOf(asked);
        return asked.c.body(badgeSvg(name, state, uptime), 200, {
          ...HEADERS,
          "content-type": "image/svg+xml; charset=utf-8",
          // Opened as a page of its own, nothing in it runs or loads.
          "content-security-policy": "default-src 'none'; style-src 'none'; sandbox",
        });
      },
    }),
    route({
      ...common,
      path: "/badge/{name}.json",
      id: "getBadgeJson",
      summary: "The state of a host in JSON",
      answer: z.object({ name: hostName, state: z.enum(HOST_STATES), uptime: percent }),
      handle: async (asked) => asked.c.json(await badgeOf(asked), 200, HEADERS),
    }),
  ];
}
