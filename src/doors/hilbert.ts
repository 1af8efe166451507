/**
 * The dialect of Hilbert's heartbeat server: applications say how long they may be silent, and a
 * monitoring system asks how they are.
 *
 *   GET /hb_ping?1725&appid=Tetris
 *   2725
 *   GET /status?0&appid=Tetris
 *   OK - fine application [Tetris]| od=1.83;3;5;0;6 delay=2725ms;;;
 *
 * The one number without a name is the time that the application asks for, in milliseconds; it
 * gets a second more. Silence of three times that is late, of five times critical (then our host is
 * down, too), and after six times the application is no longer known here; the host stays.
 */

import { hostNameProblem, MAX_INTERVAL_S } from "../wire/identity.ts";
import { targetOf } from "./beat.ts";
import { type Dialect, type DialectRequest, lastPart, type SpeakingHost } from "./dialect.ts";

const NAME = "hilbert";

/** What each address stands for. */
const SIGNALS: ReadonlyMap<string, string> = new Map([
  ["hb_init", "init"],
  ["hb_ping", "ping"],
  ["hb_done", "done"],
]);

const QUESTIONS: ReadonlySet<string> = new Set(["list", "status"]);

/** Overdue, in timeouts: from where on it is a warning, critical, and nobody knows it any more. */
const WARNING = 3;
const CRITICAL = 5;
const GONE = 6;

/** What everybody gets on top of the time that is asked for, milliseconds. */
const TOLERANCE_MS = 1000;

const GOODBYE = "So Long, and Thanks for All the Fish!";

/** `1725`, and what else people write for a number. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

const HEADERS = {
  "content-type": "text/plain",
  "access-control-allow-origin": "*",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

export const hilbert: Dialect = {
  name: NAME,
  speaks(method, path) {
    const last = lastPart(path);
    const isRead = method === "GET" || method === "HEAD";
    if (SIGNALS.has(last)) return isRead || method === "POST";
    return isRead && QUESTIONS.has(last);
  },
  async answer(asked) {
    const last = lastPart(asked.path);
    if (last === "list") return say(listText(asked));
    if (last === "status") return say(statusText(asked));
    return await signal(asked, SIGNALS.get(last) ?? last);
  },
};

/** Takes what an application says. */
async function signal(asked: DialectRequest, name: string): Promise<Response> {
  const { desk, query, request } = asked;
  const path = targetOf(request.url);
  const host = query.get("appid") ?? "";
  if (host === "") return refuse(`appid is missing: say who you are, as in /hb_${name}?0&appid=ID`);
  const problem = hostNameProblem(host);
  if (problem !== null) return refuse(problem);
  const timeout = timeoutOf(path);
  if (typeof timeout === "string") return refuse(timeout);
  // It says nothing that the address does not, but what follows on the connection comes after it.
  if (await desk.beginningOfBody(request, 0) === null) {
    return say("ERROR: the body is too long, or could not be read to its end", 413, {
      connection: "close",
    });
  }
  const isDone = name === "done";
  // A goodbye makes nobody known, and is no way to silence the hosts of others.
  if (isDone && desk.hosts.find(NAME, host) === null) return say(GOODBYE);
  const message = isDone ? { ID: "SHUTDOWN" } : { ID: "HTB", ...patience(timeout.ms) };
  const notTaken = await desk.take(asked, {
    dialect: NAME,
    path,
    host,
    messages: [{ ...message, signal: name }],
    isProven: false,
  });
  if (notTaken !== null) {
    const { status, error } = notTaken;
    return say(`ERROR: ${error}`, status, status === 401 ? { "www-authenticate": "Bearer" } : {});
  }
  return say(isDone ? GOODBYE : timeout.text);
}

/** What the monitor is told of a timeout: it is down when Hilbert calls it critical. In seconds. */
function patience(timeoutMs: number): { readonly interval: number; readonly grace: number } {
  const interval = timeoutMs / 1000;
  return {
    interval: Math.min(interval, MAX_INTERVAL_S),
    grace: Math.min((CRITICAL - 1) * interval, MAX_INTERVAL_S),
  };
}

/** The time that an application may be silent. */
export interface Timeout {
  /** Finite, 1000 or more. */
  readonly ms: number;
  /** The same as a bare number, exactly. */
  readonly text: string;
}

/**
 * The timeout that a request states: the first item of its query that has no name, and a second
 * more. When there is none it is 0; when it is no number, the answer is what is wrong with it.
 *
 * @param target path and query as they were sent
 */
export function timeoutOf(target: string): Timeout | string {
  const query = target.indexOf("?");
  const items = query < 0 ? [] : target.slice(query + 1).split("&");
  const item = items.find((item) => item !== "" && !item.includes("="));
  if (item === undefined) return { ms: TOLERANCE_MS, text: String(TOLERANCE_MS) };
  const [[decoded] = [item]] = new URLSearchParams(item);
  const text = decoded.trim();
  const value = NUMBER.test(text) ? Number(text) : NaN;
  if (!(value >= 0 && value < Infinity)) {
    const got = text.length > 60 ? `${text.slice(0, 60)}…` : text;
    return `the timeout must be a number of milliseconds, 0 or more: got ${JSON.stringify(got)}`;
  }
  const ms = value + TOLERANCE_MS;
  if (!Number.isInteger(value)) return { ms, text: String(ms) };
  // A large one must come back to the last digit, and not as 1e+21.
  const exact = /^\d+$/.test(text) ? BigInt(text) : BigInt(value);
  return { ms, text: String(exact + BigInt(TOLERANCE_MS)) };
}

/** An application that has not been silent for too long, nor said goodbye. */
export interface LiveApplication {
  readonly name: string;
  /** Its silence, in timeouts: 0 to under 6. */
  readonly overdue: number;
  readonly timeoutMs: number;
}

/** A host as an application; null: it is gone. */
export function liveApplication(
  { name, silenceMs, intervalMs }: Pick<SpeakingHost, "name" | "silenceMs" | "intervalMs">,
): LiveApplication | null {
  if (silenceMs === null || intervalMs === null) return null;
  const overdue = Math.max(0, silenceMs) / intervalMs;
  return overdue < GONE ? { name, overdue, timeoutMs: intervalMs } : null;
}

/** How an application is, in the words of a Nagios plugin. */
export function applicationText({ name, overdue, timeoutMs }: LiveApplication): string {
  const state = overdue < WARNING
    ? "OK - fine"
    : overdue < CRITICAL
    ? "WARNING - somewhat late"
    : "CRITICAL - quite late";
  return `${state} application [${name}]| ` +
    `od=${overdue.toFixed(2)};${WARNING};${CRITICAL};0;${GONE} delay=${timeoutMs}ms;;;`;
}

function listText(asked: DialectRequest): string {
  return liveOnes(asked).map(({ name }) => name).join(",\n");
}

function statusText(asked: DialectRequest): string {
  const { desk, maySee, query } = asked;
  const wanted = query.get("appid") ?? "";
  if (wanted !== "") {
    const host = maySee(wanted) ? desk.hosts.find(NAME, wanted) : null;
    const application = host === null ? null : liveApplication(host);
    if (application !== null) return applicationText(application);
    return `CRITICAL - no application record for queried ID: [${onOneLine(wanted)}]`;
  }
  const all = liveOnes(asked);
  const [only] = all;
  if (only === undefined) return "UNKNOWN - no heartbeat clients at the moment...";
  if (all.length === 1) return applicationText(only);
  const names = all.map(({ name }) => name).join();
  return `WARNING - multiple (${all.length}) applications: [${names}]`;
}

function liveOnes({ desk, maySee }: DialectRequest): readonly LiveApplication[] {
  const live: LiveApplication[] = [];
  for (const host of desk.hosts.speaking(NAME)) {
    const application = liveApplication(host);
    if (application !== null && maySee(host.name)) live.push(application);
  }
  return live;
}

/** Monitoring systems read the first line alone. */
function onOneLine(text: string): string {
  return text.replace(/\p{Cc}|[\u2028\u2029]/gu, "\u{FFFD}");
}

function refuse(what: string): Response {
  return say(`ERROR: ${what}`, 400);
}

function say(text: string, status = 200, more: Readonly<Record<string, string>> = {}): Response {
  return new Response(text, { status, headers: { ...HEADERS, ...more } });
}
