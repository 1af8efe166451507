/**
 * The past as the web shows it: what the journal has, in the form that the pages know. Nothing is
 * found where there is no journal.
 */

import {
  type EventMatch,
  type JournalMatch,
  type MessageMatch,
  searchJournal,
} from "./journal/search.ts";
import { Turns } from "./journal/turns.ts";
import { readClientMessage } from "./wire/client_message.ts";
import type { JournalPlace } from "./store/recovery.ts";
import type { Past as Found, PastEvent, PastMessage, PastQuery } from "./web/view_history.ts";

/** Searches under way, and those that wait: each takes a good part of a second of a processor. */
const AT_ONCE = 2;
const WAITING = 30;

export class Past {
  readonly #place: JournalPlace | null;
  readonly #turns = new Turns(AT_ONCE, WAITING);

  constructor(place: JournalPlace | null) {
    this.#place = place;
  }

  /**
   * What happened to hosts. Rejects when the journal cannot be read, and with TooManyWait
   * (`journal/turns.ts`).
   */
  async events(query: PastQuery): Promise<Found<PastEvent>> {
    const isWanted = (match: JournalMatch) =>
      hostsOf(match).some((host) => query.maySee(host, match.seq)) && happened(match) !== null;
    const found = await this.#search(query, isWanted);
    if (found === null) return { found: [], isComplete: true };
    return {
      ...found,
      found: found.found.flatMap((match) => {
        const what = happened(match);
        const host = query.host ??
          hostsOf(match).find((host) => query.maySee(host, match.seq)) ?? "";
        return what === null ? [] : [{ seq: match.seq, atMs: match.atMs, host, ...what }];
      }),
    };
  }

  /** What came in; null: there is no journal. Rejects as `events` does. */
  async messages(query: PastQuery): Promise<Found<PastMessage> | null> {
    const isWanted = (match: JournalMatch) =>
      match.kind === "message" && query.maySee(match.host, match.seq);
    const found = await this.#search(query, isWanted);
    if (found === null) return null;
    return {
      ...found,
      found: found.found.flatMap((match) => match.kind === "message" ? [pastMessage(match)] : []),
    };
  }

  async #search(
    { host, text, sinceMs, beforeSeq, limit }: PastQuery,
    accepts: (match: JournalMatch) => boolean,
  ): Promise<Found<JournalMatch> | null> {
    const place = this.#place;
    if (place === null) return null;
    const search = () =>
      searchJournal(place.dir, place.file, {
        ...(host !== null && { host }),
        ...(text !== null && { text }),
        ...(sinceMs !== null && { sinceMs }),
        ...(beforeSeq !== null && { beforeSeq }),
        limit,
        accepts,
      });
    const { matches, complete, next } = await this.#turns.run(search);
    return { found: matches, isComplete: complete, nextSeq: next };
  }
}

/** What happened, in words; null: it is none of what people ask for here. */
function happened(match: JournalMatch): Pick<PastEvent, "kind" | "text"> | null {
  return match.kind === "event" ? happenedBy(match) : saidBy(match);
}

function happenedBy({ seq, event, fields }: EventMatch): Pick<PastEvent, "kind" | "text"> | null {
  const silence = typeof fields.silence_s === "number" ? `${Math.round(fields.silence_s)} s` : null;
  switch (event) {
    case "down":
      return { kind: "down", text: whyDown(fields.reason, silence) };
    case "up":
      return { kind: "up", text: silence === null ? "" : `Heartbeat again after ${silence}` };
    case "reboot":
      return { kind: "reboot", text: "Rebooted without saying so" };
    case "pause": {
      const { pause } = fields;
      if (!isRecord(pause)) return { kind: "resume", text: "" };
      return { kind: "pause", text: typeof pause.reason === "string" ? pause.reason : "" };
    }
    case "alert":
      return isRecord(fields.alert) ? changeOf(fields.alert, seq) : null;
    default:
      return null;
  }
}

/** Kinds of alerts that are told here: others name hosts that the asker may not see. */
const OF_ONE_HOST: ReadonlySet<unknown> = new Set(["metric", "flapping"]);

/**
 * The beginning and the end of an alert. That a host is down is told by its own events; what comes
 * in between (who was told, a new value) is told with the alert.
 */
function changeOf(
  alert: Readonly<Record<string, unknown>>,
  seq: number,
): Pick<PastEvent, "kind" | "text"> | null {
  if (!OF_ONE_HOST.has(alert.kind) || typeof alert.text !== "string") return null;
  if (typeof alert.endedMs === "number") return { kind: "alert over", text: alert.text };
  // It is called by a number of its own; the first record of it comes right after that, or after
  // what people were told.
  const isFirst = seq - Number(alert.id) <= 2;
  return isFirst ? { kind: "alert", text: `${alert.level}: ${alert.text}` } : null;
}

/** A host that is silent gives no reason. */
function whyDown(reason: unknown, silence: string | null): string {
  if (typeof reason === "string" && reason !== "") {
    return reason.slice(0, 1).toUpperCase() + reason.slice(1);
  }
  return silence === null ? "" : `No heartbeat for ${silence}`;
}

function saidBy(match: MessageMatch): Pick<PastEvent, "kind" | "text"> | null {
  const { transport, dialect, ip, port, payload } = match;
  if ((transport !== "udp" && dialect === null) || !isRecord(payload)) return null;
  const { ID: type, run } = payload;
  // Beats are most of what there is: only those that end a run with an id are told.
  if (!TOLD.has(type) || (type === "HTB" && !run)) return null;
  try {
    const said = readClientMessage(payload, ip, port);
    switch (said.kind) {
      case "boot":
      case "shutdown":
        return { kind: said.kind, text: "" };
      case "note":
        return { kind: "note", text: said.text };
      case "start":
        return { kind: "start", text: runText(said.run) };
      case "fail":
        return { kind: "fail", text: said.reason };
      case "beat":
        return said.run === undefined ? null : { kind: "success", text: runText(said.run) };
      default:
        return null;
    }
  } catch {
    return null;
  }
}

/** Types of messages by which something has happened. */
const TOLD: ReadonlySet<unknown> = new Set(["BOOT", "SHUTDOWN", "MSG", "START", "FAIL", "HTB"]);

/** Ids of runs are long: their beginning tells them apart. */
function runText(run: string): string {
  return run === "" ? "" : `run ${run.length > 16 ? `${run.slice(0, 8)}…` : run}`;
}

function pastMessage(match: MessageMatch): PastMessage {
  const { seq, atMs, host, ip, port, transport, path, late, payload } = match;
  const isRaw = isRecord(payload) && typeof payload._raw === "string";
  return {
    ...{ seq, atMs, host, sourceIp: ip, sourcePort: port, transport, path, late },
    parseError: isRaw,
    payloadText: JSON.stringify(payload ?? null),
  };
}

function hostsOf(match: JournalMatch): readonly string[] {
  return match.kind === "event" ? match.hosts : [match.host];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
