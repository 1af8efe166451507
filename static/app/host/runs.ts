/** The runs of a host's job, and why it is down though it speaks, in words. Pure. */

import type { Report } from "../types.ts";

/** Ids longer than this are shown by their beginning. */
const LONGEST_ID = 16;

/** Languages of other servers, as people know them. */
const DIALECTS: Readonly<Record<string, string>> = {
  alertmanager: "Alertmanager's webhook",
  cronitor: "Cronitor telemetry",
  healthchecks: "Healthchecks.io pings",
  hilbert: "Hilbert heartbeat",
  nrdp: "Nagios passive checks (NRDP)",
  uptime_kuma: "Uptime Kuma push",
};

/** What a client speaks; one that is not known by its own name. */
export function dialectWord(dialect: string): string {
  return DIALECTS[dialect] ?? dialect;
}

/** True when a host has told of a run. */
export function hasRuns(report: Report | null): report is Report {
  return report !== null && (report.runs.length > 0 || report.last !== null);
}

/** Why a host is down though it speaks, in pieces: between `what` and `why` stands how long ago. */
export interface FailureWords {
  readonly what: string;
  /** Epoch seconds: the failure, or the begin of the run that does not end. */
  readonly at: number;
  /** Stands before `why`. */
  readonly joint: ": " | ", ";
  /** Empty: nothing is said. */
  readonly why: string;
}

/** `Reported a failure` … `exit code 3`; null: it is not down for a reason of its own. */
export function failureWords(report: Report | null): FailureWords | null {
  const failure = report?.failure ?? null;
  if (failure === null) return null;
  const { since, cause, text } = failure;
  const overdue = report?.runs.find((run) => run.overdue);
  if (overdue !== undefined && cause === "overrun") {
    const [, why = ""] = /\((.+ allowed)\)$/.exec(text) ?? [];
    return { what: "A run takes too long: it began", at: overdue.started, joint: ", ", why };
  }
  const [, begin = text, why = ""] = /^(reported a failure): (.*)$/s.exec(text) ?? [];
  return { what: begin.slice(0, 1).toUpperCase() + begin.slice(1), at: since, joint: ": ", why };
}

/** `3f2a9c1e…` of a long id; empty where there is none. */
export function runWord(run: string): string {
  return run.length > LONGEST_ID ? `${run.slice(0, 8)}…` : run;
}

/** Changes when something is reported that the page must ask for anew. */
export function reportMark(report: Report | null): string {
  if (report === null) return "";
  const { runs, last, failure } = report;
  return [runs.length, runs.at(-1)?.started, last?.ended, failure?.since].join(" ");
}

/** A message, as the API lists it, as far as its body is looked for. */
export interface SaidMessage {
  readonly seq: number;
  /** Epoch seconds. */
  readonly timestamp: number;
  readonly message: unknown;
}

/** What a job has printed, as its newest message that had any of it says. */
export interface KeptBody {
  /** Epoch seconds. */
  readonly time: number;
  /** What it came with: `success`, `fail`, `exit code 3` …; empty: not known. */
  readonly signal: string;
  readonly text: string;
}

/** The body of the newest of `messages` (the newest first) that has one, or null. */
export function keptBody(messages: readonly SaidMessage[]): KeptBody | null {
  for (const { timestamp, message } of messages) {
    if (typeof message !== "object" || message === null) continue;
    const { body, signal, exit } = message as Readonly<Record<string, unknown>>;
    if (typeof body !== "string" || body.trim() === "") continue;
    const word = typeof signal === "string" ? signal : "";
    return {
      time: timestamp,
      signal: typeof exit === "number" ? `exit code ${exit}` : word,
      text: body,
    };
  }
  return null;
}
