/**
 * A line of what others and we have written, whatever wrote it; each line says itself what it is:
 *
 *   {"timestamp": "2026-04-26 19:56:31", "client_ip": "192.168.2.75", "path": "/heartbeat",
 *    "late": false, "payload": {…}}                                     a JSON logger's
 *   2026-02-08 11:30:20 - Received heartbeat - From: 192.168.1.20, Reported IP: 10.0.0.5
 *   2026-02-08 11:30:25 - Received POST request - From: 192.168.1.20, Data: {"battery":0.8}
 *   2026-02-08 11:30:15 - Server started, listening on port 7777       the Perl server's
 *   {"timestamp":1774701296.123,"source_ip":"192.168.1.100","source_port":50003,
 *    "message":{"ID":"HTB",…}}                                         the UDP daemon's journal
 *   {"seq":7,"timestamp":1774701296.123,…}                             our own journal
 *
 * What was judged at its time (late, missed, down) is not read: it is judged anew.
 */

import { parseLine } from "../journal/line.ts";
import type { Deafness } from "../monitor/listening_clock.ts";
import { readClientMessage } from "../wire/client_message.ts";
import type { Fields } from "../wire/datagram.ts";
import { hostNameOf, hostNameProblem, reportedIpOf, statedIntervalMs } from "../wire/identity.ts";
import type { MessageFacts } from "../wire/message.ts";
import { parsePayload } from "../wire/payload.ts";
import type { LocalClock } from "./local_clock.ts";

/** What a line says. `atMs` is epoch milliseconds. */
export type LogLine =
  | {
    readonly kind: "message";
    readonly atMs: number;
    readonly message: MessageFacts;
    readonly isSigned: boolean;
  }
  /** The server did not hear for a while, and says for how long. */
  | { readonly kind: "deaf"; readonly atMs: number; readonly deafness: Deafness }
  /** The server began: since the line before, nobody listened. */
  | { readonly kind: "started"; readonly atMs: number }
  /** Something that is not needed. */
  | { readonly kind: "other"; readonly atMs: number };

/** The line cannot be used; the message says why. */
export class LineError extends Error {
  override readonly name = "LineError";
}

const TEXT_LINE = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) - (.*)$/s;
const HEARTBEAT = /^Received heartbeat - From: ([^,\s]+), Reported IP: (.*)$/s;
const POSTED = /^Received POST request - From: ([^,\s]+), Data: (.*)$/s;
const STARTED = /^Server started\b/;

/**
 * Reads a line.
 *
 * @param afterMs the time of the line before, epoch milliseconds
 * @throws {LineError} when it is of no kind that is known
 */
export function readLogLine(line: string, clock: LocalClock, afterMs: number): LogLine {
  if (line.startsWith("{")) return readJson(line, clock, afterMs);
  const [, time = "", what = ""] = TEXT_LINE.exec(line) ?? [];
  if (time === "") throw new LineError("it is of no kind that is known");
  const atMs = timeOf(time, clock, afterMs);
  const [, from = "", reported = ""] = HEARTBEAT.exec(what) ?? [];
  if (from !== "") return beat(atMs, from, "", { ip: reported.trim() });
  const [, poster = "", data = ""] = POSTED.exec(what) ?? [];
  if (poster !== "") return beat(atMs, poster, "", parsePayload(data).payload);
  return { kind: STARTED.test(what) ? "started" : "other", atMs };
}

function readJson(line: string, clock: LocalClock, afterMs: number): LogLine {
  let data: unknown;
  try {
    data = JSON.parse(line);
  } catch {
    throw new LineError("it is not whole, or no JSON");
  }
  const fields = data as Fields;
  const { timestamp, client_ip: ip, path, payload, seq } = fields;
  if (typeof timestamp === "number") {
    return typeof seq === "number" ? ownLine(line) : daemonLine(fields, timestamp);
  }
  if (typeof timestamp !== "string") throw new LineError('it has no "timestamp"');
  const atMs = timeOf(timestamp.slice(0, 19), clock, afterMs);
  if (typeof ip !== "string") throw new LineError('it has no "client_ip"');
  return beat(atMs, ip, typeof path === "string" ? path : "", payload ?? {});
}

function ownLine(line: string): LogLine {
  const record = understood(() => parseLine(line));
  const { atMs } = record;
  if (record.kind === "message") {
    return { kind: "message", atMs, message: record.message, isSigned: record.signed };
  }
  if (record.kind !== "deaf") return { kind: "other", atMs };
  const { shiftMs, beatsLost } = record;
  return { kind: "deaf", atMs, deafness: { shiftMs, beatsLost } };
}

/** As our own, but without numbers: what was sent says all. */
function daemonLine(fields: Fields, timestamp: number): LogLine {
  const { source_ip: ip, source_port: port, message, host } = fields;
  const atMs = Math.round(timestamp * 1000);
  if (typeof ip !== "string" || typeof message !== "object" || message === null) {
    throw new LineError('it lacks "source_ip" or "message"');
  }
  const fromPort = typeof port === "number" ? port : 0;
  const facts = understood(() => readClientMessage(message as Fields, ip, fromPort));
  const isNamed = typeof host === "string" && hostNameProblem(host) === null;
  return {
    kind: "message",
    atMs,
    message: isNamed ? { ...facts, host } : facts,
    isSigned: false,
  };
}

function beat(atMs: number, ip: string, path: string, payload: unknown): LogLine {
  const host = hostNameOf(path, payload, ip);
  const problem = hostNameProblem(host);
  if (problem !== null) throw new LineError(problem);
  const message: MessageFacts = {
    kind: "beat",
    host,
    ip,
    port: 0,
    series: null,
    sentMs: null,
    reportedIp: reportedIpOf(payload),
    intervalMs: statedIntervalMs(payload),
    graceMs: null,
    rttMs: null,
    version: null,
  };
  return { kind: "message", atMs, message, isSigned: false };
}

function timeOf(text: string, clock: LocalClock, afterMs: number): number {
  const atMs = clock.read(text, afterMs);
  if (atMs === null) throw new LineError(`its time "${text.slice(0, 19)}" is none`);
  return atMs;
}

function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new LineError(error instanceof Error ? error.message : String(error));
  }
}
