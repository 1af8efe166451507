/**
 * What the server sends, over the API and the WebSocket: see docs/API.md. Names are the wire's own
 * (snake_case), times epoch seconds, durations seconds, null what is not known.
 */

export type State = "up" | "down" | "new" | "shutdown" | "paused";

export type Level = "CRITICAL" | "WARNING" | "UNKNOWN";

export type AlertCounts = Readonly<Record<Level | "stale", number>>;

/** An address that a host was heard from. */
export interface Connection {
  readonly address: string;
  readonly family: 4 | 6;
  readonly last: number | null;
  readonly rtt: number | null;
}

/** A run of a host's job that goes on. */
export interface Run {
  /** Empty: it has no id. */
  readonly run: string;
  readonly started: number;
  /** It takes too long. */
  readonly overdue: boolean;
}

/** What a host reports beside being alive. */
export interface Report {
  /** What its client speaks, where that is the language of another server. */
  readonly dialect: string | null;
  /** The oldest first. */
  readonly runs: readonly Run[];
  /** The run that ended last. */
  readonly last: {
    readonly run: string;
    /** Null: nobody said when it began. */
    readonly started: number | null;
    readonly ended: number;
    readonly duration_s: number | null;
    readonly ok: boolean;
  } | null;
  /** Why it is down though it speaks. */
  readonly failure: {
    readonly since: number;
    /** It said so, or a run takes too long. */
    readonly cause: "failure" | "overrun";
    readonly text: string;
  } | null;
}

export interface Host {
  readonly name: string;
  readonly state: State;
  readonly paused_until?: number | null;
  readonly total: number;
  readonly late: number;
  readonly missed: number;
  /** Percent. */
  readonly stability: number | null;
  readonly interval: number | null;
  readonly grace: number | null;
  readonly last_beat: number | null;
  readonly deadline: number | null;
  readonly addresses: readonly string[];
  readonly reported_ip: string | null;
  /** Milliseconds. */
  readonly rtt: number | null;
  /** Percent. */
  readonly loss: number | null;
  readonly lost: number;
  readonly duplicates: number;
  readonly reordered: number;
  readonly reboots: number;
  readonly booted: number | null;
  readonly clock_skew: number | null;
  readonly version: string | null;
  /** The last 60 intervals, the oldest first: `o`n time, `l`ate, `m`issed, server `d`eaf. */
  readonly bar: string;
  /** The last round trips, milliseconds, the oldest first. */
  readonly rtts: readonly number[];
  readonly owner: string | null;
  readonly group: string | null;
  readonly alerts: AlertCounts | null;
  readonly worst: Level | null;
  readonly dyn: boolean;
  /** Null: it only beats, in our own way. */
  readonly report: Report | null;
  /** The calendar by which it beats, as cron has it; null: at intervals. */
  readonly cron: string | null;
  readonly connections: readonly Connection[];
}

/** A host as a beat changes it. */
export type HostChange = Pick<Host, "name"> & Partial<Host>;

export interface Message {
  readonly seq: number;
  readonly timestamp: number;
  readonly host: string;
  readonly source_ip: string;
  readonly transport: string;
  readonly late: boolean;
  /** The payload, as text, perhaps cut. */
  readonly message: unknown;
}

export interface Alert {
  readonly id: string;
  readonly kind: "down" | "metric" | "incident" | "flapping" | "server";
  readonly host: string;
  readonly metric: string | null;
  readonly level: Level | "OK";
  readonly worst: Level | "OK";
  readonly stale: boolean;
  readonly since: number;
  readonly ended: number | null;
  readonly text: string;
  readonly evidence: Readonly<Record<string, unknown>> & { readonly kind: string };
  readonly told: {
    readonly level: string;
    readonly time: number;
    readonly channels: readonly string[];
  } | null;
  readonly ack: {
    readonly time: number;
    readonly until: number | null;
    readonly note: string;
  } | null;
  readonly paused: boolean;
}

export interface Problem {
  readonly part: string;
  readonly message: string;
}

export interface Summary {
  readonly hosts: number;
  readonly states: Readonly<Record<State, number>>;
  readonly alerts: AlertCounts;
  /** Null for a moment after the first has connected. */
  readonly beats_per_s: number | null;
  readonly problems: readonly Problem[];
  readonly stability: number | null;
}

/** Who is asking, as `GET /api/0/users/me` has it. */
export interface Me {
  readonly user: string | null;
  readonly full_name: string | null;
  readonly admin: boolean;
  readonly via: string;
  /** Whether anything may be changed at all. */
  readonly may_change: boolean;
  readonly users_configured: boolean;
}

/** What comes over the WebSocket. */
export type Push =
  | {
    readonly type: "hosts";
    readonly time: number;
    readonly server: { readonly name: string; readonly version: string };
    readonly total: number;
    readonly truncated: boolean;
    /** More of the hosts follow, in messages of type `host`. */
    readonly more?: boolean;
    readonly hosts: readonly Host[];
    readonly messages: readonly Message[];
    readonly alerts: readonly Alert[];
    readonly summary: Summary;
  }
  | {
    readonly type: "host";
    readonly time: number;
    readonly hosts: readonly HostChange[];
    readonly gone?: readonly string[];
    /** Of those that a snapshot is made of: whether this was the last. */
    readonly complete?: boolean;
  }
  | { readonly type: "message"; readonly messages: readonly Message[]; readonly skipped?: number }
  | { readonly type: "alert"; readonly alerts: readonly Alert[] }
  | { readonly type: "summary"; readonly summary: Summary }
  | { readonly type: "pong" };
