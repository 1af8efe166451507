/**
 * What a route of the API is: its path, who may use it, what it takes and what it answers, declared
 * in one place. The router, the checks and the OpenAPI document are all made from that, so none can
 * say something that the others do not do.
 */

import type { Context } from "hono";
import type { z } from "zod";
import type { Access } from "../access/access.ts";
import type { Principal, Role } from "../access/principal.ts";
import type { Sender } from "../doors/beat.ts";

/** What a request comes with beside itself. */
export type Env = { Bindings: Sender };

/**
 * Who may use a route.
 *
 * - `anybody`: without logging in, too
 * - `reader`: who may see anything at all; what is answered is only what they may see
 * - `user`: who has a name, or may change everything
 * - a role: who has it at the host that the path names; for others, who cannot even see the host,
 *   there is no such host (404)
 * - `admin`: who may see (of a route that changes something: change) everything
 */
export type Needs = "anybody" | "reader" | "user" | Role | "admin";

/** What a handler gets. */
export interface Asked<Q, B> {
  readonly c: Context<Env>;
  readonly who: Principal;
  readonly access: Access;
  /** The parts of the path, by name. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly body: B;
  /** Now, epoch milliseconds. */
  readonly nowMs: number;
}

export interface Route<Q = unknown, B = unknown> {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `/api/0/hosts/{name}/pause`; a host is always called `{name}`. */
  readonly path: string;
  /** Unique; in OpenAPI the operationId. */
  readonly id: string;
  /** One line, for people. */
  readonly summary: string;
  /** In OpenAPI, what it is listed under: Hosts, Alerts … */
  readonly tag: string;
  readonly needs: Needs;
  readonly query?: z.ZodType<Q>;
  /** Without: the request has no body. */
  readonly body?: z.ZodType<B>;
  /** What a right body looks like, for the message of a wrong one. */
  readonly bodySample?: string;
  /** What it answers, for OpenAPI; of an answer that is not JSON, a text. */
  readonly answer: z.ZodType;
  /** The content type of the answer. @default {"application/json"} */
  readonly type?: string;
  /** @default {200} */
  readonly status?: number;
  /** Of a route whose path names a host: there need be none. @default {false} */
  readonly isForUnknown?: boolean;
  /** What else it may answer, beside what every such route may. */
  readonly errors?: readonly number[];
  /** Gives a value (sent as JSON), or a whole response. Throws a RequestError. */
  handle(asked: Asked<Q, B>): unknown;
}

/** Declares a route, with the types of its query and body taken from their schemas. */
export function route<Q, B>(route: Route<Q, B>): Route {
  return route as Route;
}
