/**
 * Push monitors of Uptime Kuma: `/api/push/<token>?status=up&msg=OK&ping=12`, by any method.
 *
 * A token is the `ping_id` of a host. The name of a known host will do as well: a token that nobody
 * configured would else be the name of a new host, where everybody can read it.
 */

import type { Fields } from "../wire/datagram.ts";
import type { Dialect, DialectRequest } from "./dialect.ts";
import { HIDDEN, hostByName, hostOfPing, oneLine, partsOf, userAgentOf } from "./ping_request.ts";

const NAME = "uptime_kuma";
const PREFIX = "/api/push/";

/** OPTIONS is the question of a browser whether it may push. */
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);

const HEADERS = {
  "content-type": "application/json; charset=utf-8",
  "cache-control": "no-store",
};

export const uptimeKuma: Dialect = {
  name: NAME,
  speaks: (method, path) => path.startsWith(PREFIX) && METHODS.has(method),
  async answer(asked) {
    const { desk } = asked;
    const parts = partsOf(asked.path);
    if (parts === null) return refuse(400, "The address is not properly encoded.");
    const [, , token = "", ...more] = parts;
    const pinged = token === "" || more.length > 0
      ? null
      : hostOfPing(desk, token) ?? hostByName(desk, token);
    if (pinged === null) return refuse(404, "Monitor not found or not active.");
    // A body says nothing here, but what follows on the connection comes after it.
    if (await desk.beginningOfBody(asked.request, 0) === null) return tooLarge();
    const refused = await desk.take(asked, {
      dialect: NAME,
      path: PREFIX + HIDDEN,
      ...pinged,
      messages: [messageOf(asked)],
    });
    if (refused === null) return reply(200, { ok: true });
    const { status, error } = refused;
    return refuse(status, error, status === 401 ? { "www-authenticate": "Bearer" } : {});
  },
};

function messageOf(asked: DialectRequest): Fields {
  const { query } = asked;
  // The original takes every other word for "down", and an empty one for "up".
  const status = oneLine(query.get("status")) ?? "up";
  const said = oneLine(query.get("msg"));
  const forPeople = {
    signal: status === "up" ? "up" : "down",
    ...(said !== null && { msg: said }),
    ...userAgentOf(asked),
  };
  if (status === "up") return { ID: "HTB", ...pingOf(query), ...forPeople };
  // Kuma's own address for a monitor has `msg=OK`, and people only change its status.
  const message = said === null || said === "OK" ? `status ${status}` : said;
  return { ID: "FAIL", message, ...forPeople };
}

/** The round trip that the client measured, milliseconds. */
function pingOf(query: URLSearchParams): Fields {
  const rtt = parseFloat(query.get("ping") ?? "");
  return Number.isFinite(rtt) && rtt >= 0 ? { rtt } : {};
}

function reply(status: number, body: Fields, more: Readonly<Record<string, string>> = {}) {
  return new Response(JSON.stringify(body), { status, headers: { ...HEADERS, ...more } });
}

function refuse(status: number, msg: string, more: Readonly<Record<string, string>> = {}) {
  return reply(status, { ok: false, msg }, more);
}

/** The rest of the body is not going to be read: what follows on this connection would be garbage. */
function tooLarge(): Response {
  return refuse(413, "The body is over max_body.", { connection: "close" });
}
