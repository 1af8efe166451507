/**
 * `hbd replay --at TIME`: the hosts as they were at a past moment, as far as the journal goes back.
 * Reads files and nothing else, so the server may run meanwhile.
 */

import { alertSettings } from "../alert_settings.ts";
import { formatDuration } from "../config/duration.ts";
import { UsageError } from "../config/command_line.ts";
import type { Config } from "../config/config.ts";
import type { HostSnapshot } from "../monitor/snapshot.ts";
import { type PastReport, pastReport } from "../replay/past_report.ts";
import { type PastMoment, Rebuilder } from "../replay/rebuilder.ts";
import { watchSettings } from "../watch_settings.ts";
import { LocalTime } from "../wire/local_time.ts";
import { findJournal, type FoundJournal, momentOf } from "./journal_files.ts";
import { PLACE_OPTIONS, placesOf, reasonOf } from "./places.ts";
import { option, refuseFrom, type Tool, ToolError } from "./tool.ts";

/** Text printed in one go, UTF-16 code units. */
const PART = 32 * 1024;

/** Width of a name in the table, beyond which it is cut. */
const NAME_WIDTH = 40;

export const replayTool: Tool = {
  name: "replay",
  usage: [["replay --at TIME [-c FILE]", "show the hosts as they were then"]],
  options: new Map([
    ...PLACE_OPTIONS,
    option("--at", "TIME"),
    option("--json"),
  ]),
  optionHelp: [
    ["--at TIME", '2026-11-01T22:00, a date, seconds since 1970, or how long ago: "2h"'],
    ["--json", "print JSON, hosts as the API has them"],
  ],
  async run(line, { out, note }) {
    refuseFrom(line.words, 0);
    const nowMs = Date.now();
    const atMs = momentOf(line, "--at", nowMs);
    if (atMs === null) throw new UsageError("replay needs a time: hbd replay --at TIME");
    if (atMs > nowMs) throw new UsageError("--at must be in the past");
    const places = await placesOf(line);
    const { config } = places;
    const moment = await rebuilt(await findJournal(places), config, atMs);
    const report = pastReport(moment, { atMs, config, maySee: () => true, limit: Infinity });
    if (line.given.has("--json")) {
      print(jsonParts(report), out);
      return 0;
    }
    print(tableParts(report, atMs), out);
    for (const text of remarks(report)) note(`${text}\n`);
    return 0;
  },
};

async function rebuilt(
  journal: FoundJournal,
  config: Config,
  atMs: number,
): Promise<PastMoment> {
  const settings = {
    ...watchSettings(config),
    alerts: alertSettings(config, Deno.hostname()),
  };
  try {
    // One moment is asked for: there is no going back.
    return await new Rebuilder(journal, settings, Infinity).at(atMs);
  } catch (error) {
    throw new ToolError(`The journal in ${journal.dir} cannot be read: ${reasonOf(error)}`);
  }
}

function* jsonParts({ head, hosts, text }: PastReport): Iterable<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"hosts":[`;
  for (const [n, host] of hosts.entries()) yield `${n === 0 ? "" : ","}\n${text(host)}`;
  yield "]}\n";
}

/** What the reader of the table must know. */
function remarks({ head }: PastReport): string[] {
  const { known_since, whole, listening, already_there, hosts } = { ...head, ...head.totals };
  const time = new LocalTime();
  if (known_since === null) return ["The journal knows nothing of that time: it begins later."];
  const texts: string[] = [];
  if (!listening) {
    texts.push("The server did not run or listen at that time: this is what it knew before.");
  }
  if (!whole) {
    texts.push(
      `The journal goes back to ${
        time.spaced(known_since * 1000)
      }: counts begin there, and hosts ` +
        `that said nothing since then are missing.`,
    );
    if (already_there.length > 0 && hosts > 0) {
      texts.push(`There before that for certain: ${already_there.map(printable).join(", ")}`);
    }
  }
  return texts;
}

const HEAD = [
  "HOST",
  "STATE",
  "LAST BEAT",
  "EVERY",
  "BEATS",
  "LATE",
  "MISSED",
  "STABLE",
  "ADDRESS",
];

function* tableParts({ head, hosts }: PastReport, atMs: number): Iterable<string> {
  const { totals } = head;
  const all = `${totals.hosts} host${totals.hosts === 1 ? "" : "s"}`;
  yield `State at ${new LocalTime().spaced(atMs)}: ${all}, ${totals.down} down\n`;
  if (hosts.length === 0) return;
  const widths = HEAD.map((title) => title.length);
  for (const host of hosts) {
    for (const [n, cell] of rowOf(host, atMs).entries()) {
      widths[n] = Math.max(widths[n] ?? 0, cell.length);
    }
  }
  yield "\n";
  yield lineOf(HEAD, widths);
  for (const host of hosts) yield lineOf(rowOf(host, atMs), widths);
}

function rowOf(host: HostSnapshot, atMs: number): readonly string[] {
  const { name, state, total, late, missed, stability, intervalMs, lastBeatMs, addresses } = host;
  const shown = printable(name);
  return [
    shown.length > NAME_WIDTH ? `${shown.slice(0, NAME_WIDTH - 1)}…` : shown,
    state,
    lastBeatMs === null ? "-" : `${formatDuration(atMs - lastBeatMs)} ago`,
    intervalMs === null ? "-" : formatDuration(intervalMs),
    String(total),
    String(late),
    String(missed),
    stability === null ? "-" : `${stability} %`,
    printable(addresses[0] ?? "-"),
  ];
}

function lineOf(cells: readonly string[], widths: readonly number[]): string {
  return `${cells.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join("  ").trimEnd()}\n`;
}

/** Names come from outside: they must not steer a terminal. */
function printable(text: string): string {
  // deno-lint-ignore no-control-regex -- these are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "\u{FFFD}");
}

function print(parts: Iterable<string>, out: (text: string) => void): void {
  let waiting = "";
  for (const part of parts) {
    waiting += part;
    if (waiting.length < PART) continue;
    out(waiting);
    waiting = "";
  }
  out(waiting);
}
