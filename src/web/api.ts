/**
 * The JSON API under `/api/0`, `/healthz`, `/metrics` and the badges, as an app: the routes are in
 * `api/`, a file a subject, and what holds for all of them is in `router.ts`.
 */

import type { Hono } from "hono";
import { apiRoutes } from "./api/routes.ts";
import { createRouter } from "./router.ts";
import type { Env } from "./route.ts";
import type { View } from "./view.ts";

/** The app that answers for the API. */
export function createApi(view: View): Hono<Env> {
  return createRouter(view, apiRoutes(view));
}
