/**
 * The alerts of a time, gathered from what the journal or a monitor says of them, and which of two
 * such lists are the same: about the same thing, at the same time. Whether hosts were told of one by
 * one or as an incident makes no difference.
 */

import type { AlertKind, AlertRecord } from "../monitor/alerts/record.ts";
import type { GroupedEvent } from "../monitor/events.ts";
import type { Level } from "../monitor/level.ts";

/** Alerts kept; more are only counted. */
const MOST = 100_000;

/** Alerts this far apart are still the same, milliseconds: hosts are looked at in steps. */
const APART_MS = 1000;

/** An alert, from its beginning to its end. Times are epoch milliseconds. */
export interface PastAlert {
  readonly id: string;
  readonly kind: Exclude<AlertKind, "server">;
  /** Of an incident: what its hosts have in common. */
  readonly host: string;
  readonly metric: string | null;
  /** The worst that it came to. */
  level: Level;
  readonly sinceMs: number;
  /** When that was noticed. */
  readonly raisedMs: number;
  /** Null: it held to the end. */
  endedMs: number | null;
  /** What held when it began; of an incident, when it had grown last. */
  text: string;
  /** Those that it is about. */
  readonly hosts: Set<string>;
}

export class AlertList {
  readonly #sinceMs: number;
  readonly #alerts = new Map<string, PastAlert>();
  #left = 0;

  /** @param sinceMs alerts that ended before this are not gathered */
  constructor(sinceMs: number) {
    this.#sinceMs = sinceMs;
  }

  /** Alerts that were too many to be kept. */
  get left(): number {
    return this.#left;
  }

  /** A new state of an alert, at `atMs`. */
  take(record: AlertRecord, atMs: number): void {
    const { id, kind, host, metric, worst, endedMs, sinceMs, text } = record;
    if (kind === "server") return;
    const known = this.#alerts.get(id);
    if (known !== undefined) {
      known.level = worst;
      known.endedMs = endedMs;
      // Its first text is a name alone: who belongs to it is known after that.
      if (kind === "incident" && endedMs === null) known.text = text;
    } else if (this.#alerts.size >= MOST) {
      // Its first record comes right after its number, or after what people were told.
      if (endedMs === null && Number(id) >= record.seq - 2) this.#left++;
      return;
    } else {
      const hosts = new Set(kind === "incident" ? [] : [host]);
      const times = { sinceMs, raisedMs: atMs, endedMs };
      this.#alerts.set(id, { id, kind, host, metric, level: worst, ...times, text, hosts });
    }
    if (endedMs !== null && endedMs < this.#sinceMs) this.#alerts.delete(id);
  }

  /** Hosts belong to an incident. */
  group({ incident, hosts }: GroupedEvent): void {
    const known = this.#alerts.get(incident)?.hosts;
    for (const host of hosts) known?.add(host);
  }

  /** In the order in which they were raised. */
  list(): readonly PastAlert[] {
    return [...this.#alerts.values()].sort((a, b) => a.raisedMs - b.raisedMs);
  }
}

/** Those of `ones` for which there is the same among `others`. */
export function common(
  ones: readonly PastAlert[],
  others: readonly PastAlert[],
): ReadonlySet<PastAlert> {
  const bySubject = new Map<string, PastAlert[]>();
  for (const alert of others) {
    for (const subject of subjectsOf(alert)) {
      const list = bySubject.get(subject);
      if (list === undefined) bySubject.set(subject, [alert]);
      else list.push(alert);
    }
  }
  return new Set(
    ones.filter((alert) =>
      subjectsOf(alert).some((subject) =>
        bySubject.get(subject)?.some((other) => overlap(alert, other)) ?? false
      )
    ),
  );
}

function subjectsOf({ kind, host, metric, hosts }: PastAlert): readonly string[] {
  const about = kind === "incident" ? "down" : kind;
  const names = hosts.size === 0 ? [host] : [...hosts];
  return names.map((name) => `${about}\n${name}\n${metric ?? ""}`);
}

function overlap(a: PastAlert, b: PastAlert): boolean {
  return a.sinceMs <= (b.endedMs ?? Infinity) + APART_MS &&
    b.sinceMs <= (a.endedMs ?? Infinity) + APART_MS;
}
