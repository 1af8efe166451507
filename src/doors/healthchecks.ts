/**
 * The pinging API of Healthchecks.io: `/ping/<uuid>` and `/ping/<ping-key>/<slug>`, each also with
 * `/start`, `/fail`, `/log` or an exit code behind it.
 *
 *   curl -fsS -m 10 --retry 5 -o /dev/null https://server/ping/<uuid>/$?
 *
 * A UUID is the `ping_id` of a host, a slug the name of one. Whoever has not got the right key is told
 * the same as for a host that is not there. A ping made by a library of Cronitor's has the same
 * path as one by key and slug, and is told apart by its query: it goes to `cronitor.ts`.
 */

import type { Fields } from "../wire/datagram.ts";
import { cronitor, isTelemetry } from "./cronitor.ts";
import type { Dialect, DialectRequest } from "./dialect.ts";
import type { NotTaken } from "./dialect_desk.ts";
import {
  firstLine,
  HIDDEN,
  hostByName,
  hostOfPing,
  isUuid,
  partsOf,
  type PingedHost,
  plainId,
  userAgentOf,
} from "./ping_request.ts";

const NAME = "healthchecks";
const PREFIX = "/ping/";

/** Shortest `ping_id` there can be: a shorter single part is the path of some beat. */
const MIN_ID = 8;

/** Bytes of a ping's body that are kept; clients read it from the answer and cut what they send. */
const BODY_LIMIT = 10_000;

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT"]);

const HEADERS = {
  "content-type": "text/plain; charset=utf-8",
  "access-control-allow-origin": "*",
  "cache-control": "max-age=0, no-cache, no-store, must-revalidate, private",
  "x-content-type-options": "nosniff",
};

/** What a ping says: a word, or the exit code of the job. */
type Signal = "success" | "start" | "fail" | "log" | number;

/** A ping whose address was understood. */
interface Address {
  readonly pinged: PingedHost;
  /** The parts behind what stands for the host. */
  readonly rest: readonly string[];
  /** For the journal, without secrets and without the rest. */
  readonly path: string;
  /** This ping may make its host, and is to be told when it does. */
  readonly tellsCreated: boolean;
}

export const healthchecks: Dialect = {
  name: NAME,
  speaks(method, path) {
    if (!path.startsWith(PREFIX) || !METHODS.has(method)) return false;
    const rest = path.slice(PREFIX.length);
    const slash = rest.indexOf("/");
    return slash < 0 || slash === rest.length - 1 ? rest.length >= MIN_ID : slash > 0;
  },
  async answer(asked) {
    const parts = partsOf(asked.path);
    if (parts === null) return reply(400, "invalid url format");
    const [, id = "", ...rest] = parts;
    if (rest.length > 0 && isTelemetry(rest, asked.query) && hostOfPing(asked.desk, id) === null) {
      return await cronitor.answer(asked);
    }
    const address = addressOf(asked, id, rest);
    if (address === null) return reply(404, "not found");
    const signal = signalOf(address.rest);
    if (signal === null) return reply(400, "invalid url format");
    const rid = asked.query.get("rid");
    const run = rid === null ? "" : plainUuid(rid);
    if (run === null) return reply(400, "invalid uuid format");
    return await take(asked, address, signal, run);
  },
};

async function take(
  asked: DialectRequest,
  { pinged, rest, path, tellsCreated }: Address,
  signal: Signal,
  run: string,
): Promise<Response> {
  const { desk, request } = asked;
  const body = await desk.beginningOfBody(request, BODY_LIMIT, "pass");
  if (body === null) return tooLarge();
  const isNew = tellsCreated && !desk.hosts.isKnown(pinged.host);
  const refused = await desk.take(asked, {
    dialect: NAME,
    path: [path, ...rest.map(encodeURIComponent)].join("/"),
    ...pinged,
    messages: [messageOf(asked, signal, run, body)],
  });
  if (refused !== null) return refuse(refused);
  return isNew ? reply(201, "Created", LIMIT) : reply(200, "OK", LIMIT);
}

/** Which host is pinged, and what follows; null: none that may be. */
function addressOf(
  { desk, query }: DialectRequest,
  id: string,
  rest: readonly string[],
): Address | null {
  const byId = { rest, path: `/ping/${HIDDEN}`, tellsCreated: false };
  const owner = hostOfPing(desk, id);
  if (owner !== null) return { pinged: owner, ...byId };
  const [slug, ...signal] = rest;
  const judged = desk.judgeKey(id);
  // A key may look like a UUID, too; then no host is called `start` or `17`.
  const isUnknownId = slug === undefined || slug === "" ||
    (isUuid(id) && judged !== "right" && signalOf(rest) !== null);
  if (isUnknownId) {
    const pinged = isUuid(id) || desk.createsHosts ? hostByName(desk, plainId(id)) : null;
    return pinged && { pinged, ...byId };
  }
  if (judged === "wrong") return null;
  // Behind a key an id is still one, and must not become the name of a host.
  const known = hostOfPing(desk, slug);
  if (known !== null) {
    return { pinged: known, rest: signal, path: `/ping/${HIDDEN}/${HIDDEN}`, tellsCreated: false };
  }
  const mayCreate = query.get("create") === "1";
  const pinged = hostByName(desk, slug, { isProven: judged === "right", mayCreate });
  const path = `/ping/${HIDDEN}/${encodeURIComponent(slug)}`;
  return pinged && { pinged, rest: signal, path, tellsCreated: mayCreate };
}

/** What the parts behind the host say; null: nothing that there is. */
function signalOf(rest: readonly string[]): Signal | null {
  const [word, ...more] = rest;
  if (word === undefined) return "success";
  if (more.length > 0) return null;
  if (word === "start" || word === "fail" || word === "log") return word;
  return /^\d{1,10}$/.test(word) && Number(word) <= 255 ? Number(word) : null;
}

/** The UUID that `text` writes in any of its forms, in the usual one; null: it is none. */
function plainUuid(text: string): string | null {
  const digits = text.toLowerCase().replace(/^urn:uuid:/, "").replace(/[{}-]/g, "");
  const [, ...parts] = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/
    .exec(digits) ?? [];
  return parts.length === 0 ? null : parts.join("-");
}

function messageOf(asked: DialectRequest, signal: Signal, run: string, body: string): Fields {
  const isExit = typeof signal === "number";
  const forPeople = {
    signal: isExit ? "exit" : signal,
    ...(isExit && { exit: signal }),
    ...userAgentOf(asked),
    ...(body !== "" && { body }),
  };
  if (signal === "start") return { ID: "START", run, ...forPeople };
  if (signal === "log") {
    return { ID: "MSG", message: firstLine(body) ?? "log", level: "info", ...forPeople };
  }
  if (signal === "success" || signal === 0) return { ID: "HTB", run, ...forPeople };
  const line = firstLine(body);
  const message = !isExit ? line ?? "" : `exit code ${signal}${line === null ? "" : `: ${line}`}`;
  return { ID: "FAIL", message, run, ...forPeople };
}

const LIMIT = { "ping-body-limit": String(BODY_LIMIT) };

function reply(status: number, text: string, more: Readonly<Record<string, string>> = {}) {
  return new Response(text, { status, headers: { ...HEADERS, ...more } });
}

/** The original knows no more than 400: the rest tells more than it would. */
function refuse({ status, error }: NotTaken): Response {
  if (status === 400) return reply(400, "invalid url format");
  return reply(status, error, status === 401 ? { "www-authenticate": "Bearer" } : {});
}

/** The rest of the body is not going to be read: what follows on this connection would be garbage. */
function tooLarge(): Response {
  return reply(413, "the body is too long", { connection: "close" });
}
