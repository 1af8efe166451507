/**
 * Looks for messages and events in the journal, the newest first: from the end of the newest file
 * backwards, then in the rotated ones, until enough is found or enough has been read.
 *
 * Read in slices, so that nobody waits; lines are parsed only when their text may be what is looked
 * for. Lines that cannot be read are passed over.
 */

import { lineEndAfter, listJournal } from "./reader.ts";
import { seqOfLine } from "./line.ts";

/** Bytes read in one go: a millisecond or two of work. */
const SLICE_BYTES = 1 << 18;

/** Bytes read at most, where nobody says. */
const READ_BYTES = 64 * 1024 * 1024;

/** A line longer than this is passed over. */
const LONGEST_LINE = 4 * 1024 * 1024;

const NEWLINE = 10;

export interface JournalQuery {
  /** Only what is of this host. */
  readonly host?: string;
  /** Only what has this text in it, in any case: in the host's name, the payload, or the event. */
  readonly text?: string;
  /** Nothing before this time, epoch milliseconds. */
  readonly sinceMs?: number;
  /** Only records below this number: where the last search ended (`next`). */
  readonly beforeSeq?: number;
  /** Matches at most, 1 or more. */
  readonly limit: number;
  /** Only what it returns true for. */
  readonly accepts?: (match: JournalMatch) => boolean;
  /** Bytes read at most. @default {64 MiB} */
  readonly readBytes?: number;
}

interface MatchBase {
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** A message as it came in. */
export interface MessageMatch extends MatchBase {
  readonly kind: "message";
  readonly host: string;
  /** Of a beat: it came after its deadline. */
  readonly late: boolean;
  readonly transport: "http" | "udp";
  /** HTTP: the request target. UDP: the type of message, say `HTB`; empty when it says none. */
  readonly path: string;
  /** The language of another server that it came in; null: our own. */
  readonly dialect: string | null;
  readonly ip: string;
  readonly port: number;
  readonly payload: unknown;
}

/** Something that happened. */
export interface EventMatch extends MatchBase {
  readonly kind: "event";
  /** `down`, `missed`, `up`, `reboot`, `deaf`, `alert`, `notify`, `grouped`, `pause` or `drop`. */
  readonly event: string;
  /** The hosts it happened to; empty: to the server itself. */
  readonly hosts: readonly string[];
  /** What the journal says of it: see docs/PROTOCOL.md. */
  readonly fields: Fields;
}

export type JournalMatch = MessageMatch | EventMatch;

export interface JournalAnswer {
  /** The newest first. */
  readonly matches: readonly JournalMatch[];
  /** False: there was more to read than may be read in one go; older matches may be missing. */
  readonly complete: boolean;
  /** `beforeSeq` with which the search goes on; null: there is nothing more. */
  readonly next: number | null;
}

type Fields = Readonly<Record<string, unknown>>;

/** Searches the journal `file` in `dir`. Rejects when a file cannot be read. */
export async function searchJournal(
  dir: string,
  file: string,
  query: JournalQuery,
): Promise<JournalAnswer> {
  const search = new Search(query);
  const { current, backups } = await listJournal(dir, file);
  for (const path of [...(current === null ? [] : [current]), ...backups]) {
    if (await search.look(path)) break;
  }
  return search.answer();
}

class Search {
  readonly #query: JournalQuery;
  readonly #hostText: string | null;
  readonly #text: string | null;
  readonly #matches: JournalMatch[] = [];
  #bytesLeft: number;
  /** The lowest number looked at: a file that is rotated meanwhile is not read twice. */
  #lowestSeq: number;
  #isDone = false;
  /** What comes is too old. */
  #isOver = false;
  #isCut = false;

  constructor(query: JournalQuery) {
    this.#query = query;
    this.#hostText = query.host === undefined ? null : JSON.stringify(query.host);
    const { text = "" } = query;
    // As it stands within a JSON text.
    this.#text = text === "" ? null : JSON.stringify(text).slice(1, -1).toLowerCase();
    this.#bytesLeft = query.readBytes ?? READ_BYTES;
    this.#lowestSeq = query.beforeSeq ?? Infinity;
  }

  answer(): JournalAnswer {
    const isFull = !this.#isOver && this.#matches.length >= this.#query.limit;
    const isMore = this.#isCut || isFull;
    const next = isMore && Number.isFinite(this.#lowestSeq) ? this.#lowestSeq : null;
    return { matches: this.#matches, complete: !this.#isCut, next };
  }

  /** Looks through a file. Returns true when that is enough. */
  async look(path: string): Promise<boolean> {
    using file = await openOrNull(path);
    if (file === null) return false;
    const { beforeSeq } = this.#query;
    let end = beforeSeq === undefined
      ? (await file.stat()).size
      : await lineEndAfter(file, beforeSeq, LONGEST_LINE);
    let tail: Uint8Array = new Uint8Array(0);
    let isNewest = true;
    while (end > 0) {
      if (this.#bytesLeft <= 0) {
        this.#isCut = true;
        return true;
      }
      const start = Math.max(0, end - SLICE_BYTES);
      const slice = await readAt(file, start, end - start);
      let bytes = joined(slice, tail);
      // What is behind the last line end is torn, or just being written.
      if (isNewest) bytes = bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1);
      isNewest = false;
      const first = start === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
      tail = start > 0 && first === 0 ? bytes : bytes.slice(0, first);
      if (tail.length > LONGEST_LINE) tail = new Uint8Array(0);
      const before = this.#lowestSeq;
      if (start === 0 || first > 0) this.#lookAt(bytes.subarray(first));
      // What the last search has looked at does not count: each one comes further than that.
      if (this.#lowestSeq < before) this.#bytesLeft -= slice.length;
      if (this.#isDone) return true;
      end = start;
    }
    return false;
  }

  /** Looks at whole lines, the last one first. */
  #lookAt(bytes: Uint8Array): void {
    const { limit, sinceMs = -Infinity } = this.#query;
    const lines = new TextDecoder().decode(bytes).split("\n");
    for (const line of lines.reverse()) {
      const seq = seqOfLine(line);
      if (seq === null || seq >= this.#lowestSeq) continue;
      this.#lowestSeq = seq;
      if (atMsOf(line) < sinceMs) {
        this.#isDone = true;
        this.#isOver = true;
        return;
      }
      const match = this.#mayMatch(line) ? matchOf(line) : null;
      if (match === null || !this.#matchesQuery(match)) continue;
      this.#matches.push(match);
      if (this.#matches.length >= limit) {
        this.#isDone = true;
        return;
      }
    }
  }

  #mayMatch(line: string): boolean {
    if (this.#hostText !== null && !line.includes(this.#hostText)) return false;
    return this.#text === null || line.toLowerCase().includes(this.#text);
  }

  #matchesQuery(match: JournalMatch): boolean {
    const { host, accepts } = this.#query;
    const hosts = match.kind === "message" ? [match.host] : match.hosts;
    if (host !== undefined && !hosts.includes(host)) return false;
    if (this.#text !== null && !this.#textOf(match, hosts).includes(this.#text)) return false;
    return accepts?.(match) ?? true;
  }

  /** What people can search in: not the address, the time and the like. */
  #textOf(match: JournalMatch, hosts: readonly string[]): string {
    const said = match.kind === "message" ? match.payload : [match.event, match.fields];
    return JSON.stringify([hosts, said]).toLowerCase();
  }
}

/** When a line was written, epoch milliseconds; Infinity where that cannot be read so easily. */
function atMsOf(line: string): number {
  const match = /^\{"seq":\d+,"timestamp":([\d.]+),/.exec(line);
  return match ? Math.round(Number(match[1]) * 1000) : Infinity;
}

/** Reads a line; null when it is not of the journal's format. */
function matchOf(line: string): JournalMatch | null {
  let fields: Fields;
  try {
    fields = JSON.parse(line);
  } catch {
    return null;
  }
  const { seq, timestamp, datetime: _datetime, event, host, ...rest } = fields;
  if (typeof seq !== "number" || typeof timestamp !== "number") return null;
  const atMs = Math.round(timestamp * 1000);
  if (typeof event === "string") {
    const data = isFields(rest.data) ? rest.data : rest;
    const hosts = typeof host === "string" ? [host] : hostsOf(data);
    return { kind: "event", seq, atMs, event, hosts, fields: data };
  }
  if (typeof host !== "string") return null;
  const { message: payload, late, transport, path, dialect } = rest;
  const { source_ip: ip, source_port: port } = rest;
  const type = isFields(payload) && typeof payload.ID === "string" ? payload.ID : "";
  return {
    kind: "message",
    seq,
    atMs,
    host,
    late: late === true,
    transport: transport === "udp" ? "udp" : "http",
    path: typeof path === "string" ? path : type,
    dialect: typeof dialect === "string" ? dialect : null,
    ip: typeof ip === "string" ? ip : "",
    port: typeof port === "number" ? port : 0,
    payload,
  };
}

/** The hosts that an event of the alerts is about. */
function hostsOf({ host, hosts, alert }: Fields): readonly string[] {
  if (typeof host === "string") return [host];
  if (Array.isArray(hosts)) return hosts.filter((name) => typeof name === "string");
  return isFields(alert) && typeof alert.host === "string" ? [alert.host] : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function openOrNull(path: string): Promise<Deno.FsFile | null> {
  try {
    return await Deno.open(path, { read: true });
  } catch (error) {
    // Rotated away meanwhile.
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function readAt(file: Deno.FsFile, start: number, length: number): Promise<Uint8Array> {
  await file.seek(start, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  let read = 0;
  while (read < length) {
    const more = await file.read(bytes.subarray(read));
    if (more === null) break;
    read += more;
  }
  return bytes.subarray(0, read);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (second.length === 0) return first;
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
