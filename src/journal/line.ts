/**
 * The journal's format: one JSON object a line, `seq` always first.
 *
 * A beat (a superset of what the UDP daemon's journal held):
 *   {"seq":7,"timestamp":1774701296.123,"datetime":"2026-03-28T12:34:56","source_ip":"192.168.1.100",
 *    "source_port":50003,"transport":"http","host":"kiosk-1","path":"/heartbeat","late":false,
 *    "message":{"name":"kiosk-1"}}
 * Other messages likewise; what comes by UDP has no `path`, and its `message` is the datagram. What
 * comes in the language of another server has `"dialect":"hilbert"`, and its `message` says the same
 * as a datagram would.
 * An event (told apart by `event`):
 *   {"seq":8,"timestamp":1774701309.1,"datetime":"2026-03-28T12:35:09","event":"missed",
 *    "host":"kiosk-1","silence_s":12.977,"missed":1,"interval_s":10,"grace_s":2}
 *   {"seq":9,"timestamp":1774701429,"datetime":"2026-03-28T12:37:09","event":"deaf","shift_s":4.2,
 *    "beats_lost":true}
 * What became of alerts: `alert` (its whole state, see `record.ts`), `notify` (what people are told),
 * `grouped` (hosts that belong to an incident), `pause` and `drop` hold the event itself:
 *   {"seq":10,"timestamp":1774701309.6,"datetime":"2026-03-28T12:35:09","event":"notify",
 *    "data":{"kind":"alert","level":"CRITICAL","alert":"9","host":"kiosk-1","metric":null,…}}
 *
 * `timestamp` is epoch seconds to the millisecond, `datetime` the same in local time.
 */

import type { AlertBookEvent, HostEvent, MonitorEvent } from "../monitor/events.ts";
import { placeOf, readClientMessage } from "../wire/client_message.ts";
import type { Fields } from "../wire/datagram.ts";
import { reportedIpOf, statedIntervalMs } from "../wire/identity.ts";
import type { Message, MessageFacts } from "../wire/message.ts";
import type { LocalTime } from "../wire/local_time.ts";

/** A line read back. `atMs` is epoch milliseconds. */
export type JournalRecord =
  | {
    readonly kind: "message";
    readonly seq: number;
    readonly atMs: number;
    readonly message: MessageFacts;
    /** Of a beat: it came after its deadline. */
    readonly late: boolean;
    readonly signed: boolean;
  }
  | {
    readonly kind: "event";
    readonly seq: number;
    readonly atMs: number;
    readonly type: HostEvent["type"];
    readonly host: string;
    readonly missed: number;
    /** Null: the line does not say. */
    readonly silenceMs: number | null;
    /** Of a host that is down though it is not silent: why. */
    readonly reason?: string;
  }
  | {
    readonly kind: "deaf";
    readonly seq: number;
    readonly atMs: number;
    readonly shiftMs: number;
    readonly beatsLost: boolean;
  }
  | {
    readonly kind: "alert";
    readonly seq: number;
    readonly atMs: number;
    readonly event: AlertBookEvent;
  };

/** Events that are written as they are. */
const ALERT_EVENTS: ReadonlySet<unknown> = new Set(["alert", "notify", "grouped", "pause", "drop"]);

/** Writes lines; keeps what the next line mostly repeats as text. */
export class LineWriter {
  readonly #time: LocalTime;
  #atMs = NaN;
  #timeText = "";
  #path = "";
  #pathText = '""';
  #host = "";
  #hostText = '""';
  #intervalMs: number | null = NaN;
  #graceMs: number | null = NaN;
  #rhythmText = "";

  constructor(time: LocalTime) {
    this.#time = time;
  }

  message(seq: number, message: Message, late: boolean, atMs: number): string {
    if (message.path !== this.#path) {
      this.#path = message.path;
      this.#pathText = JSON.stringify(message.path);
    }
    const { ip, port, transport, host, parseError, signed, payloadText, dialect } = message;
    return `{"seq":${seq}${this.#times(atMs)},"source_ip":"${ip}","source_port":${port}` +
      `,"transport":"${transport}","host":${JSON.stringify(host)}` +
      (transport === "http" ? `,"path":${this.#pathText}` : "") +
      (dialect === undefined ? "" : `,"dialect":"${dialect}"`) +
      `,"late":${late}${parseError ? ',"parse_error":true' : ""}${signed ? ',"signed":true' : ""}` +
      `,"message":${payloadText}}\n`;
  }

  event(event: MonitorEvent): string {
    const head = `{"seq":${event.seq}${this.#times(event.atMs)},"event":"${event.type}"`;
    switch (event.type) {
      case "deaf":
        return `${head},"shift_s":${event.shiftMs / 1000},"beats_lost":${event.beatsLost}}\n`;
      case "alert":
      case "notify":
      case "grouped":
      case "pause":
      case "drop": {
        const { type: _type, seq: _seq, atMs: _atMs, ...data } = event;
        return `${head},"data":${JSON.stringify(data)}}\n`;
      }
    }
    const reason = event.reason === undefined ? "" : `,"reason":${JSON.stringify(event.reason)}`;
    return `${head},"host":${this.#hostOf(event)},"silence_s":${event.silenceMs / 1000}` +
      `,"missed":${event.missed}${this.#rhythmOf(event)}${reason}}\n`;
  }

  #hostOf({ host }: HostEvent): string {
    if (host !== this.#host) {
      this.#host = host;
      this.#hostText = JSON.stringify(host);
    }
    return this.#hostText;
  }

  #rhythmOf({ intervalMs, graceMs }: HostEvent): string {
    if (intervalMs !== this.#intervalMs || graceMs !== this.#graceMs) {
      this.#intervalMs = intervalMs;
      this.#graceMs = graceMs;
      this.#rhythmText = `,"interval_s":${seconds(intervalMs)},"grace_s":${seconds(graceMs)}`;
    }
    return this.#rhythmText;
  }

  #times(atMs: number): string {
    if (atMs !== this.#atMs) {
      this.#atMs = atMs;
      this.#timeText = `,"timestamp":${atMs / 1000},"datetime":"${this.#time.iso(atMs)}"`;
    }
    return this.#timeText;
  }
}

/** Reads a line back. Throws a SyntaxError when it is torn or not of this format. */
export function parseLine(line: string): JournalRecord {
  const data: unknown = JSON.parse(line);
  if (typeof data !== "object" || data === null) throw new SyntaxError("Line is no JSON object");
  const { seq, timestamp, event, host, source_ip: ip, source_port: port, message, ...rest } =
    data as Readonly<Record<string, unknown>>;
  if (typeof seq !== "number" || typeof timestamp !== "number") {
    throw new SyntaxError('Line lacks a numeric "seq" or "timestamp"');
  }
  const atMs = Math.round(timestamp * 1000);
  if (event === "deaf" && typeof rest.shift_s === "number") {
    const shiftMs = Math.round(rest.shift_s * 1000);
    return { kind: "deaf", seq, atMs, shiftMs, beatsLost: rest.beats_lost === true };
  }
  if (ALERT_EVENTS.has(event) && typeof rest.data === "object" && rest.data !== null) {
    // Written by this server from what it calls an event: see `LineWriter`.
    const alertEvent = { type: event, seq, atMs, ...rest.data } as unknown as AlertBookEvent;
    return { kind: "alert", seq, atMs, event: alertEvent };
  }
  if (typeof host !== "string") throw new SyntaxError('Line lacks "host"');
  if (event === "down" || event === "missed" || event === "up" || event === "reboot") {
    const missed = typeof rest.missed === "number" ? rest.missed : 0;
    const silenceMs = typeof rest.silence_s === "number" ? rest.silence_s * 1000 : null;
    const reason = typeof rest.reason === "string" ? { reason: rest.reason } : {};
    return { kind: "event", seq, atMs, type: event, host, missed, silenceMs, ...reason };
  }
  if (typeof ip !== "string" || typeof port !== "number" || message === undefined) {
    throw new SyntaxError('Line lacks "source_ip", "source_port" or "message"');
  }
  const facts = factsOf(message, host, ip, port, rest);
  const [late, signed] = [rest.late === true, rest.signed === true];
  return { kind: "message", seq, atMs, message: facts, late, signed };
}

/** What a message said, as its door understood it. */
function factsOf(
  message: unknown,
  host: string,
  ip: string,
  port: number,
  { transport, parse_error: parseError, signed, dialect }: Readonly<Record<string, unknown>>,
): MessageFacts {
  if (typeof dialect === "string") {
    return { ...readClientMessage(message as Fields, ip, port), host, dialect };
  }
  if (transport === "udp" && parseError !== true) {
    return { ...readClientMessage(message as Fields, ip, port), host };
  }
  return {
    kind: "beat",
    host,
    ip,
    port,
    ...(signed === true ? placeOf(message) : { series: null, sentMs: null }),
    reportedIp: reportedIpOf(message),
    intervalMs: statedIntervalMs(message),
    graceMs: null,
    rttMs: null,
    version: null,
  };
}

/** `seq` of a line, without reading the rest; null when the line does not begin with one. */
export function seqOfLine(line: string): number | null {
  const match = /^\{"seq":(\d+)[,}]/.exec(line);
  return match ? Number(match[1]) : null;
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
