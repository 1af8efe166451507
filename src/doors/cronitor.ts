/**
 * Cronitor's telemetry: `/p/<key>/<monitor>?state=run|complete|fail|ok&msg=…&metric=count:3`, as it is
 * documented, and `/ping/<key>/<monitor>`, as its own libraries send it (the same path as a ping of
 * Healthchecks.io: `healthchecks.ts` hands it over).
 *
 * The key is the ping key, the monitor the name of a host or its `ping_id`. What is measured beside
 * the beat goes into a message of its own, as if a plugin called `cronitor` had sent it.
 */

import type { Fields } from "../wire/datagram.ts";
import type { Dialect, DialectRequest } from "./dialect.ts";
import {
  firstLine,
  HIDDEN,
  hostByName,
  hostOfPing,
  oneLine,
  partsOf,
  runId,
  userAgentOf,
} from "./ping_request.ts";

const NAME = "cronitor";
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT"]);
const PATH = /^\/p\/[^/]+\/[^/]+(?:\/[^/]*)?\/?$/;

/** States by the word for them, in the query or behind the monitor. */
const STATES: ReadonlySet<string> = new Set(["run", "complete", "fail", "ok", "tick"]);

/** Parameters of which one is in every event of Cronitor's libraries. */
const MARKS = ["state", "stamp", "metric"] as const;

/** Longest message that is kept, in UTF-16 code units: that of the original. */
const MAX_MESSAGE = 2000;

/** Most metrics of one event that are kept. */
const MAX_METRICS = 50;

/** Older clients have these as parameters of their own. */
const OLD_METRICS = ["count", "error_count", "duration"] as const;

/** Name and value, the last colon (or equals sign) between them. */
const METRIC = /^(.+)[:=]([^:=]+)$/;
const METRIC_NAME = /^[\w-]{1,63}$/;

const HEADERS = {
  "content-type": "text/plain; charset=utf-8",
  "access-control-allow-origin": "*",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

export const cronitor: Dialect = {
  name: NAME,
  speaks: (method, path) => path.startsWith("/p/") && METHODS.has(method) && PATH.test(path),
  async answer(asked) {
    const { desk, query } = asked;
    const parts = partsOf(asked.path);
    if (parts === null) return reply(400, "The address is not properly encoded");
    const [door = "", key = "", monitor = "", word, ...more] = parts;
    const judged = desk.judgeKey(key);
    const pinged = judged === "wrong" || monitor === "" || more.length > 0
      ? null
      : hostOfPing(desk, monitor) ?? hostByName(desk, monitor, { isProven: judged === "right" });
    if (pinged === null) return reply(404, "Not found");
    const state = query.get("state") || word || "tick";
    if (!STATES.has(state)) {
      return reply(400, `state must be one of ${Array.from(STATES).join(", ")}`);
    }
    // A body says nothing here, but what follows on the connection comes after it.
    if (await desk.beginningOfBody(asked.request, 0) === null) {
      return reply(413, "The body is over max_body", { connection: "close" });
    }
    const shown = pinged.host === monitor ? encodeURIComponent(monitor) : HIDDEN;
    const refused = await desk.take(asked, {
      dialect: NAME,
      path: `/${door}/${HIDDEN}/${shown}`,
      ...pinged,
      messages: [eventOf(asked, state), ...metricsOf(query)],
    });
    if (refused === null) return reply(200, "OK");
    const { status, error } = refused;
    return reply(status, error, status === 401 ? { "www-authenticate": "Bearer" } : {});
  },
};

/**
 * True when a request whose path could be that of Healthchecks.io is an event of Cronitor's.
 *
 * @param rest parts of the path behind the key
 */
export function isTelemetry(rest: readonly string[], query: URLSearchParams): boolean {
  const [, word, ...more] = rest;
  if (more.length > 0) return false;
  // Both know `/fail`, and mean the same by it.
  if (word !== undefined && word !== "fail") return STATES.has(word);
  return MARKS.some((mark) => query.has(mark));
}

function eventOf(asked: DialectRequest, state: string): Fields {
  const { query } = asked;
  const series = query.get("series");
  const run = runId(series);
  const text = (query.get("msg") ?? query.get("message") ?? "").slice(0, MAX_MESSAGE);
  const exit = numberOf(query.get("status_code") ?? query.get("exit_code"));
  const forPeople = {
    signal: state,
    ...(exit !== null && { exit }),
    ...wordsOf(query, "env", "environment"),
    ...wordsOf(query, "host", "from"),
    ...userAgentOf(asked),
    ...(text.trim() !== "" && { body: text.toWellFormed() }),
  };
  switch (state) {
    case "run":
      return { ID: "START", run, ...forPeople };
    case "complete":
      return { ID: "HTB", run, ...forPeople };
    case "fail": {
      const code = exit === null || exit === 0 ? null : `exit code ${exit}`;
      return { ID: "FAIL", message: firstLine(text) ?? code ?? "", run, ...forPeople };
    }
    default:
      // Somebody has put it right by hand, or it only beats: no run ends by that, unless one is named.
      return { ID: "HTB", ...(series !== null && { run }), ...forPeople };
  }
}

/** A parameter as one line, under another name: `host` would be that of the message. */
function wordsOf(query: URLSearchParams, parameter: string, field: string): Fields {
  const words = oneLine(query.get(parameter));
  return words === null ? {} : { [field]: words };
}

/** What was measured, in a message of its own; none: nothing was. */
function metricsOf(query: URLSearchParams): readonly Fields[] {
  const pairs = [
    ...OLD_METRICS.map((name) => [name, query.get(name)] as const),
    ...query.getAll("metric").flatMap((list) => list.split(",")).map((metric) => {
      const [, name = "", value = ""] = METRIC.exec(metric.trim()) ?? [];
      return [name.trim().replaceAll(":", "_"), value] as const;
    }),
  ];
  const data = new Map<string, number>();
  for (const [name, text] of pairs) {
    const value = numberOf(text);
    if (value !== null && METRIC_NAME.test(name) && data.size < MAX_METRICS) data.set(name, value);
  }
  return data.size === 0 ? [] : [{ ID: "PLG", plugin: NAME, data: Object.fromEntries(data) }];
}

function numberOf(text: string | null): number | null {
  const value = text === null || text.trim() === "" ? NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

function reply(status: number, text: string, more: Readonly<Record<string, string>> = {}) {
  return new Response(text, { status, headers: { ...HEADERS, ...more } });
}
