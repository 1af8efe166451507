/**
 * An alert: a condition that holds now, with all that is needed to answer "why did this fire". It
 * is kept, journaled and shown in this form; every change makes a new record.
 *
 *   {"id":"812","kind":"metric","host":"web1","metric":"cpu_monitor.cpu_percent","level":"WARNING",
 *    "worst":"WARNING","isStale":false,"sinceMs":…,"endedMs":null,
 *    "text":"web1 - cpu_monitor.cpu_percent = 85.0","evidence":{"kind":"reading",…},
 *    "told":{"level":"WARNING","atMs":…,"channels":["ops_mail"]},"ack":null,"seq":813}
 */

import type { Level } from "../level.ts";

/**
 * - `down`: a host is silent, or says that it is down
 * - `metric`: a value is over its threshold
 * - `incident`: many hosts fell silent together
 * - `flapping`: a host or metric changes all the time
 * - `server`: something is wrong with this server itself
 */
export type AlertKind = "down" | "metric" | "incident" | "flapping" | "server";

/** Why a host counts as silent. Times are epoch milliseconds, durations milliseconds. */
export interface SilenceEvidence {
  readonly kind: "silence";
  /** Null: it never beat. */
  readonly lastBeatMs: number | null;
  readonly intervalMs: number | null;
  readonly graceMs: number | null;
  readonly deadlineMs: number | null;
  /** It beats by a calendar: when the beat was due. Not given: it beats at intervals. */
  readonly dueMs?: number;
  /** When the watchdog looked. */
  readonly lookedMs: number;
  /** What counts of the silence: time in which the server listened. */
  readonly silenceMs: number;
  /** What does not: the server was deaf, or the host paused. */
  readonly excludedMs: number;
  readonly missed: number;
  readonly address: string;
  /** The last gaps between its beats, the oldest first. */
  readonly gapsMs: readonly number[];
}

/** Why a metric counts as over its threshold. */
export interface ReadingEvidence {
  readonly kind: "reading";
  readonly value: number;
  readonly threshold: number | null;
  readonly operator: string;
  /** The last values with their times, the oldest first. */
  readonly values: readonly { readonly atMs: number; readonly value: number }[];
  /** Without a new value for this long it turns stale. */
  readonly staleAfterMs: number;
}

/** What a host says of itself, or how long its job takes: it is down though it speaks. */
export interface ReportEvidence {
  readonly kind: "report";
  /** It said so, or a run of its job takes too long. */
  readonly cause: "failure" | "overrun";
  readonly text: string;
  readonly atMs: number;
}

/** What the server says of itself. */
export interface TroubleEvidence {
  readonly kind: "trouble";
  readonly message: string;
}

export interface FlappingEvidence {
  readonly kind: "flapping";
  /** When it changed within the last hour, the oldest first. */
  readonly changesMs: readonly number[];
}

/** Why hosts count as one incident. */
export interface IncidentEvidence {
  readonly kind: "incident";
  readonly cause: "many" | "address" | "group";
  /** The address or group; empty where they have none in common. */
  readonly place: string;
  /** When it was decided. */
  readonly lookedMs: number;
  /** Those that were silent and those that did beat since the first of them should have. */
  readonly silent: number;
  readonly beating: number;
  readonly windowMs: number;
  /** Hosts that belong or belonged to it. */
  readonly total: number;
  /** Those that are still down. */
  readonly down: number;
  /** Those that were down when people were last told. Missing in older records. */
  readonly toldDown?: number;
  /** The first of them. */
  readonly hosts: readonly string[];
}

export type Evidence =
  | SilenceEvidence
  | ReportEvidence
  | ReadingEvidence
  | TroubleEvidence
  | FlappingEvidence
  | IncidentEvidence;

export interface AlertRecord {
  /** Number of the event with which it began. */
  readonly id: string;
  readonly kind: AlertKind;
  /** Of an incident: what its hosts have in common. */
  readonly host: string;
  /** Path of the metric; null when the host itself is meant. */
  readonly metric: string | null;
  /** OK once it has ended. */
  readonly level: Level;
  /** The worst it came to. */
  readonly worst: Level;
  /** Its metric does not arrive any more: whether it still holds, nobody knows. */
  readonly isStale: boolean;
  readonly sinceMs: number;
  readonly endedMs: number | null;
  /** What holds, in one line without the level. */
  readonly text: string;
  readonly evidence: Evidence;
  /** What people were told: the worst level, when last, and by which channels; null: nothing. */
  readonly told: {
    readonly level: Level;
    readonly atMs: number;
    readonly channels: readonly string[];
  } | null;
  /** Somebody looks after it: no reminders until then; null: for as long as it lasts. */
  readonly ack: {
    readonly atMs: number;
    readonly untilMs: number | null;
    readonly note: string;
  } | null;
  /** Number of its last change. */
  readonly seq: number;
}

/** True for an alert about a host that beats; not of incidents and of the server itself. */
export function isOfHost({ kind }: Pick<AlertRecord, "kind">): boolean {
  return kind === "down" || kind === "metric" || kind === "flapping";
}
