/**
 * `hbd import`: what users of other servers have. A configuration (`.hb.yaml`) is turned into ours;
 * logs and journals are read into a state folder. Which of them a file is, it says itself.
 */

import { type CommandLine, UsageError } from "../config/command_line.ts";
import { parseDuration } from "../config/duration.ts";
import { openLog } from "../migrate/lines.ts";
import { importLogs } from "../migrate/import_logs.ts";
import { importReport } from "../migrate/report.ts";
import { ImportError } from "../migrate/wanted.ts";
import { printable } from "../screen/printable.ts";
import { importConfig } from "./import_config.ts";
import { exists, PLACE_OPTIONS, placesOf, reasonOf } from "./places.ts";
import { option, type Tool, ToolError, type ToolOutput } from "./tool.ts";

/** What only one of the two takes. */
const CONFIG_ONLY = ["--output"];
const LOGS_ONLY = ["--state-dir", "--config", "--tz", "--gap", "--dry-run"];

export const importTool: Tool = {
  name: "import",
  usage: [
    ["import .hb.yaml [-o FILE]", "turn the configuration of the old daemon into one for hbd"],
    ["import LOG…", "read old logs and journals into the state; hbd must not run"],
  ],
  options: new Map([
    ...PLACE_OPTIONS,
    ["-o", { name: "--output", value: "FILE" }],
    ["--output", { name: "--output", value: "FILE" }],
    option("--tz", "ZONE"),
    option("--gap", "TIME"),
    option("--dry-run"),
    option("--force"),
  ]),
  optionHelp: [
    ["-o, --output FILE", "the configuration to write (default: standard output)"],
    ["--tz ZONE", "time zone of logs without one (default: this machine's)"],
    ["--gap TIME", "nobody was heard for longer: the server was off (default: hosts were)"],
    ["--dry-run", "say what an import of logs would do, and change nothing"],
    ["--force", "replace FILE; import a time that another file was imported of"],
  ],
  async run(line, output) {
    const [first] = line.words;
    if (first === undefined) {
      throw new UsageError(
        "import needs a file: hbd import .hb.yaml, or hbd import heartbeats.log",
      );
    }
    for (const file of line.words) {
      if (!await exists(file)) throw new ToolError(`There is no file ${file}`);
    }
    const kinds = await Promise.all(line.words.map(isLog));
    if (!kinds.includes(false)) return await logs(line, output);
    if (line.words.length > 1) {
      throw new UsageError(
        `A configuration is imported alone: "${
          line.words[kinds.indexOf(false)]
        }" looks like one, ` +
          `and there are other files`,
      );
    }
    refuse(line, LOGS_ONLY, `a configuration, and "${first}" does not look like a log`);
    return await importConfig(
      { file: first, to: line.given.get("--output") ?? null, isForced: line.given.has("--force") },
      output,
    );
  },
};

/** A log begins each line with an object or a time, or is compressed; a configuration does not. */
async function isLog(path: string): Promise<boolean> {
  if (/\.ya?ml$/i.test(path)) return false;
  let text = "";
  try {
    const decoder = new TextDecoder();
    for await (const chunk of await openLog(path)) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > 4096) break;
    }
  } catch (error) {
    throw new ToolError(`${path} cannot be read: ${reasonOf(error)}`);
  }
  return text.trim() === "" || /^\s*(?:\{"|\d{4}-\d\d-\d\d[ T]\d\d:)/.test(text);
}

async function logs(line: CommandLine, { out, note }: ToolOutput): Promise<number> {
  refuse(line, CONFIG_ONLY, "logs");
  const { given, words } = line;
  const { config, stateDir, journal } = await placesOf(line);
  const isTrial = given.has("--dry-run");
  try {
    const report = await importLogs({
      files: words,
      stateDir,
      journal,
      config,
      zone: zoneOf(given.get("--tz")),
      gapMs: gapOf(given.get("--gap")),
      isForced: given.has("--force"),
      isTrial,
      nowMs: Date.now(),
      onProgress: (lines) => note(`… ${lines.toLocaleString("en-US")} lines\n`),
    });
    out(printable(importReport(report, isTrial)));
    return report.files.some(({ counts }) => counts !== null && counts.lines === 0) ? 1 : 0;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (error instanceof ImportError) throw new ToolError(error.message);
    throw new ToolError(`Nothing was imported: ${reasonOf(error)}`, { cause: error });
  }
}

function zoneOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw new UsageError(`--tz must be a time zone like "Europe/Berlin" or "UTC": got "${text}"`);
  }
}

function gapOf(text: string | undefined): number {
  if (text === undefined) return Infinity;
  const gap = parseDuration(text);
  if (!gap.ok) throw new UsageError(`--gap ${gap.problem}`);
  return gap.ms;
}

function refuse({ given }: CommandLine, options: readonly string[], what: string): void {
  for (const name of options) {
    if (given.has(name)) throw new UsageError(`Option "${name}" does not go with ${what}`);
  }
}
