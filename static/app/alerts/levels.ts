/** Alerts as they are counted, filtered and put in order. Pure. */

import type { Alert } from "../types.ts";

/** As alerts are counted: what is stale counts apart. The worst first. */
export const SHOWN_LEVELS = ["CRITICAL", "WARNING", "UNKNOWN", "stale"] as const;
export type ShownLevel = (typeof SHOWN_LEVELS)[number];

export const KINDS = ["down", "metric", "incident", "flapping", "server"] as const;

/** Words for a kind. */
export const KIND_WORDS: Readonly<Record<Alert["kind"], string>> = {
  down: "Host down",
  metric: "Metric",
  incident: "Incident",
  flapping: "Flapping",
  server: "Server",
};

/** What an alert is about; of hosts that are down, how that is known. */
export function kindWord({ kind, evidence }: Pick<Alert, "kind" | "evidence">): string {
  if (kind === "down" && evidence.kind === "silence") return "Silent host";
  if (kind !== "down" || evidence.kind !== "report") return KIND_WORDS[kind];
  return evidence.cause === "overrun" ? "Unfinished run" : "Reported failure";
}

/** What is asked for; an empty text asks for nothing. */
export interface AlertFilter {
  readonly level: string;
  readonly kind: string;
  readonly host: string;
  /** Part of what is written of an alert, in any case of letters. */
  readonly text: string;
}

/** What an alert counts as; of one that has ended, the worst that it came to. */
export function shownLevel({ level, worst, stale, ended }: Alert): ShownLevel {
  const one = ended !== null ? worst : stale ? "stale" : level;
  return one === "OK" ? "UNKNOWN" : one;
}

/** Those of `alerts` that fit, the worst first, then the newest; ended ones by their end. */
export function fitting(alerts: Iterable<Alert>, filter: AlertFilter): readonly Alert[] {
  const rank = (alert: Alert) => SHOWN_LEVELS.indexOf(shownLevel(alert));
  return [...alerts]
    .filter((alert) => fits(alert, filter))
    .sort((a, b) =>
      a.ended !== null && b.ended !== null
        ? b.ended - a.ended
        : rank(a) - rank(b) || b.since - a.since || Number(b.id) - Number(a.id)
    );
}

/** Whether `alert` is what is asked for. */
export function fits(alert: Alert, { level, kind, host, text }: AlertFilter): boolean {
  if (level !== "" && shownLevel(alert) !== level) return false;
  if (kind !== "" && alert.kind !== kind) return false;
  if (host !== "" && !concerns(alert, host)) return false;
  if (text === "") return true;
  const words = `${alert.host} ${alert.metric ?? ""} ${alert.text} ${alert.ack?.note ?? ""}`;
  return words.toLowerCase().includes(text.toLowerCase());
}

/** Whether `alert` is of `host`, or of an incident that it belongs to, as far as that is told. */
export function concerns({ host, evidence }: Alert, name: string): boolean {
  return host === name ||
    evidence.kind === "incident" && Array.isArray(evidence.hosts) && evidence.hosts.includes(name);
}

/** How many of `alerts` there are of each level, whatever level is asked for. */
export function countLevels(
  alerts: Iterable<Alert>,
  filter: AlertFilter,
): Readonly<Record<ShownLevel, number>> {
  const counts = { CRITICAL: 0, WARNING: 0, UNKNOWN: 0, stale: 0 };
  for (const alert of alerts) {
    if (fits(alert, { ...filter, level: "" })) counts[shownLevel(alert)]++;
  }
  return counts;
}

/**
 * What is told of an alert, without the host that it begins with: where that stands already. Of a
 * failure that is over it is the failure: that the host is well again is known by its end.
 */
export function alertWords({ text, host, ended, evidence }: Alert): string {
  if (ended !== null && evidence.kind === "report" && typeof evidence.text === "string") {
    return evidence.text;
  }
  return text.startsWith(`${host} - `) ? text.slice(host.length + 3) : text;
}
