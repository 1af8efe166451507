/**
 * Judges the parts of the server that tell how they fare: what health reports, the channels to
 * people, and updates of the DNS. Nothing here holds state; `losses.ts` judges counters, and
 * `disk.ts` free space.
 */

import { duration } from "../monitor/alerts/texts.ts";
import type { Level } from "../monitor/level.ts";
import { counted, listed, type Verdict } from "./verdict.ts";

/** How bad it is when a part fails. */
const PROBLEMS: ReadonlyMap<string, Level> = new Map([
  // An acknowledged beat might be lost, or none arrives.
  ["journal", "CRITICAL"],
  ["store", "CRITICAL"],
  ["udp", "CRITICAL"],
  ["beat_log", "WARNING"],
  ["logfile", "WARNING"],
]);

/** Of a part that this version does not know. */
const OTHER_PROBLEM: Level = "WARNING";

/** Undelivered for so long, milliseconds. */
const UNDELIVERED_WARNING_MS = 300_000;
const UNDELIVERED_CRITICAL_MS = 3_600_000;

/** A part that does not work, as `Health` has it. */
export interface PartProblem {
  readonly part: string;
  readonly message: string;
}

/** What counts of a channel's status here. */
export interface ChannelFigures {
  readonly name: string;
  readonly isConfigured: boolean;
  readonly waiting: number;
  /** Epoch milliseconds; null when nothing waits. */
  readonly oldestMs: number | null;
  readonly givenUp: number;
  readonly dropped: number;
  /** Null when the last try worked. */
  readonly failingSinceMs: number | null;
  readonly lastError: string | null;
}

/** A name whose updates fail. */
export interface FailingName {
  readonly name: string;
  readonly error: string;
}

/** The parts that report their own problems: those known by name, and whatever else has one. */
export function judgeProblems(problems: readonly PartProblem[]): readonly Verdict[] {
  const messages = new Map(problems.map(({ part, message }) => [part, message]));
  const parts = new Set([...PROBLEMS.keys(), ...messages.keys()]);
  return [...parts].map((part) => {
    const message = messages.get(part);
    return message === undefined
      ? { part, level: "OK", message: "" }
      : { part, level: PROBLEMS.get(part) ?? OTHER_PROBLEM, message };
  });
}

/** What has not reached people for too long. `nowMs`: epoch milliseconds. */
export function judgeNotifications(
  channels: readonly ChannelFigures[],
  nowMs: number,
): Verdict {
  const late = channels
    .map((channel) => ({ channel, ageMs: nowMs - (channel.oldestMs ?? nowMs) }))
    .filter(({ channel, ageMs }) => channel.waiting > 0 && ageMs >= UNDELIVERED_WARNING_MS)
    .sort((a, b) => b.ageMs - a.ageMs);
  const [oldest] = late;
  const part = "notifications";
  if (oldest === undefined) return { part, level: "OK", message: "" };
  const told = late.map(({ channel, ageMs }) => {
    const { name, waiting, isConfigured, failingSinceMs } = channel;
    const why = isConfigured
      ? errorText(failingSinceMs === null ? null : channel.lastError)
      : " (the channel is not configured any more)";
    return `${name}: ${waiting} undelivered, the oldest for ${duration(ageMs)}${why}`;
  });
  const level = oldest.ageMs >= UNDELIVERED_CRITICAL_MS ? "CRITICAL" : "WARNING";
  return { part, level, message: listed(told) };
}

/** Names whose addresses do not get into the DNS. */
export function judgeDns(failing: readonly FailingName[]): Verdict {
  const part = "dns";
  if (failing.length === 0) return { part, level: "OK", message: "" };
  const names = failing.map(({ name, error }) => `${name}: ${error}`);
  const message = `updates of ${counted(failing.length, "name")} fail: ${listed(names)}`;
  return { part, level: "WARNING", message };
}

/** ` (last error: …)`; nothing where there is none. */
export function errorText(error: string | null): string {
  return error === null ? "" : ` (last error: ${error})`;
}
