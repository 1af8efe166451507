/**
 * What the journal has, the oldest first, read as text as far as that goes: lines of another time or
 * host are passed over without being parsed. Files are held open, so a server may rotate them.
 */

import { JournalFiles } from "../backup/journal_files.ts";
import { readClientMessage } from "../wire/client_message.ts";
import type { Fields } from "../wire/datagram.ts";
import { fileLines } from "./file_lines.ts";

/** What is wanted; times in epoch milliseconds. */
export interface Wish {
  /** Null: every host. */
  readonly host: string | null;
  readonly sinceMs: number;
  /** Not this moment itself. */
  readonly untilMs: number;
}

/** A beat. */
export interface BeatRow {
  readonly atMs: number;
  readonly host: string;
  readonly ip: string;
  readonly port: number;
  readonly transport: string;
  readonly path: string;
  readonly late: boolean;
  readonly payload: unknown;
  /** The body was no JSON. */
  readonly isRaw: boolean;
}

/** Something that happened. */
export interface EventRow {
  readonly atMs: number;
  readonly event: string;
  /** Null: to the server, or to several. */
  readonly host: string | null;
  /** What else the journal says of it. */
  readonly more: Fields;
}

interface Place {
  readonly dir: string;
  readonly file: string;
}

/** The beats in the journal. */
export async function* beatRows(place: Place, wish: Wish): AsyncGenerator<BeatRow> {
  for await (const { atMs, fields } of records(place, wish, false)) {
    const { host, source_ip: ip, source_port: port, transport, path, late, message, dialect } =
      fields;
    if (typeof host !== "string" || typeof ip !== "string") continue;
    const isDatagram = transport === "udp" || typeof dialect === "string";
    const isRaw = fields.parse_error === true;
    if (isDatagram && !isRaw && !isBeat(message, ip)) continue;
    const type = (message as { readonly ID?: unknown } | null)?.ID;
    yield {
      ...{ atMs, host, ip, isRaw },
      port: Number(port),
      transport: String(transport),
      path: typeof path === "string" ? path : typeof type === "string" ? type : "",
      late: late === true,
      payload: message,
    };
  }
}

/** The events in the journal. */
export async function* eventRows(place: Place, wish: Wish): AsyncGenerator<EventRow> {
  for await (const { atMs, fields } of records(place, wish, true)) {
    const { seq: _seq, timestamp: _at, datetime: _local, event, host, data, ...rest } = fields;
    const more = typeof data === "object" && data !== null ? data as Fields : rest;
    const { alert } = more;
    const ofAlert = typeof alert === "object" ? (alert as Fields | null)?.host : undefined;
    const name = [host, more.host, ofAlert].find((one) => typeof one === "string");
    const { hosts } = more;
    const isOf = name === wish.host || (Array.isArray(hosts) && hosts.includes(wish.host));
    if (wish.host !== null && !isOf) continue;
    yield { atMs, event: String(event), host: typeof name === "string" ? name : null, more };
  }
}

function isBeat(message: unknown, ip: string): boolean {
  try {
    return readClientMessage(message as Fields, ip, 0).kind === "beat";
  } catch {
    return false;
  }
}

async function* records(
  { dir, file }: Place,
  { host, sinceMs, untilMs }: Wish,
  isEvents: boolean,
): AsyncGenerator<{ readonly atMs: number; readonly fields: Fields }> {
  using files = new JournalFiles(dir, file);
  await files.hold();
  const hostText = host === null ? null : JSON.stringify(host);
  for (const part of files.parts()) {
    for await (const line of fileLines(part.file, part.size)) {
      const [, time, isEvent] =
        /^\{"seq":\d+,"timestamp":([\d.]+),"datetime":"[^"]*",("event":)?/.exec(line) ?? [];
      const atMs = Math.round(Number(time) * 1000);
      if (!(atMs >= sinceMs && atMs < untilMs) || (isEvent !== undefined) !== isEvents) continue;
      if (hostText !== null && !line.includes(hostText)) continue;
      const fields = parsed(line);
      if (fields === null) continue;
      if (!isEvents && host !== null && fields.host !== host) continue;
      yield { atMs, fields };
    }
  }
}

function parsed(line: string): Fields | null {
  try {
    return JSON.parse(line) as Fields;
  } catch {
    return null;
  }
}
