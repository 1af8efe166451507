/** The log pane: a line for each entry, the latest last, and a rule above that says how it stands. */

import { type Context, lineOf } from "./context.ts";
import { moved } from "./controls.ts";
import { clockTime, count } from "./format.ts";
import type { Line, Style } from "./line.ts";
import type { LogEntry, LogKind } from "./log_book.ts";
import { cut, widthOf } from "./width.ts";
import { printableLine } from "./printable.ts";

const STYLES: Readonly<Record<LogKind, Style>> = {
  beat: "",
  late: "red",
  alert: "alarm",
  recovery: "green",
  summary: "dim",
  trouble: "yellow",
  own: "dim",
};

/** Widths of a column, and from which width of the window on there is one. */
interface Limits {
  readonly least: number;
  readonly most: number;
  readonly from: number;
}

const NAME: Limits = { least: 10, most: 24, from: 34 };
const FROM: Limits = { least: 11, most: 39, from: 56 };

/** Entries that moves can go over. */
const MOVABLE = 2000;

/** The last entries, in exactly `rows` lines; `host`: those of one host alone. */
export function logView(context: Context, host: string | null, rows: number): readonly Line[] {
  const { model: { log }, controls } = context;
  const isWanted = (entry: LogEntry): boolean =>
    host === null || entry.host === host || entry.host === "" && entry.kind !== "summary";
  scroll(context, isWanted, rows);
  const entries: LogEntry[] = [];
  if (rows > 0) {
    for (const entry of log.upTo(controls.logEnd ?? log.last, isWanted)) {
      entries.unshift(entry);
      if (entries.length >= rows) break;
    }
  }
  // They grow with what is shown, and never back: a log that moves to and fro cannot be read.
  const { logWidths } = controls;
  logWidths.name = Math.max(logWidths.name, widest(entries.map((entry) => entry.host), NAME));
  logWidths.from = Math.max(logWidths.from, widest(entries.map((entry) => entry.from), FROM));
  const widths = {
    name: columnWidth(context, NAME, logWidths.name),
    from: columnWidth(context, FROM, logWidths.from),
  };
  const lines = entries.map((entry) => entryLine(context, entry, widths));
  if (host !== null && log.isBusy && controls.logEnd === null && lines.length < rows) {
    const text = "Beats are not listed one by one while more than 20 a second come in.";
    lines.push(lineOf(context).to(1).add(text, "dim"));
  }
  while (lines.length < rows) lines.push(lineOf(context));
  return lines;
}

/** The line between the panes. */
export function logRule(context: Context): Line {
  const { model: { log }, controls } = context;
  const { logEnd, isPaused, pane } = controls;
  const title = ` Log${pane === "log" ? " (arrows scroll here)" : ""} `;
  const news = logEnd === null ? 0 : log.last - logEnd;
  const state = isPaused ? "paused" : logEnd === null ? "" : "scrolled back";
  const note = state === "" ? "" : ` ${state}${news > 0 ? `, ${count(news)} new` : ""} `;
  const line = lineOf(context).add("──", "dim").add(title, "bold").add(note, "yellow");
  return line.add("─".repeat(Math.max(0, context.columns - line.width)), "dim");
}

/** Makes the moves of this pane. */
function scroll(
  { model: { log }, controls }: Context,
  isWanted: (entry: LogEntry) => boolean,
  rows: number,
): void {
  const { moves } = controls;
  controls.moves = [];
  if (moves.length === 0) return;
  const numbers: number[] = [];
  for (const { number } of log.upTo(log.last, isWanted)) {
    numbers.push(number);
    if (numbers.length >= MOVABLE) break;
  }
  numbers.reverse();
  if (numbers.length === 0) return;
  const end = controls.logEnd ?? log.last;
  let at = numbers.findLastIndex((number) => number <= end);
  for (const move of moves) at = moved(at, move, rows, numbers.length);
  // What is shown is a page in any case, where there are as many.
  at = Math.max(at, Math.min(rows, numbers.length) - 1);
  const isAtEnd = at === numbers.length - 1;
  controls.logEnd = isAtEnd && !controls.isPaused ? null : numbers[at] ?? null;
}

/** Columns that the texts need. */
function widest(texts: readonly string[], { least, most }: Limits): number {
  return texts.reduce(
    (width, text) => Math.max(width, widthOf(cut(printableLine(text), most))),
    least,
  );
}

/** As wide as there is need for; 0 where there is no room for it. */
function columnWidth({ columns }: Context, { from }: Limits, needed: number): number {
  return columns < from ? 0 : Math.min(needed, Math.floor(columns / 4));
}

function entryLine(
  context: Context,
  { atMs, kind, host, from, text }: LogEntry,
  widths: { readonly name: number; readonly from: number },
): Line {
  const style = STYLES[kind];
  const line = lineOf(context);
  // The words are what remains in a window that has room for nothing else.
  if (context.columns >= 30) line.to(1);
  line.add(clockTime(atMs), style === "" ? "dim" : style);
  const gap = context.columns >= 30 ? 2 : 1;
  if (host !== "" && widths.name === 0) {
    line.to(line.width + gap).add(host, style === "" ? "bold" : style);
  }
  if (host !== "" && widths.name > 0) {
    const begin = line.width + gap;
    line.to(begin).add(host, style === "" ? "cyan" : style, begin + widths.name);
    line.to(begin + widths.name);
    if (kind === "beat" || kind === "late") {
      const next = begin + widths.name + gap;
      if (widths.from > 0) {
        line.to(next).add(from, style, next + widths.from).to(next + widths.from);
      }
    }
  }
  return line.to(line.width + gap).add(printableLine(text), style);
}
