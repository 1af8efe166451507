/**
 * The table of several hosts. Only the rows that are seen are looked at; a narrow window has fewer
 * columns, a wide one more.
 */

import { type Context, lineOf } from "./context.ts";
import { moved } from "./controls.ts";
import { count, percent, roundTrip, span } from "./format.ts";
import type { HostRow } from "./hosts.ts";
import type { Line, Style } from "./line.ts";
import { printableLine } from "./printable.ts";
import { barParts, expectation, isOverdue, lookOf } from "./state_look.ts";
import { cut, widthOf } from "./width.ts";

/** A column besides the name, as wide as its `width`; the text of a cell and its style. */
interface Column {
  readonly title: string;
  readonly width: number;
  /** From so many columns of the window on it is shown, below another number it is. */
  readonly from: number;
  readonly below?: number;
  cell(host: HostRow, nowMs: number): readonly [text: string, style: Style];
}

/** Columns of names. */
const NAME_LEAST = 16;
const NAME_MAX = 40;
const NAME_STEP = 8;

const GAP = 2;
const BAR = 40;

function lastBeat(host: HostRow, nowMs: number): readonly [string, Style] {
  const text = host.lastBeatS === null ? "-" : span(nowMs - host.lastBeatS * 1000);
  return [text, isOverdue(host, nowMs) ? "red" : ""];
}

/** To the right of the name, set flush right. */
const COLUMNS: readonly Column[] = [
  { title: "Last", width: 7, from: 0, below: 34, cell: lastBeat },
  { title: "Last beat", width: 9, from: 34, cell: lastBeat },
  {
    title: "Stability",
    width: 9,
    from: 44,
    cell: (
      { stability },
    ) => [percent(stability), stability !== null && stability < 90 ? "yellow" : ""],
  },
  { title: "RTT", width: 8, from: 56, cell: ({ rttMs }) => [roundTrip(rttMs), ""] },
  { title: "Total", width: 10, from: 100, cell: ({ total }) => [count(total), ""] },
  {
    title: "Late",
    width: 7,
    from: 110,
    cell: ({ late }) => [count(late), late > 0 ? "yellow" : ""],
  },
  {
    title: "Missed",
    width: 7,
    from: 110,
    cell: ({ missed }) => [count(missed), missed > 0 ? "yellow" : ""],
  },
  {
    title: "Expected",
    width: 20,
    from: 130,
    cell: (host) => [expectation(host), ""],
  },
];

/** The width from which on the last intervals, and then addresses, are shown. */
const BAR_FROM = 150;
const ADDRESS_FROM = 190;

/** Widths of the table in a window. */
interface Plan {
  readonly state: number;
  readonly name: number;
  readonly columns: readonly Column[];
  readonly bar: number;
}

function planOf({ columns, controls }: Context, rows: readonly HostRow[]): Plan {
  const shown = COLUMNS.filter(({ from, below = Infinity }) => columns >= from && columns < below);
  const state = columns >= 34 ? 10 : 0;
  const bar = columns >= BAR_FROM ? BAR + GAP : 0;
  const taken = 3 + state + bar + shown.reduce((sum, { width }) => sum + width + GAP, 0) +
    (columns >= ADDRESS_FROM ? 20 : 0);
  // In a wide window the columns stay near the names. They move apart for longer names, never back.
  const longest = rows.reduce((most, { name }) => Math.max(most, nameWidth(name)), NAME_LEAST);
  controls.nameWidth = Math.max(controls.nameWidth, Math.ceil(longest / NAME_STEP) * NAME_STEP);
  const name = Math.min(Math.max(4, columns - taken), controls.nameWidth);
  return { state, name, columns: shown, bar };
}

function nameWidth(name: string): number {
  return widthOf(cut(printableLine(name), NAME_MAX));
}

/** The rows of the table, with its head where there is room: at most `rows` lines. */
export function tableView(
  context: Context,
  hosts: readonly HostRow[],
  rows: number,
): readonly Line[] {
  const hasHead = rows > 3;
  const page = rows - (hasHead ? 1 : 0);
  const marked = follow(context, hosts, page);
  const { tableTop } = context.controls;
  const seen = hosts.slice(tableTop, tableTop + page);
  const plan = planOf(context, seen);
  const isActive = context.controls.pane === "table";
  return [
    ...(hasHead ? [headLine(context, plan)] : []),
    ...seen.map((host, at) => rowLine(context, plan, host, isActive && marked === tableTop + at)),
  ];
}

/** Makes the moves, and keeps what is marked in sight. Returns its place. */
function follow({ controls }: Context, hosts: readonly HostRow[], page: number): number {
  const at = controls.marked === null ? 0 : hosts.findIndex(({ name }) => name === controls.marked);
  let marked = Math.max(0, at);
  if (controls.pane === "table") {
    for (const move of controls.moves) marked = moved(marked, move, page, hosts.length);
    if (controls.moves.length > 0) {
      // At the top it stays at the top: there is what has become worst.
      controls.marked = marked === 0 ? null : hosts[marked]?.name ?? null;
    }
    controls.moves = [];
  }
  const top = Math.min(controls.tableTop, marked, Math.max(0, hosts.length - page));
  controls.tableTop = Math.max(top, marked - page + 1, 0);
  return marked;
}

function headLine(context: Context, plan: Plan): Line {
  const line = lineOf(context).to(3);
  if (plan.state > 0) line.add("State", "dim").to(3 + plan.state);
  let at = 3 + plan.state + plan.name;
  line.add("Name", "dim");
  for (const { title, width } of plan.columns) {
    at += GAP + width;
    line.right(title, at, "dim");
  }
  if (plan.bar > 0) line.to(at + GAP).add("Last intervals", "dim");
  if (context.columns >= ADDRESS_FROM) line.to(at + GAP + plan.bar).add("Client", "dim");
  return line;
}

function rowLine(context: Context, plan: Plan, host: HostRow, isMarked: boolean): Line {
  const nowMs = context.model.serverMs;
  const { mark, word, style } = lookOf(host);
  const line = lineOf(context, isMarked).to(1).add(mark, style).to(3);
  if (plan.state > 0) line.add(word, style).to(3 + plan.state);
  let at = 3 + plan.state + plan.name;
  line.add(host.name, host.state === "down" ? "bold" : "", at);
  for (const column of plan.columns) {
    at += GAP + column.width;
    const [text, cellStyle] = column.cell(host, nowMs);
    line.right(text, at, cellStyle);
  }
  if (plan.bar > 0) {
    line.to(at + GAP);
    for (const [text, barStyle] of barParts(host.bar.slice(-BAR))) line.add(text, barStyle);
  }
  if (context.columns >= ADDRESS_FROM) line.to(at + GAP + plan.bar).add(host.address ?? "-");
  return line;
}
