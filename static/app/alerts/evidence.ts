/**
 * Why an alert fired, in plain words with its numbers. Pure. What the evidence holds is described
 * in docs/API.md; what is missing in it (an older server) is left out of the words.
 */

import { amount, clockTime, duration as wholeDuration, plural } from "../format.ts";
import type { Alert } from "../types.ts";

export interface Explanation {
  /** The reason, in full sentences. */
  readonly sentences: readonly string[];
  /** Figures that belong to it, by name. */
  readonly figures: readonly (readonly [name: string, value: string])[];
  /** The last values of a metric, the oldest first; epoch seconds. */
  readonly values: readonly { readonly time: number; readonly value: number }[];
  /** The threshold that they are judged by; null: none. */
  readonly threshold: number | null;
  /** Hosts of an incident. */
  readonly hosts: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

const OPERATORS: Readonly<Record<string, string>> = {
  ">": "over",
  ">=": "at least",
  "<": "under",
  "<=": "at most",
  "==": "equal to",
  "!=": "other than",
};

const NAGIOS = ["OK", "WARNING", "CRITICAL", "UNKNOWN"] as const;

/** Explains `alert`. `nowS`: times of today are told without their date. */
export function explain(alert: Alert, nowS: number): Explanation {
  const { evidence } = alert;
  switch (evidence.kind) {
    case "silence":
      return silence(evidence, nowS);
    case "reading":
      return reading(alert, evidence, nowS);
    case "incident":
      return incident(evidence, nowS);
    case "flapping":
      return flapping(alert, evidence, nowS);
    case "report":
      return report(evidence, nowS);
    case "trouble":
      return plain([`The server says of itself: ${text(evidence.message)}`]);
    default:
      return plain([`The server gives a reason that this page does not know (${evidence.kind}).`]);
  }
}

function silence(evidence: Fields, nowS: number): Explanation {
  const at = (value: unknown) => clock(value, nowS);
  const [interval, grace] = [number(evidence.interval), number(evidence.grace)];
  const [quiet, excluded] = [number(evidence.silence), number(evidence.excluded)];
  const address = text(evidence.address);
  const [last, due] = [number(evidence.last_beat), number(evidence.due)];
  const gaps = numbers(evidence.gaps);
  const sentences = [
    last === null
      ? "It has never beaten."
      : `Its last heartbeat came at ${at(last)}${address === "" ? "" : ` from ${address}`}.`,
    interval === null
      ? ""
      : due !== null
      ? `One was due at ${at(due)}, and ${
        duration(grace ?? 0)
      } of grace allowed: the deadline was ` +
        `${at(evidence.deadline)}.`
      : `One was expected every ${duration(interval)}, and ${duration(grace ?? 0)} of grace ` +
        `allowed: the deadline was ${at(evidence.deadline)}.`,
    `When the watchdog looked, at ${at(evidence.looked)}, ${
      quiet === null ? "it was over" : `it had been silent for ${duration(quiet)}`
    }.`,
    excluded !== null && excluded > 0
      ? `${duration(excluded)} more do not count: the server was not listening, or the host paused.`
      : "",
  ];
  return {
    ...plain(sentences),
    figures: [
      ["Missed by then", amount(number(evidence.missed) ?? 0)],
      ...gaps.length === 0 ? [] : [
        ["Last gaps between beats", gaps.map((gap) => duration(gap)).join(", ")] as const,
      ],
    ],
  };
}

function report(evidence: Fields, nowS: number): Explanation {
  const said = text(evidence.text);
  const at = clock(evidence.at, nowS);
  return plain(
    evidence.cause === "overrun"
      ? [
        `When the watchdog looked, at ${at}, it found that ${said}.`,
        "It is down until a run ends well.",
      ]
      : [
        `At ${at} it ${said}.`,
        "It is down until it says that all is well, whatever else it sends.",
      ],
  );
}

function reading({ metric, stale }: Alert, evidence: Fields, nowS: number): Explanation {
  const [value, threshold] = [number(evidence.value), number(evidence.threshold)];
  const operator = text(evidence.operator);
  const values = (Array.isArray(evidence.values) ? evidence.values : [])
    .filter((one): one is { time: number; value: number } =>
      typeof one?.time === "number" && typeof one.value === "number"
    );
  const staleAfter = number(evidence.stale_after);
  const last = values.at(-1);
  const sentences = [
    operator === "nagios"
      ? `The check ${metric ?? ""} ended with ${value} (${NAGIOS[value ?? 3] ?? "UNKNOWN"}).`
      : `${metric ?? "The metric"} is ${exact(value)}. ` +
        (threshold === null
          ? ""
          : `That is ${OPERATORS[operator] ?? operator} its threshold of ${exact(threshold)}.`),
    stale
      ? `No value has come${
        last === undefined ? "" : ` since ${clockTime(last.time, nowS)}`
      }, so whether it still holds, nobody knows.`
      : staleAfter === null
      ? ""
      : `Without a new value for ${duration(staleAfter)} it turns stale.`,
  ];
  return { ...plain(sentences), values, threshold };
}

function incident(evidence: Fields, nowS: number): Explanation {
  const [silent, beating] = [number(evidence.silent), number(evidence.beating)];
  const [total, down] = [number(evidence.total), number(evidence.down)];
  const cause = {
    many: "Many hosts fell silent together, more than chance explains.",
    address: "All hosts behind one address fell silent together.",
    group: "All hosts of one group fell silent together.",
  }[text(evidence.cause)] ?? "Hosts fell silent together.";
  const window = number(evidence.window);
  return {
    ...plain([
      cause,
      // Who may not see all hosts is not told how many there are.
      silent === null || beating === null
        ? "These hosts of yours are among them:"
        : `At ${clock(evidence.looked, nowS)}, of ${
          plural(silent + beating, "host")
        } that should ` +
          `have beaten${window === null ? "" : ` in the last ${duration(window)}`}, ` +
          `${silent} were silent and ${beating} beat.`,
      "One cause, one message: these hosts are not told of one by one.",
    ]),
    figures: [
      ...(total === null ? [] : [["Hosts in all", amount(total)] as const]),
      ...(down === null ? [] : [["Down now", amount(down)] as const]),
    ],
    hosts: Array.isArray(evidence.hosts)
      ? evidence.hosts.filter((host) => typeof host === "string")
      : [],
  };
}

function flapping({ metric }: Alert, evidence: Fields, nowS: number): Explanation {
  const changes = numbers(evidence.changes);
  return {
    ...plain([
      `${metric ?? "The host"} changed ${
        plural(changes.length, "time")
      } within an hour. Further changes are told when it settles.`,
    ]),
    figures: changes.length === 0
      ? []
      : [["Changes", changes.map((change) => clockTime(change, nowS)).join(", ")]],
  };
}

function plain(sentences: readonly string[]): Explanation {
  return {
    sentences: sentences.filter((one) => one !== ""),
    figures: [],
    values: [],
    threshold: null,
    hosts: [],
  };
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function numbers(value: unknown): readonly number[] {
  return Array.isArray(value) ? value.filter((one) => number(one) !== null) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function clock(value: unknown, nowS: number): string {
  const time = number(value);
  return time === null ? "an unknown time" : clockTime(time, nowS);
}

/** A value as it is judged: not rounded, beyond the noise of its last digits. */
function exact(value: number | null): string {
  return value === null ? "not known" : String(Number(value.toPrecision(10)));
}

/** With a tenth of a second below a minute: a silence of 36.2 s is over a deadline of 36 s. */
function duration(seconds: number): string {
  if (seconds >= 60) return wholeDuration(seconds);
  return `${Math.round(seconds * 10) / 10} s`;
}
