/** All routes there are, and the document that describes them. */

import { z } from "zod";
import { openApi } from "../openapi.ts";
import { type Route, route } from "../route.ts";
import type { View } from "../view.ts";
import { alertRoutes } from "./alerts.ts";
import { authRoutes } from "./auth.ts";
import { backupRoutes } from "./backup.ts";
import { badgeRoutes } from "./badges.ts";
import { channelRoutes } from "./channels.ts";
import { commandRoutes } from "./commands.ts";
import { dnsRoutes } from "./dns.ts";
import { healthRoutes } from "./health.ts";
import { historyRoutes } from "./history.ts";
import { hostRoutes } from "./hosts.ts";
import { messageRoutes } from "./messages.ts";
import { pastStateRoutes } from "./past_state.ts";
import { pauseRoutes } from "./pause.ts";
import { pluginRoutes } from "./plugins.ts";
import { serverRoutes } from "./server.ts";
import { userRoutes } from "./users.ts";

/** The routes of a server, in the order of the document. */
export function apiRoutes(view: View): readonly Route[] {
  const routes: Route[] = [
    hostRoutes,
    pauseRoutes,
    pluginRoutes,
    historyRoutes,
    pastStateRoutes,
    alertRoutes,
    commandRoutes,
    dnsRoutes,
    messageRoutes,
    channelRoutes,
    authRoutes,
    userRoutes,
    serverRoutes,
    backupRoutes,
    healthRoutes,
    badgeRoutes,
  ].flatMap((make) => make(view));
  let document: unknown;
  routes.push(route({
    method: "GET",
    path: "/api/0/openapi.json",
    id: "getOpenApi",
    summary: "This document",
    tag: "Server",
    needs: "anybody",
    answer: z.record(z.string(), z.unknown()),
    handle: () => document ??= openApi(routes, view.version),
  }));
  return routes;
}
