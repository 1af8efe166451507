/**
 * `hbd whatif -c FILE`: which alerts that configuration would have raised on the past that the
 * journal holds, beside those that there really were. Reads files and nothing else, so the server
 * may run meanwhile.
 */

import { alertSettings } from "../alert_settings.ts";
import { UsageError } from "../config/command_line.ts";
import { formatDuration } from "../config/duration.ts";
import { type ComparedAlert, type ComparedHost, type WhatIf, whatIf } from "../replay/what_if.ts";
import { printableLine } from "../screen/printable.ts";
import { watchSettings } from "../watch_settings.ts";
import { seconds } from "../web/seconds.ts";
import { LocalTime } from "../wire/local_time.ts";
import { findJournal, momentOf } from "./journal_files.ts";
import { PLACE_OPTIONS, placesOf, reasonOf } from "./places.ts";
import { printParts, tableOf } from "./table.ts";
import { option, refuseFrom, type Tool, ToolError } from "./tool.ts";

/** How far back it is looked where nobody says. */
const SINCE_MS = 30 * 86_400_000;

const SIGNS = { new: "+", same: "=", gone: "-" } as const;

const MEANING = "+ would have been new   = was, too   - would not have been\n";

export const whatifTool: Tool = {
  name: "whatif",
  usage: [["whatif -c FILE [--since TIME]", "which alerts that configuration would have raised"]],
  options: new Map([
    ...PLACE_OPTIONS,
    option("--since", "TIME"),
    option("--until", "TIME"),
    option("--json"),
  ]),
  optionHelp: [
    ["--since TIME", "from when on (default: 30d, thirty days ago)"],
    ["--until TIME", "until when (default: now)"],
    ["--json", "print JSON"],
  ],
  async run(line, { out, note }) {
    refuseFrom(line.words, 0);
    if (!line.given.has("--config")) {
      throw new UsageError("whatif needs a configuration to try: hbd whatif -c FILE");
    }
    const nowMs = Date.now();
    const sinceMs = momentOf(line, "--since", nowMs) ?? nowMs - SINCE_MS;
    const untilMs = momentOf(line, "--until", nowMs) ?? nowMs;
    if (sinceMs >= untilMs) throw new UsageError("--since must be before --until");
    const places = await placesOf(line);
    const { config } = places;
    const settings = {
      ...watchSettings(config),
      alerts: alertSettings(config, Deno.hostname()),
    };
    const journal = await findJournal(places);
    const startMs = performance.now();
    const found = await whatIf(journal, settings, { sinceMs, untilMs }).catch((error) => {
      throw new ToolError(`The journal in ${journal.dir} cannot be read: ${reasonOf(error)}`);
    });
    const tookMs = performance.now() - startMs;
    printParts(line.given.has("--json") ? jsonParts(found) : textParts(found), out);
    note(speedText(found, tookMs));
    for (const text of remarks(found)) note(`${text}\n`);
    return 0;
  },
};

function speedText({ records }: WhatIf, tookMs: number): string {
  const rate = Math.round(records / Math.max(tookMs, 1) * 1000);
  return `${records} lines in ${(tookMs / 1000).toFixed(1)} s, ${rate} lines/s\n`;
}

function remarks({ unreadable, lost, refused, unlisted }: WhatIf): string[] {
  return [
    ...(unreadable > 0 ? [`${unreadable} lines could not be read.`] : []),
    ...(lost > 0 ? [`About ${lost} lines are missing: their time counts against no host.`] : []),
    ...(refused > 0 ? [`${refused} messages would have been refused: max_hosts.`] : []),
    ...(unlisted > 0 ? [`${unlisted} more alerts are not listed.`] : []),
  ];
}

function* jsonParts(found: WhatIf): Iterable<string> {
  const { sinceMs, untilMs, records, alerts, hosts, ...rest } = found;
  const head = { since: seconds(sinceMs), until: seconds(untilMs), lines: records, ...rest };
  yield `${JSON.stringify({ ...head, ...countsOf(alerts) }).slice(0, -1)},"alerts":[`;
  for (const [n, alert] of alerts.entries()) {
    yield `${n === 0 ? "" : ","}\n${JSON.stringify(alertJson(alert))}`;
  }
  yield `],"hosts":[`;
  for (const [n, host] of hosts.entries()) {
    yield `${n === 0 ? "" : ","}\n${JSON.stringify(hostJson(host))}`;
  }
  yield "]}\n";
}

function alertJson(alert: ComparedAlert) {
  const { verdict, kind, host, metric, level, sinceMs, raisedMs, endedMs, text } = alert;
  const times = { time: seconds(raisedMs), since: seconds(sinceMs), ended: seconds(endedMs) };
  return { verdict, kind, host, metric, level, ...times, text };
}

function hostJson({ name, alertsWere, alertsWouldBe, downWasMs, downWouldBeMs }: ComparedHost) {
  return {
    name,
    alerts: { was: alertsWere, would_be: alertsWouldBe },
    down_s: { was: seconds(downWasMs), would_be: seconds(downWouldBeMs) },
  };
}

function* textParts({ sinceMs, untilMs, alerts, hosts }: WhatIf): Iterable<string> {
  if (sinceMs === null || untilMs === null || untilMs < sinceMs) {
    yield "The journal holds nothing of that time.\n";
    return;
  }
  const time = new LocalTime();
  const counts = countsOf(alerts);
  yield `From ${time.spaced(sinceMs)} to ${time.spaced(untilMs)} there would have been ` +
    `${counted(counts.new + counts.same)}: ${counts.new} new, ${counts.same} that there were, ` +
    `too; ${counts.gone} would not have been.\n`;
  if (alerts.length > 0) yield `\n${MEANING}`;
  for (const alert of alerts) {
    const { verdict, raisedMs, level, text, endedMs } = alert;
    const forMs = endedMs === null ? "holds" : `for ${formatDuration(endedMs - alert.sinceMs)}`;
    yield `${SIGNS[verdict]} ${time.spaced(raisedMs)}  ${level.padEnd(8)}  ${printableLine(text)}` +
      `  (${forMs})\n`;
  }
  if (hosts.length === 0) return;
  yield "\n";
  yield* tableOf(
    ["HOST", "ALERTS WERE", "WOULD BE", "DOWN WAS", "WOULD BE"],
    hosts.map((host) => [
      host.name,
      String(host.alertsWere),
      String(host.alertsWouldBe),
      formatDuration(host.downWasMs),
      formatDuration(host.downWouldBeMs),
    ]),
  );
}

function countsOf(alerts: readonly ComparedAlert[]) {
  const counts = { new: 0, same: 0, gone: 0 };
  for (const { verdict } of alerts) counts[verdict]++;
  return counts;
}

function counted(alerts: number): string {
  return `${alerts} alert${alerts === 1 ? "" : "s"}`;
}
