/**
 * The HTTP door: POST or PUT on any path is a beat, whatever the body.
 *
 * This is the path that every device takes every few seconds, so it does as little as it can: one
 * look at the length, one read of the body, one promise shared with all beats of the same moment,
 * and an answer copied from a template (making its headers anew costs more than the monitor does).
 */

import {
  hostNameOf,
  hostNameProblem,
  plainAddress,
  reportedIpOf,
  statedIntervalMs,
} from "../wire/identity.ts";
import { placeOf } from "../wire/client_message.ts";
import { openHead } from "../wire/envelope.ts";
import { parsePayload } from "../wire/payload.ts";
import type { Guard, RefusedFor } from "./guard.ts";
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

const BEARER = "Bearer ";

/** Where a beat stands that nobody has signed: what it says of that is not looked at. */
const UNCOUNTED: ReturnType<typeof placeOf> = { series: null, sentMs: null };

/** What is wrong with a proof, to follow "Host … ". */
const UNPROVEN: Readonly<Record<RefusedFor, string>> = {
  unsigned: "must prove who it is: by a Heartbeat-Signature header, or its token as a bearer",
  unknown_key: "signed with a key that this server does not have",
  bad_signature: "sent a Heartbeat-Signature that does not fit the body and the key",
  wrong_key: "signed with a key that is not its own",
  stale:
    'must say in "time" when it sent this (epoch seconds), and that must be within auth_window',
  name_not_signed: "must have its name in the body that it signs",
  not_counted: 'must count what it signs, by "boot_id" and "seq"',
  replayed: 'has sent this "boot_id" and "seq" before',
  bad_token: "sent a token that is not its own",
};

/** What came with a request that may prove who sent it. */
interface Proof {
  /** `Heartbeat-Signature`: the first line of an envelope around the body. */
  readonly signature: string | null;
  readonly authorization: string | null;
}

export interface BeatDoorOptions {
  readonly intake: Intake;
  /** Asked for every beat, as is the guard. */
  readonly limits: () => DoorLimits;
  readonly guard: () => Guard;
  readonly nowMs: () => number;
  /** A beat was refused for want of a proof. */
  readonly onRefused: (reason: RefusedFor, ip: string) => void;
}

/** Makes the door. */
export function createBeatDoor(options: BeatDoorOptions): BeatDoor {
  const { intake, limits, guard } = options;
  const accepted = new Response('{"status":"ok"}', { headers: HEADERS });

  /** Takes the beat and answers it with `reply` when it is in the journal. */
  function receive(
    target: string,
    text: string,
    sender: Sender,
    proof: Proof | null,
    reply: Reply,
  ): void {
    const { ip, port } = placeOfSender(sender);
    const { payload, payloadText, parseError } = parsePayload(text);
    const host = hostNameOf(target, payload, ip);
    const problem = hostNameProblem(host);
    if (problem !== null) return reply(refuse(400, problem));
    let place = UNCOUNTED;
    if (proof !== null && guard().guards(host)) {
      const refused = judge(host, payload, text, proof);
      if (refused !== null) {
        options.onRefused(refused, ip);
        return reply(unproven(host, refused));
      }
      if (proof.signature !== null) place = placeOf(payload);
    }
    const taken = intake.receive({
      kind: "beat",
      transport: "http",
      host,
      ip,
      port,
      path: target,
      payload,
      payloadText,
      parseError,
      signed: place.series !== null,
      series: place.series,
      sentMs: place.sentMs,
      reportedIp: reportedIpOf(payload),
      intervalMs: statedIntervalMs(payload),
      graceMs: null,
      rttMs: null,
      version: null,
    });
    if (taken === "full") {
      const { maxHosts } = limits();
      const name = JSON.stringify(host);
      return reply(refuse(429, `Host ${name} is new and max_hosts (${maxHosts}) is reached`));
    }
    if (taken === "replayed") {
      options.onRefused("replayed", ip);
      return reply(unproven(host, "replayed"));
    }
    const written = taken === "repeated" ? intake.written() : taken;
    written.then(() => reply(accepted.clone()), (error) => reply(refuse(503, error.message)));
  }

  /** Why the proof is not good enough for `host`; null when it is. */
  function judge(host: string, payload: unknown, text: string, proof: Proof): RefusedFor | null {
    const { signature, authorization } = proof;
    if (signature === null) {
      if (authorization === null) return "unsigned";
      const isRight = authorization.startsWith(BEARER) &&
        guard().isToken(host, authorization.slice(BEARER.length));
      return isRight ? null : "bad_token";
    }
    // A name in the query is not signed, and the address not even said.
    if (hostNameOf("", payload, "") !== host) return "name_not_signed";
    const envelope = openHead(signature, new TextEncoder().encode(text));
    const key = envelope === null ? "bad_signature" : guard().open(envelope);
    if (typeof key === "string") return key;
    return guard().judge({ host, ip: "", port: 0, ...placeOf(payload) }, key, options.nowMs());
  }

  // One promise with explicit replies: chained ones cost a beat a tenth more.
  return (request, sender) =>
    new Promise((resolve, reject) => {
      const target = targetOf(request.url);
      const { maxBodyBytes } = limits();
      const length = request.headers.get("content-length");
      const proof = guard().isOpen ? null : proofOf(request);
      const onText = (text: string | null) => {
        try {
          if (text === null) resolve(tooLarge("Body", maxBodyBytes));
          else receive(target, text, sender, proof, resolve);
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

/** Address and port that a request came from. */
export function placeOfSender(
  { remoteAddr }: Sender,
): { readonly ip: string; readonly port: number } {
  const { hostname, port } = remoteAddr as Deno.NetAddr;
  return { ip: plainAddress(hostname), port };
}

/** Path and query of a URL that `Deno.serve` made, as the sender wrote them. */
export function targetOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  return start < 0 ? "/" : url.slice(start);
}

function proofOf({ headers }: Request): Proof {
  return {
    signature: headers.get("heartbeat-signature"),
    authorization: headers.get("authorization"),
  };
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

function unproven(host: string, reason: RefusedFor): Response {
  const error = `Host ${JSON.stringify(host)} ${UNPROVEN[reason]}`;
  return Response.json({ error }, {
    status: 401,
    headers: { ...HEADERS, "www-authenticate": "Bearer" },
  });
}

function refuse(status: number, error: string): Response {
  return Response.json({ error }, { status, headers: HEADERS });
}
