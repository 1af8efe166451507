/**
 * The HTTP door: POST or PUT on any path is a beat, whatever the body.
 *
 * This is the path that every device takes every few seconds, so it does as little as it can: one
 * look at the length, one read of the body, one promise shared with all beats of the same moment,
 * and an answer copied from a template (making its headers anew costs more than the monitor does).
 */

import { hostNameOf, hostNameProblem, reportedIpOf, statedIntervalMs } from "../wire/identity.ts";
import type { DoorLimits, Intake } from "./intake.ts";

/** Where a request came from, as `Deno.serve` tells it. */
export interface Sender {
  readonly remoteAddr: Deno.Addr;
}

/** Answers a request that is a beat. */
export type BeatDoor = (request: Request, sender: Sender) => Promise<Response>;

type Reply = (response: Response) => void;

/** Headers of every answer to a beat. */
const HEADERS = { "content-type": "application/json", "access-control-allow-origin": "*" };

/** How an IPv4 sender looks to a socket that listens on IPv6. */
const MAPPED_IPV4 = "::ffff:";

/** Makes the door. `limits` is asked for every beat. */
export function createBeatDoor(intake: Intake, limits: () => DoorLimits): BeatDoor {
  const accepted = new Response('{"status":"ok"}', { headers: HEADERS });

  /** Takes the beat and answers it with `reply` when it is in the journal. */
  function receive(target: string, text: string, sender: Sender, reply: Reply): void {
    const { hostname, port } = sender.remoteAddr as Deno.NetAddr;
    const ip = hostname.startsWith(MAPPED_IPV4) ? hostname.slice(MAPPED_IPV4.length) : hostname;
    const { payload, payloadText, parseError } = parsePayload(text);
    const host = hostNameOf(target, payload, ip);
    const problem = hostNameProblem(host);
    if (problem !== null) return reply(refuse(400, problem));
    const written = intake.beat({
      kind: "beat",
      transport: "http",
      host,
      ip,
      port,
      path: target,
      payload,
      payloadText,
      parseError,
      reportedIp: reportedIpOf(payload),
      intervalMs: statedIntervalMs(payload),
    });
    if (written === null) {
      const { maxHosts } = limits();
      const name = JSON.stringify(host);
      return reply(refuse(429, `Host ${name} is new and max_hosts (${maxHosts}) is reached`));
    }
    written.then(() => reply(accepted.clone()), (error) => reply(refuse(503, error.message)));
  }

  // One promise with explicit replies: chained ones cost a beat a tenth more.
  return (request, sender) =>
    new Promise((resolve, reject) => {
      const target = targetOf(request.url);
      const { maxBodyBytes } = limits();
      const length = request.headers.get("content-length");
      const onText = (text: string | null) => {
        try {
          if (text === null) resolve(tooLarge("Body", maxBodyBytes));
          else receive(target, text, sender, resolve);
        } catch (error) {
          reject(error);
        }
      };
      if (Number(length) > maxBodyBytes) {
        return resolve(tooLarge(`Body of ${length} bytes`, maxBodyBytes));
      }
      const text = length === null ? readBounded(request, maxBodyBytes) : request.text();
      text.then(onText, () => resolve(unreadable()));
    });
}

/** Path and query of a URL that `Deno.serve` made, as the sender wrote them. */
export function targetOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  return start < 0 ? "/" : url.slice(start);
}

/** A body as a payload: JSON as it is, nothing as `{}`, anything else as `{"_raw": text}`. */
export function parsePayload(
  text: string,
): { readonly payload: unknown; readonly payloadText: string; readonly parseError: boolean } {
  if (text === "") return { payload: {}, payloadText: "{}", parseError: false };
  try {
    const payload: unknown = JSON.parse(text);
    const isOneLine = !text.includes("\n") && !text.includes("\r");
    return { payload, payloadText: isOneLine ? text : compact(payload, text), parseError: false };
  } catch {
    const payload = { _raw: text };
    return { payload, payloadText: JSON.stringify(payload), parseError: true };
  }
}

/** `payload`, whose JSON is `text`, on one line. */
function compact(payload: unknown, text: string): string {
  try {
    return JSON.stringify(payload);
  } catch {
    // Nested too deeply. A line end stands between two tokens, where a space means the same.
    return text.replace(/[\r\n]+/g, " ");
  }
}

/** The body as text, or null when it is longer than `limit` bytes. For bodies of unknown length. */
async function readBounded(request: Request, limit: number): Promise<string | null> {
  if (request.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const chunk of request.body) {
    length += chunk.length;
    if (length > limit) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The sender went away in the middle, or broke the protocol: nobody is left to read this. */
function unreadable(): Response {
  return refuse(400, "Body could not be read to its end");
}

function tooLarge(what: string, maxBodyBytes: number): Response {
  const error = `${what} is over max_body (${maxBodyBytes} bytes)`;
  // The rest of the body is not going to be read: what follows on this connection would be garbage.
  return Response.json({ error }, { status: 413, headers: { ...HEADERS, connection: "close" } });
}

function refuse(status: number, error: string): Response {
  return Response.json({ error }, { status, headers: HEADERS });
}
