/**
 * The messages of the live updates (docs/API.md, "Live updates"), as far as the screen needs them.
 * A server elsewhere may be of another version: what is not there or not of the right kind is left
 * out, and what is too long is cut.
 */

import { isRecord, number, numberOrNull, type Raw, text, textOrNull } from "./json_fields.ts";

export const STATES = ["new", "up", "down", "shutdown", "paused"] as const;
export type State = (typeof STATES)[number];

/** A host, or what has changed of it: only the fields that were told. */
export interface HostChange {
  readonly name: string;
  readonly state?: State;
  readonly total?: number;
  readonly late?: number;
  readonly missed?: number;
  /** Percent. */
  readonly stability?: number | null;
  readonly intervalS?: number | null;
  readonly graceS?: number | null;
  /** Epoch seconds, as all times here, by the clock of the server. */
  readonly lastBeatS?: number | null;
  readonly deadlineS?: number | null;
  readonly rttMs?: number | null;
  /** The last intervals, a letter each. */
  readonly bar?: string;
  readonly pausedUntilS?: number | null;
  /** Where it beats from; null: not known. With this all fields are there. */
  readonly address?: string | null;
  readonly worst?: string | null;
  /** The calendar by which it beats; null: it beats at intervals. */
  readonly cron?: string | null;
  /** Why it is down though it speaks; null: it is not. */
  readonly failure?: string | null;
}

export interface BeatNews {
  readonly seq: number;
  readonly timeS: number;
  readonly host: string;
  readonly from: string;
  readonly late: boolean;
  /** The beginning of the payload. */
  readonly payload: string;
}

export interface AlertNews {
  readonly id: string;
  readonly kind: string;
  readonly host: string;
  readonly level: string;
  readonly text: string;
  readonly stale: boolean;
  readonly sinceS: number;
  readonly endedS: number | null;
}

export interface Summary {
  readonly hosts: number;
  readonly states: Readonly<Record<State, number>>;
  readonly beatsPerS: number | null;
  readonly problems: readonly string[];
}

export interface Snapshot {
  readonly type: "hosts";
  readonly timeS: number;
  readonly server: { readonly name: string; readonly version: string };
  readonly more: boolean;
  readonly hosts: readonly HostChange[];
  /** The oldest first. */
  readonly messages: readonly BeatNews[];
  readonly alerts: readonly AlertNews[];
  readonly summary: Summary;
}

export type FeedMessage =
  | Snapshot
  | {
    readonly type: "host";
    readonly timeS: number;
    readonly hosts: readonly HostChange[];
    readonly gone: readonly string[];
    /** Of a snapshot in pieces: this was the last one. */
    readonly complete: boolean;
  }
  | { readonly type: "message"; readonly messages: readonly BeatNews[]; readonly skipped: number }
  | { readonly type: "alert"; readonly alerts: readonly AlertNews[] }
  | { readonly type: "summary"; readonly summary: Summary };

/** Characters of a name, and of another text. */
const NAME = 300;
const TEXT = 500;
const BAR = 60;

/** Problems of the server that are shown. */
const PROBLEMS = 5;

/** The message in `json`; null: one of another type, or none. */
export function parseFeedMessage(json: string): FeedMessage | null {
  let raw: unknown;
  try {
    raw = JSON.parse(json);
  } catch {
    return null;
  }
  if (!isRecord(raw)) return null;
  switch (raw.type) {
    case "hosts":
      return snapshotOf(raw);
    case "host":
      return {
        type: "host",
        timeS: number(raw.time),
        hosts: records(raw.hosts).map(hostOf),
        gone: Array.isArray(raw.gone) ? raw.gone.map((name) => text(name, NAME)) : [],
        complete: raw.complete === true,
      };
    case "message":
      return {
        type: "message",
        messages: records(raw.messages).map(beatOf),
        skipped: number(raw.skipped),
      };
    case "alert":
      return { type: "alert", alerts: records(raw.alerts).map(alertOf) };
    case "summary":
      return { type: "summary", summary: summaryOf(raw.summary) };
    default:
      return null;
  }
}

function snapshotOf(raw: Raw): Snapshot {
  const server = isRecord(raw.server) ? raw.server : {};
  return {
    type: "hosts",
    timeS: number(raw.time),
    server: { name: text(server.name, NAME), version: text(server.version, NAME) },
    more: raw.more === true,
    hosts: records(raw.hosts).map(hostOf),
    messages: records(raw.messages).map(beatOf),
    alerts: records(raw.alerts).map(alertOf),
    summary: summaryOf(raw.summary),
  };
}

function hostOf(raw: Raw): HostChange {
  const state = STATES.find((one) => one === raw.state);
  return {
    name: text(raw.name, NAME),
    ...(state !== undefined && { state }),
    ...("total" in raw && { total: number(raw.total) }),
    ...("late" in raw && { late: number(raw.late) }),
    ...("missed" in raw && { missed: number(raw.missed) }),
    ...("stability" in raw && { stability: numberOrNull(raw.stability) }),
    ...("interval" in raw && { intervalS: numberOrNull(raw.interval) }),
    ...("grace" in raw && { graceS: numberOrNull(raw.grace) }),
    ...("last_beat" in raw && { lastBeatS: numberOrNull(raw.last_beat) }),
    ...("deadline" in raw && { deadlineS: numberOrNull(raw.deadline) }),
    ...("rtt" in raw && { rttMs: numberOrNull(raw.rtt) }),
    ...("bar" in raw && { bar: text(raw.bar, BAR) }),
    ...("paused_until" in raw && { pausedUntilS: numberOrNull(raw.paused_until) }),
    ...(Array.isArray(raw.addresses) && { address: textOrNull(raw.addresses[0], NAME) }),
    ...("worst" in raw && { worst: textOrNull(raw.worst, NAME) }),
    ...("cron" in raw && { cron: textOrNull(raw.cron, NAME) }),
    ...("report" in raw && { failure: failureOf(raw.report) }),
  };
}

function failureOf(report: unknown): string | null {
  if (!isRecord(report) || !isRecord(report.failure)) return null;
  return text(report.failure.text, TEXT);
}

function beatOf(raw: Raw): BeatNews {
  return {
    seq: number(raw.seq),
    timeS: number(raw.timestamp),
    host: text(raw.host, NAME),
    from: text(raw.source_ip, NAME),
    late: raw.late === true,
    payload: text(raw.message, TEXT),
  };
}

function alertOf(raw: Raw): AlertNews {
  return {
    id: text(raw.id, NAME),
    kind: text(raw.kind, NAME),
    host: text(raw.host, NAME),
    level: text(raw.level, NAME),
    text: text(raw.text, TEXT),
    stale: raw.stale === true,
    sinceS: number(raw.since),
    endedS: numberOrNull(raw.ended),
  };
}

function summaryOf(value: unknown): Summary {
  const raw = isRecord(value) ? value : {};
  const states = isRecord(raw.states) ? raw.states : {};
  return {
    hosts: number(raw.hosts),
    states: {
      new: number(states.new),
      up: number(states.up),
      down: number(states.down),
      shutdown: number(states.shutdown),
      paused: number(states.paused),
    },
    beatsPerS: numberOrNull(raw.beats_per_s),
    problems: records(raw.problems).slice(0, PROBLEMS).map(({ part, message }) =>
      `${text(part, NAME)}: ${text(message, TEXT)}`
    ),
  };
}

function records(value: unknown): readonly Raw[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
