/**
 * All lines of the window: the header, the upper pane (one host, the table, or what to do to get a
 * first host), the log, and the keys. A low window has less of all, and of the upper pane last.
 */

import { type Context, type Facts, lineOf } from "./context.ts";
import type { Controls } from "./controls.ts";
import { count, rate } from "./format.ts";
import { footLine, headerLine } from "./edges.ts";
import { helpView, waitingRows, waitingView } from "./help_view.ts";
import { hostView } from "./host_view.ts";
import type { HostRow } from "./hosts.ts";
import type { Line, Style } from "./line.ts";
import { logRule, logView } from "./log_view.ts";
import type { Model } from "./model.ts";
import { LOOKS } from "./state_look.ts";
import { tableView } from "./table_view.ts";
import type { Size } from "./tty.ts";
import { widthOf } from "./width.ts";

/** What the pane for one host wants at least. */
const HOST_ROWS = 15;

/** From so many rows on there is an empty line below the header. */
const HIGH = 20;

/** The window as lines, one for each row. */
export function frameOf(
  { model, controls, facts, colour, size }: {
    readonly model: Model;
    readonly controls: Controls;
    readonly facts: Facts;
    readonly colour: boolean;
    readonly size: Size;
  },
): readonly string[] {
  const { columns, rows } = size;
  const context: Context = { model, controls, facts, colour, columns };
  const view = viewOf(context);
  const header = rows >= 3 ? [headerLine(context), ...(rows >= HIGH ? [lineOf(context)] : [])] : [];
  const foot = rows >= 4 ? [footLine(context, view.kind)] : [];
  const body = bodyOf(context, view, rows - header.length - foot.length);
  // What no pane has made leads nowhere.
  controls.moves = [];
  return [...header, ...body, ...foot].slice(0, rows).map(String);
}

/** What the upper pane shows. */
type View =
  | { readonly kind: "waiting" | "help" }
  | { readonly kind: "host"; readonly host: HostRow; readonly isOnly: boolean }
  | { readonly kind: "table"; readonly hosts: readonly HostRow[] };

function viewOf({ model, controls }: Context): View {
  if (controls.isHelp) return { kind: "help" };
  const { hosts } = model;
  if (hosts.size === 0) return { kind: "waiting" };
  const only = hosts.only();
  if (only !== null) return { kind: "host", host: only, isOnly: true };
  const list = hosts.list(controls.filter, model.serverMs);
  if (controls.isOpening) {
    const marked = list.find(({ name }) => name === controls.marked) ?? list[0];
    controls.opened = marked?.name ?? null;
    controls.isOpening = false;
    controls.logEnd = null;
    controls.isPaused = false;
  }
  const opened = controls.opened === null ? null : hosts.get(controls.opened);
  if (opened !== null) return { kind: "host", host: opened, isOnly: false };
  controls.opened = null;
  return { kind: "table", hosts: list };
}

function bodyOf(context: Context, view: View, rows: number): readonly Line[] {
  if (view.kind === "help") return filled(context, helpView(context, rows), rows);
  const isLow = rows < 6;
  const logLeast = rows < 3 ? 0 : isLow ? 1 : rows < 12 ? 2 : 4;
  const ruleRows = isLow ? 0 : 1;
  const room = Math.max(0, rows - logLeast - ruleRows);
  const wanted = wantedRows(context, view, rows);
  const topRows = Math.min(room, wanted);
  const top = topOf(context, view, topRows);
  const isShort = view.kind !== "table" && top.length < topRows;
  const shown = isShort ? top : filled(context, top, topRows);
  const logRows = Math.max(0, rows - shown.length - ruleRows);
  const host = view.kind === "host" && !view.isOnly ? view.host.name : null;
  // First the log, which makes the moves that the rule tells of.
  const log = logRows > 0 ? logView(context, host, logRows) : [];
  return [...shown, ...(ruleRows > 0 ? [logRule(context)] : []), ...log];
}

/** What the upper pane would fill, were there room. */
function wantedRows({ facts, model }: Context, view: View, rows: number): number {
  switch (view.kind) {
    case "host":
      return Math.max(HOST_ROWS, Math.floor(rows / 2));
    case "table":
      // The log has a third of the window at least. A filter makes no difference.
      return Math.max(3, Math.min(model.hosts.size + 4, Math.floor(rows * 2 / 3)));
    default:
      return waitingRows(facts) + 1;
  }
}

function topOf(context: Context, view: View, rows: number): readonly Line[] {
  switch (view.kind) {
    case "host":
      return hostView(context, view.host, rows);
    case "table": {
      const head = rows >= 6
        ? [summaryLine(context), lineOf(context)]
        : rows >= 4
        ? [summaryLine(context)]
        : [];
      const table = view.hosts.length > 0 ? tableView(context, view.hosts, rows - head.length) : [
        lineOf(context).to(1).add(`No host has "${context.controls.filter}" in its name`, "dim"),
      ];
      return [...head, ...table];
    }
    default:
      return waitingView(context, rows);
  }
}

/** How many hosts there are, in which state, and what the server itself lacks. */
function summaryLine(context: Context): Line {
  const { model: { summary, hosts }, controls: { filter } } = context;
  const line = lineOf(context).to(1);
  if (summary === null) return line;
  const add = (text: string, style: Style): void => {
    const gap = line.width > 1 ? "   " : "";
    // What has no room as a whole is left out.
    if (line.width + gap.length + widthOf(text) <= context.columns) line.add(gap).add(text, style);
  };
  for (const problem of summary.problems) line.add(`⚠ ${problem}   `, "alarm");
  if (filter !== "") add(`/${filter}`, "yellow");
  add(`${count(summary.hosts)} hosts`, "bold");
  for (const state of ["down", "up", "new", "paused", "shutdown"] as const) {
    const number = summary.states[state];
    const { mark, word, style } = LOOKS[state];
    if (number > 0) add(`${mark} ${count(number)} ${word.toLowerCase()}`, style);
  }
  if (summary.beatsPerS !== null) add(`${rate(summary.beatsPerS)} beats/s`, "dim");
  if (hosts.size < summary.hosts) add(`the worst ${count(hosts.size)} are here`, "dim");
  return line;
}

function filled(context: Context, lines: readonly Line[], rows: number): readonly Line[] {
  const empty = Array.from({ length: Math.max(0, rows - lines.length) }, () => lineOf(context));
  return [...lines, ...empty];
}
