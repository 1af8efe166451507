/** What an import of logs has done, in words. */

import { formatDuration } from "../config/duration.ts";
import type { ImportedFile, ImportReport } from "./import_logs.ts";
import { iso } from "./wanted.ts";

const DAY_MS = 86_400_000;

/** The lines of the report, ready to print. */
export function importReport(report: ImportReport, isTrial: boolean): string {
  const { files, fed, merged, way, days } = report;
  const lines = files.flatMap(fileLines);
  const isAny = files.some(({ counts }) => counts !== null);
  if (isAny) {
    lines.push("");
    lines.push(
      `${isTrial ? "It would be" : "Imported"}: ${number(fed.beats, "beat")}` +
        `${fed.others > 0 ? ` and ${number(fed.others, "other message")}` : ""} of ` +
        `${number(merged.added + merged.known, "host")}, with history of ${number(days, "day")}.`,
    );
    if (merged.known > 0) {
      lines.push(`${number(merged.known, "host")} of these the state knew: the counts were added.`);
    }
    if (merged.notWaitedFor > 0) {
      lines.push(
        `${number(merged.notWaitedFor, "host")} ${
          way === "older" ? "the state did not know" : "were silent for a week or longer at the end"
        }: nobody waits for them until they beat again.`,
      );
    }
    lines.push(...remarks(report));
  }
  if (isTrial) lines.push("Nothing was changed (--dry-run).");
  return `${lines.join("\n")}\n`;
}

function fileLines({ path, known, counts }: ImportedFile): readonly string[] {
  if (counts === null) {
    return [
      known === null
        ? `${path}: nothing in it, or the same as another file: left out`
        : `${path}: imported already (${iso(known.atMs)}): left out`,
    ];
  }
  const { lines, firstMs, lastMs, badCount, bad, backwards } = counts;
  const part = known === null ? "" : ` after the ${known.lines} that were imported before`;
  return [
    `${path}: ${number(lines, "line")}${part}, ${iso(firstMs)} to ${iso(lastMs)}`,
    ...(badCount === 0 ? [] : [
      `  ${number(badCount, "line")} could not be read: ` +
      bad.map(({ line, reason }) => `line ${line} (${reason})`).join(", ") +
      (badCount > bad.length ? ", …" : ""),
    ]),
    ...(backwards === 0 ? [] : [
      `  ${number(backwards, "line")} were of an earlier time than the one before: they count at ` +
      `its time`,
    ]),
  ];
}

function remarks({ files, fed, firstDay }: ImportReport): readonly string[] {
  const isCut = Number.isFinite(firstDay) &&
    files.some(({ counts }) => counts !== null && counts.firstMs < firstDay * DAY_MS);
  const { refused, repeated, silences, longestSilence } = fed;
  return [
    ...(refused === 0 ? [] : [`${number(refused, "message")} were over max_hosts: left out.`]),
    ...(repeated === 0 ? [] : [`${number(repeated, "message")} came twice: counted once.`]),
    ...(longestSilence === null ? [] : [
      `Nobody at all was heard for an hour or longer ${number(silences, "time")}, the longest ` +
      `${formatDuration(longestSilence.toMs - longestSilence.fromMs)} from ` +
      `${iso(longestSilence.fromMs)}. This counts against the hosts: if the server was off, ` +
      `use --gap 1h (and --dry-run to see what it would do).`,
    ]),
    ...(isCut
      ? [`History before ${iso(firstDay * DAY_MS).slice(0, 10)} is not kept (history_days).`]
      : []),
  ];
}

function number(count: number, what: string): string {
  return `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;
}
