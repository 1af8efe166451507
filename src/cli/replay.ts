/**
 * `hbd replay --at TIME`: the hosts as they were at a past moment, as far as the journal goes back.
 * Reads files and nothing else, so the server may run meanwhile.
 */

import { alertSettings } from "../alert_settings.ts";
import { formatDuration } from "../config/duration.ts";
import { UsageError } from "../config/command_line.ts";
import type { Config } from "../config/config.ts";
import type { HostSnapshot } from "../monitor/snapshot.ts";
import { type PastReport, pastReport, reportParts } from "../replay/past_report.ts";
import { type PastMoment, Rebuilder } from "../replay/rebuilder.ts";
import { printableLine } from "../screen/printable.ts";
import { watchSettings } from "../watch_settings.ts";
import { LocalTime } from "../wire/local_time.ts";
import { findJournal, type FoundJournal, momentOf } from "./journal_files.ts";
import { PLACE_OPTIONS, placesOf, reasonOf } from "./places.ts";
import { printParts, tableOf } from "./table.ts";
import { option, refuseFrom, type Tool, ToolError } from "./tool.ts";

/** So long without anything in the journal is worth a remark, seconds. */
const QUIET_S = 900;

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
      printParts(reportParts(report), out);
      return 0;
    }
    printParts(tableParts(report, atMs), out);
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

/** What the reader of the table must know. */
function remarks({ head }: PastReport): string[] {
  const { at, last_record, known_since, whole, listening, already_there, hosts } = {
    ...head,
    ...head.totals,
  };
  const time = new LocalTime();
  if (known_since === null) return ["The journal knows nothing of that time: it begins later."];
  const texts: string[] = [];
  if (!listening) {
    texts.push("The server did not run or listen at that time: this is what it knew before.");
  }
  const quietS = (at ?? 0) - (last_record ?? 0);
  if (listening && quietS > QUIET_S) {
    const quiet = formatDuration(quietS * 1000);
    texts.push(`The journal has nothing from the ${quiet} before that: did the server run?`);
  }
  if (!whole) {
    texts.push(
      `The journal goes back to ${
        time.spaced(known_since * 1000)
      }: counts begin there, and hosts ` +
        `that said nothing since then are missing.`,
    );
    if (already_there.length > 0 && hosts > 0) {
      texts.push(`There before that for certain: ${already_there.map(printableLine).join(", ")}`);
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
  yield "\n";
  yield* tableOf(HEAD, hosts.map((host) => rowOf(host, atMs)));
}

function rowOf(host: HostSnapshot, atMs: number): readonly string[] {
  const { name, state, total, late, missed, stability, intervalMs, lastBeatMs, addresses } = host;
  return [
    name,
    state,
    lastBeatMs === null ? "-" : `${formatDuration(atMs - lastBeatMs)} ago`,
    intervalMs === null ? "-" : formatDuration(intervalMs),
    String(total),
    String(late),
    String(missed),
    stability === null ? "-" : `${stability} %`,
    addresses[0] ?? "-",
  ];
}
