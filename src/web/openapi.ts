/**
 * The OpenAPI 3.1 document, made of the routes as they are declared: by the same schemas that check
 * what is asked.
 */

import { z } from "zod";
import { ERROR_CODES } from "./request_error.ts";
import type { Needs, Route } from "./route.ts";
import { SESSION_COOKIE } from "./identify.ts";

type Json = Readonly<Record<string, unknown>>;

const REASONS: Readonly<Record<number, string>> = {
  200: "Done",
  201: "Made",
  202: "Taken on",
  400: "The query is not right, or the body is no JSON",
  401: "Not logged in, or what was shown is not valid",
  403: "Not allowed",
  404: "There is no such thing, or one may not see it",
  409: "It is not so that this could be done",
  413: "The body is too long",
  415: "The body is not application/json",
  422: "The body is not right: `field` names where",
  429: "Too many tries: see Retry-After",
  502: "Somebody else's server did not take it",
  503: "The server cannot, now",
};

const NEEDS: Readonly<Record<Needs, string>> = {
  anybody: "",
  reader: "What is answered is only what one may see.",
  user: "Needs a user.",
  monitor: "Needs the role monitor at the host.",
  manager: "Needs the role manager at the host.",
  owner: "Needs the role owner of the host.",
  admin: "Needs an admin.",
};

const SECURITY = [{ bearer: [] }, { token: [] }, { cookie: [] }];

const error = z.object({
  error: z.object({
    code: z.enum(ERROR_CODES as [string, ...string[]]),
    message: z.string(),
    field: z.string().nullable(),
  }),
}).meta({ id: "Error" });

/** The document, as a JSON value. */
export function openApi(routes: readonly Route[], version: string): Json {
  const schemas: Record<string, unknown> = {};
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const operations = paths[route.path] ??= {};
    operations[route.method.toLowerCase()] = operationOf(route, schemas);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Heartbeat",
      version,
      description: "Times are seconds since 1970 (UTC), durations seconds. What is not known is " +
        "null. Names in a path are percent-encoded.",
    },
    paths,
    components: {
      schemas,
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "The token of a session, an API key, or the command_token",
        },
        token: { type: "apiKey", in: "header", name: "X-Auth-Token" },
        cookie: { type: "apiKey", in: "cookie", name: SESSION_COOKIE },
      },
    },
  };
}

/** The statuses of errors that a route may answer. */
export function errorsOf({ method, query, body, needs, errors = [] }: Route): readonly number[] {
  const isChange = method !== "GET";
  return [
    ...new Set([
      ...(query === undefined && body === undefined ? [] : [400]),
      401,
      ...(isChange || needs === "admin" || needs === "manager" || needs === "user" ? [403] : []),
      ...(isChange ? [413, 415] : []),
      ...(body === undefined ? [] : [422]),
      ...errors,
    ]),
  ].sort((a, b) => a - b);
}

function operationOf(route: Route, schemas: Record<string, unknown>): Json {
  const { status = 200, type = "application/json" } = route;
  const answer = { schema: schemaOf(route.answer, "output", schemas) };
  const responses: Record<string, unknown> = {
    [status]: { description: REASONS[status] ?? "", content: { [type]: answer } },
  };
  for (const code of errorsOf(route)) {
    responses[code] ??= {
      description: REASONS[code] ?? "",
      content: { "application/json": { schema: schemaOf(error, "output", schemas) } },
    };
  }
  const description = NEEDS[route.needs];
  return {
    operationId: route.id,
    summary: route.summary,
    ...(description !== "" && { description }),
    tags: [route.tag],
    security: route.needs === "anybody" ? [{}, ...SECURITY] : SECURITY,
    parameters: [...pathParameters(route), ...queryParameters(route, schemas)],
    ...(route.body !== undefined && {
      requestBody: {
        content: { "application/json": { schema: schemaOf(route.body, "input", schemas) } },
      },
    }),
    responses,
  };
}

function pathParameters({ path }: Route): readonly Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters({ query }: Route, schemas: Record<string, unknown>): readonly Json[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query, "input", schemas) as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }));
}

/** The schema; what in it has a name goes to `schemas` and is referred to. */
function schemaOf(
  type: z.ZodType,
  io: "input" | "output",
  schemas: Record<string, unknown>,
): Json {
  const made: unknown = z.toJSONSchema(type, { io, unrepresentable: "any" });
  const text = JSON.stringify(made).replaceAll("#/$defs/", "#/components/schemas/");
  const { $schema: _, $defs = {}, ...schema } = JSON.parse(text) as {
    readonly $schema?: string;
    readonly $defs?: Json;
    readonly id?: string;
  };
  for (const [name, definition] of Object.entries($defs)) schemas[name] ??= definition;
  if (schema.id === undefined) return schema;
  const { id, ...rest } = schema;
  schemas[id] ??= rest;
  return { $ref: `#/components/schemas/${id}` };
}
