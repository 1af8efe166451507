/**
 * Reads what a client says in a datagram: the fields that count, checked; everything else is left
 * in the payload. A field that makes no sense is passed over where the message is still worth
 * something without it, and makes the message malformed where it is what the message is about.
 *
 *   {"ID":"HTB","name":"kiosk-1","time":1795231286.563,"boot_id":"3f2a9c1e.mi7k2x","seq":12,
 *    "interval":30,"rtt":0.8,"ver":"0.1.0"}
 */

import type { Fields } from "./datagram.ts";
import {
  hostNameOf,
  hostNameProblem,
  MAX_INTERVAL_S,
  reportedIpOf,
  statedIntervalMs,
} from "./identity.ts";
import type { MessageFacts, Origin } from "./message.ts";

/** Longest `boot_id`, plugin name, level and run, in UTF-16 code units. */
const MAX_WORD = 64;

/** Longest reason of a failure, in UTF-16 code units; what is longer is cut. */
const MAX_REASON = 500;

/** Why a datagram is no message. */
export type MessageFault =
  | "bad_id"
  | "bad_name"
  | "bad_plugin"
  | "bad_data"
  | "bad_message"
  | "bad_result";

/** Runs of what makes a text more than one line. */
// deno-lint-ignore no-control-regex -- just these are looked for
export const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** A datagram is of no type that clients send, or lacks what its type is about. */
export class MessageError extends Error {
  override readonly name = "MessageError";
  readonly fault: MessageFault;

  constructor(fault: MessageFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/**
 * The message in `fields`, sent from `ip` and `port`.
 *
 * @throws {MessageError} when it cannot be used
 */
export function readClientMessage(fields: Fields, ip: string, port: number): MessageFacts {
  // The `id` of a result is that of its command.
  const host = hostNameOf("", fields.ID === "RES" ? { ...fields, id: null } : fields, ip);
  const problem = hostNameProblem(host);
  if (problem !== null) throw new MessageError("bad_name", problem);
  const origin: Origin = { host, ip, port, ...placeOf(fields) };
  const happenedMs = epochMs(fields.at);
  switch (fields.ID) {
    case "HTB":
      return {
        kind: "beat",
        ...origin,
        reportedIp: reportedIpOf(fields),
        intervalMs: statedIntervalMs(fields),
        graceMs: milliseconds(fields.grace, 0, MAX_INTERVAL_S),
        rttMs: numberOf(fields.rtt, 0, 3_600_000),
        version: wordOf(fields.ver),
        ...runOf(fields),
      };
    case "START":
      return { kind: "start", ...origin, happenedMs, run: "", ...runOf(fields) };
    case "FAIL":
      return { kind: "fail", ...origin, happenedMs, reason: reasonOf(fields), ...runOf(fields) };
    case "BOOT":
      return { kind: "boot", ...origin, happenedMs };
    case "SHUTDOWN": {
      const backInMs = milliseconds(fields.back_in, 0, MAX_INTERVAL_S);
      return { kind: "shutdown", ...origin, happenedMs, backInMs };
    }
    case "MSG": {
      const { message: text } = fields;
      if (typeof text !== "string" || text === "") {
        throw new MessageError("bad_message", 'MSG needs its text in "message"');
      }
      return { kind: "note", ...origin, happenedMs, text, level: wordOf(fields.level) };
    }
    case "PLG": {
      const plugin = wordOf(fields.plugin);
      const { data } = fields;
      if (plugin === null) {
        throw new MessageError("bad_plugin", `PLG needs a "plugin" of 1 to ${MAX_WORD} characters`);
      }
      if (typeof data !== "object" || data === null || Array.isArray(data)) {
        throw new MessageError("bad_data", 'PLG needs an object in "data"');
      }
      const intervalMs = statedIntervalMs(fields);
      return { kind: "metrics", ...origin, happenedMs, plugin, data: data as Fields, intervalMs };
    }
    case "RES": {
      const command = wordOf(fields.id);
      if (command === null) throw new MessageError("bad_result", 'RES needs the command\'s "id"');
      const exit = numberOf(fields.exit, -(2 ** 31), 2 ** 32);
      const output = typeof fields.output === "string" ? fields.output : "";
      return { kind: "result", ...origin, command, exit, output };
    }
    default:
      throw new MessageError(
        "bad_id",
        '"ID" must be HTB, START, FAIL, PLG, BOOT, SHUTDOWN, MSG or RES',
      );
  }
}

/** Where `payload` stands in the series of its client, and when it was sent. */
export function placeOf(payload: unknown): Pick<Origin, "series" | "sentMs"> {
  if (typeof payload !== "object" || payload === null) return { series: null, sentMs: null };
  const { boot_id, seq, time } = payload as Fields;
  const bootId = wordOf(boot_id);
  const isCounted = bootId !== null && Number.isSafeInteger(seq) && Number(seq) >= 0;
  return { series: isCounted ? { bootId, seq: Number(seq) } : null, sentMs: epochMs(time) };
}

function runOf({ run }: Fields): { readonly run?: string } {
  const id = run === "" ? "" : wordOf(run);
  return id === null ? {} : { run: id };
}

/** What is wrong, on one line; empty: it does not say. */
function reasonOf({ message }: Fields): string {
  const text = typeof message === "string" ? message.toWellFormed() : "";
  const line = text.replace(CONTROLS, " ").trim();
  return line.length > MAX_REASON ? `${line.slice(0, MAX_REASON)}…`.toWellFormed() : line;
}

/** One line of text of a bounded length. */
function wordOf(value: unknown): string | null {
  const isWord = typeof value === "string" && value.length <= MAX_WORD &&
    hostNameProblem(value) === null;
  return isWord ? value : null;
}

function numberOf(value: unknown, from: number, to: number): number | null {
  return typeof value === "number" && value >= from && value <= to ? value : null;
}

function milliseconds(value: unknown, fromS: number, toS: number): number | null {
  const seconds = numberOf(value, fromS, toS);
  return seconds === null ? null : Math.round(seconds * 1000);
}

/** Epoch seconds up to the year 9999 as milliseconds. */
function epochMs(value: unknown): number | null {
  return numberOf(value, 1, 253_402_300_799) === null ? null : Math.round(Number(value) * 1000);
}
