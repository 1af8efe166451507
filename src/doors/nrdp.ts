/**
 * Nagios' passive checks over HTTP, as the clients of NRDP 2 submit them:
 *
 *   curl -d 'token=…&cmd=submitcheck' --data-urlencode 'XMLDATA=<checkresults>…</checkresults>'
 *
 * At any path that ends in `nrdp`. The token is the ping key; where there is none, any will do.
 * Each host counts for itself: what one may not do takes nothing from the others, and the answer
 * says how many checks were taken and why others were not.
 */

import type { Dialect, DialectRequest } from "./dialect.ts";
import type { NotTaken } from "./dialect_desk.ts";
import { nrdpAnswer, nrdpError, type NrdpForm } from "./nrdp_answer.ts";
import { BadData, type CheckResult, readJson, readXml, type Submission } from "./nrdp_data.ts";
import { messagesOf } from "./nrdp_messages.ts";

const NAME = "nrdp";

/** `send_nrdp.sh` adds a slash to what it is told, which mostly ends in one. */
const PATH = /\/nrdp(?:\/+(?:index\.php)?)?$/;

/** What this is a stand-in for. */
const PRODUCT = { product: "nrdp", version: "2.0.6" };

/**
 * A check comes at least once an hour, or with every third message of its host: only then it is
 * stale. Nothing in a submission says when its next one is due.
 */
const LEAST_SAMPLE_S = 3600;

/** Reasons that an answer names; there may be one for each of many hosts. */
const MOST_REASONS = 5;

/** Parameters in the query and in the body; those in the body go first. */
type Parameters = ReadonlyMap<string, string>;

/** Checks of one host that were not taken. */
interface Refused {
  readonly count: number;
  readonly because: NotTaken;
}

/** NRDP: the Nagios Remote Data Processor. */
export const nrdp: Dialect = {
  name: NAME,
  speaks: (method, path) =>
    (method === "POST" || method === "GET" || method === "HEAD") && PATH.test(path),
  async answer(asked) {
    const parameters = await readParameters(asked);
    const response = await respond(asked, parameters ?? new Map(), parameters === null);
    return asked.request.method === "HEAD" ? new Response(null, response) : response;
  },
};

async function respond(
  asked: DialectRequest,
  parameters: Parameters,
  isTooLong: boolean,
): Promise<Response> {
  const form = formOf(parameters);
  if (isTooLong) {
    const response = nrdpError("BODY TOO LARGE", "Body is over max_body, or was cut off", form);
    // The rest of the body is not going to be read.
    response.headers.set("connection", "close");
    return response;
  }
  const command = parameters.get("cmd")?.toLowerCase() ?? "";
  if (command === "hello") {
    return nrdpAnswer({ response: { status: 0, message: "OK", ...PRODUCT } }, form);
  }
  const token = parameters.get("token") ?? "";
  if (token === "") return nrdpError("NO TOKEN", "", form);
  const verdict = asked.desk.judgeKey(token);
  if (verdict === "wrong") return nrdpError("BAD TOKEN", "", form);
  switch (command) {
    case "submitcheck":
      return await submit(asked, parameters, form, verdict === "right");
    case "submitcmd":
    case "submitrawcmd":
      return nrdpError("COMMANDS DISABLED", "This server takes no commands of Nagios", form);
    default:
      return new Response("No command specified or request handler", {
        headers: { "content-type": "text/html; charset=UTF-8" },
      });
  }
}

async function submit(
  asked: DialectRequest,
  parameters: Parameters,
  form: NrdpForm,
  isProven: boolean,
): Promise<Response> {
  const text = dataOf(parameters, form.format);
  if (text === "") return nrdpError("NO DATA", "Wanted is XMLDATA or JSONDATA", form);
  let submission: Submission;
  try {
    submission = form.format === "json" ? readJson(text) : readXml(text);
  } catch (error) {
    if (!(error instanceof BadData)) throw error;
    return nrdpError(form.format === "json" ? "BAD JSON" : "BAD XML", error.message, form);
  }
  const { checks, unusable } = submission;
  const byHost = Map.groupBy(checks, ({ host }) => host);
  const refused = (await Promise.all(
    Array.from(byHost, async ([host, checks]): Promise<readonly Refused[]> => {
      const because = await takeHost(asked, host, checks, isProven);
      return because === null ? [] : [{ count: checks.length, because }];
    }),
  )).flat();
  return resultOf(checks.length, unusable, refused, form);
}

/** Hands in the checks of one host; null: they are in the journal. */
function takeHost(
  asked: DialectRequest,
  host: string,
  checks: readonly CheckResult[],
  isProven: boolean,
): Promise<NotTaken | null> {
  const { desk, path } = asked;
  const rhythmS = (desk.hosts.find(NAME, host)?.intervalMs ?? 0) / 1000;
  const sampleS = Math.max(LEAST_SAMPLE_S, rhythmS);
  return desk.take(asked, {
    dialect: NAME,
    path: `${path}?cmd=submitcheck`,
    host,
    messages: messagesOf(checks, { sampleS, hasFailed: desk.hosts.hasFailed(host) }),
    isProven,
  });
}

/**
 * What clients do with -1 is to say so, and to send all of it again later, which does no harm. What
 * makes no sense (a result, or the name of a host) would come again for ever: it alone is no reason
 * to say -1.
 */
function resultOf(
  readable: number,
  unusable: readonly string[],
  refused: readonly Refused[],
  form: NrdpForm,
): Response {
  const all = readable + unusable.length;
  const taken = readable - refused.reduce((sum, { count }) => sum + count, 0);
  const meta = { output: `${taken} checks processed` };
  if (taken === all) return nrdpAnswer({ result: { status: 0, message: "OK", meta } }, form);
  const reasons = [...refused.map(({ because }) => because.error), ...unusable];
  const why = reasons.slice(0, MOST_REASONS).join("; ") +
    (reasons.length > MOST_REASONS ? `; and ${reasons.length - MOST_REASONS} more` : "");
  const mayHelp = refused.some(({ because }) => because.status !== 400);
  const status = mayHelp || taken === 0 ? -1 : 0;
  const isUnproven = taken === 0 && refused.length > 0 &&
    refused.every(({ because }) => because.status === 401);
  const said = isUnproven ? "BAD TOKEN" : `${all - taken} of ${all} checks not taken`;
  return nrdpAnswer({ result: { status, message: `${said}: ${why}`, meta } }, form);
}

/** Null: the body is longer than max_body, or could not be read. */
async function readParameters({ request, query, desk }: DialectRequest): Promise<
  Parameters | null
> {
  const parameters = new Map(query);
  if (request.method !== "POST") return parameters;
  const body = await desk.bodyOf(request);
  if (body === null) return null;
  for (const [name, value] of await bodyParameters(request, body)) parameters.set(name, value);
  return parameters;
}

async function bodyParameters(
  { headers }: Request,
  body: string,
): Promise<Iterable<readonly [string, string]>> {
  const type = headers.get("content-type") ?? "";
  if (!/^multipart\/form-data\b/i.test(type)) return new URLSearchParams(body);
  try {
    const form = await new Response(body, { headers: { "content-type": type } }).formData();
    // Uploaded files are not looked at, as PHP keeps them elsewhere.
    return [...form].flatMap(([name, value]) => typeof value === "string" ? [[name, value]] : []);
  } catch {
    return [];
  }
}

function formOf(parameters: Parameters): NrdpForm {
  const wanted = parameters.get("output_type") ?? "";
  const isJson = wanted === ""
    ? dataOf(parameters, "xml") === "" && dataOf(parameters, "json") !== ""
    : wanted === "TYPE_JSON";
  return { format: isJson ? "json" : "xml", isPretty: Boolean(parameters.get("pretty")) };
}

/** The data, under the newest of its names that is there. */
function dataOf(parameters: Parameters, format: NrdpForm["format"]): string {
  return parameters.get(format) || parameters.get(`${format}data`) ||
    parameters.get(`${format.toUpperCase()}DATA`) || "";
}
