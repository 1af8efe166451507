/**
 * `hbd export`: what the server knows, for other programs. Reads a copy of the store and the
 * journal's files, so the server may run meanwhile; prints as it reads, however much it is.
 */

import { HostSettings } from "../access/host_settings.ts";
import { alertSettings } from "../alert_settings.ts";
import { type CommandLine, UsageError } from "../config/command_line.ts";
import { didYouMean } from "../config/load.ts";
import { type BeatRow, beatRows, eventRows, type Wish } from "../export/journal_rows.ts";
import { StateCopy } from "../export/state_copy.ts";
import { BEATS, EVENTS, HISTORY, type HostRow, HOSTS, tableText } from "../export/tables.ts";
import { beatLogLine } from "../logs/beat_log.ts";
import { textLogLine } from "../logs/text_log.ts";
import { SettingsInForce } from "../settings_in_force.ts";
import { watchSettings } from "../watch_settings.ts";
import { hostJson } from "../web/host_json.ts";
import { LocalTime } from "../wire/local_time.ts";
import { reportedIpOf } from "../wire/identity.ts";
import { findJournal, momentOf } from "./journal_files.ts";
import { exists, PLACE_OPTIONS, type Places, placesOf, reasonOf } from "./places.ts";
import { option, refuseFrom, type Tool, ToolError } from "./tool.ts";

/** What there is, and in which formats; the first is the default. */
const SUBJECTS: ReadonlyMap<string, readonly string[]> = new Map([
  ["hosts", ["json", "csv"]],
  ["events", ["json", "csv"]],
  ["beats", ["json", "csv", "heartbeats", "text"]],
  ["history", ["json", "csv"]],
]);

/** Text printed in one go, UTF-16 code units. */
const PART = 32 * 1024;

/** Hosts looked at in one go. */
const SLICE = 500;

export const exportTool: Tool = {
  name: "export",
  usage: [["export [hosts|events|beats|history]", "print what is known, also while hbd runs"]],
  options: new Map([
    ...PLACE_OPTIONS,
    ...["--format", "--host", "--since", "--until"].map((name) =>
      option(name, { "--format": "FORMAT", "--host": "NAME" }[name] ?? "TIME")
    ),
  ]),
  optionHelp: [
    ["--format FORMAT", "json or csv; of beats also heartbeats or text, the loggers' formats"],
    ["--host NAME", "only of this host"],
    ["--since TIME", '2026-11-01T22:00, a date, seconds since 1970, or how long ago: "30d"'],
    ["--until TIME", "the same; up to then"],
  ],
  async run(line, { out }) {
    refuseFrom(line.words, 1);
    const [subject = "hosts"] = line.words;
    const formats = SUBJECTS.get(subject);
    if (formats === undefined) {
      throw new UsageError(
        `export knows no "${subject}": ${didYouMean(subject, [...SUBJECTS.keys()])}`,
      );
    }
    const format = line.given.get("--format") ?? "json";
    if (!formats.includes(format)) {
      throw new UsageError(`--format of ${subject} must be ${formats.join(", ")}: got "${format}"`);
    }
    const wish = wishOf(line, subject);
    const places = await placesOf(line);
    try {
      await print(textOf(subject, format, places, wish), out);
    } catch (error) {
      // Whoever reads has seen enough.
      if (error instanceof Deno.errors.BrokenPipe) return 0;
      if (error instanceof ToolError) throw error;
      throw new ToolError(`Nothing more can be exported: ${reasonOf(error)}`, { cause: error });
    }
    return 0;
  },
};

function wishOf(line: CommandLine, subject: string): Wish {
  const nowMs = Date.now();
  const since = momentOf(line, "--since", nowMs);
  const until = momentOf(line, "--until", nowMs);
  if (subject === "hosts" && (since !== null || until !== null)) {
    throw new UsageError("hosts are exported as they are now: of the past, see hbd replay --at");
  }
  return {
    host: line.given.get("--host") ?? null,
    sinceMs: since ?? -Infinity,
    untilMs: until ?? Infinity,
  };
}

async function* textOf(
  subject: string,
  format: string,
  places: Places,
  wish: Wish,
): AsyncGenerator<string> {
  if (subject === "events" || subject === "beats") {
    const journal = await findJournal(places);
    if (format === "heartbeats" || format === "text") {
      for await (const row of beatRows(journal, wish)) yield logged(row, format);
      return;
    }
    const table = format === "csv" ? "csv" : "json";
    if (subject === "events") yield* tableText(EVENTS, table, eventRows(journal, wish));
    else yield* tableText(BEATS, table, beatRows(journal, wish));
    return;
  }
  if (!await exists(places.storeFile)) {
    throw new ToolError(
      `State folder ${places.stateDir} has no store (hbd.kv): name the right one with ` +
        `--state-dir DIR`,
    );
  }
  await using copy = await StateCopy.open(places.storeFile);
  const table = format === "csv" ? "csv" : "json";
  if (subject === "hosts") yield* tableText(HOSTS, table, hostRows(copy, places, wish));
  else yield* tableText(HISTORY, table, copy.history(wish.host, wish.sinceMs, wish.untilMs));
}

const TIME = new LocalTime();

function logged(
  { atMs, ip, path, late, payload, isRaw }: BeatRow,
  format: "heartbeats" | "text",
): string {
  const payloadText = JSON.stringify(payload);
  if (format === "heartbeats") return beatLogLine(TIME, { atMs, ip, path, late, payloadText });
  const reportedIp = reportedIpOf(payload);
  return textLogLine(TIME, atMs, { ip, payload, payloadText, parseError: isRaw, reportedIp });
}

async function* hostRows(
  copy: StateCopy,
  { config: file, journal }: Places,
  { host: only }: Wish,
): AsyncGenerator<HostRow> {
  const changes = new HostSettings(copy.store);
  await changes.load();
  const { config, access } = new SettingsInForce(file, changes);
  const settings = { ...watchSettings(config), alerts: alertSettings(config, Deno.hostname()) };
  const place = journal !== null && await exists(journal.dir) ? journal : null;
  const monitor = await copy.monitor(settings, place);
  const view = { config: () => config, access: () => access, alerts: () => monitor.alerts };
  const nowMs = Date.now();
  for (let from: number | null = 0; from !== null;) {
    const { hosts, next }: ReturnType<typeof monitor.hostsFrom> = monitor.hostsFrom(from, SLICE);
    for (const host of hosts) {
      if (only !== null && host.name !== only) continue;
      yield {
        host,
        json: hostJson(view, host, nowMs),
        owner: access.ownerOf(host.name),
        group: config.hosts.get(host.name)?.group ?? null,
      };
    }
    from = next;
  }
}

async function print(parts: AsyncIterable<string>, out: (text: string) => void): Promise<void> {
  let waiting = "";
  for await (const part of parts) {
    waiting += part;
    if (waiting.length < PART) continue;
    out(waiting);
    waiting = "";
  }
  if (waiting !== "") out(waiting);
}
