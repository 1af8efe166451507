/** What the keys do, and where the server is reached: over the whole window, until a key is pressed. */

import { type Context, type Facts, indentOf, lineOf } from "./context.ts";
import { moved } from "./controls.ts";
import type { Line } from "./line.ts";

const KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ["q, Ctrl-C", "quit"],
  ["↑ ↓ PgUp PgDn", "move in the table, or scroll the log"],
  ["Home End", "to the first, to the last"],
  ["Enter, Esc", "open a host, go back"],
  ["Tab", "arrows move the other pane"],
  ["/", "show hosts with this in name or address; Esc ends it"],
  ["p", "pause the log, go on"],
  ["Ctrl-L", "draw everything anew"],
  ["Ctrl-Z", "to the shell; fg comes back"],
];

/** Columns of names of keys and of facts. */
const NAMES = 16;

/** The help, from where it was scrolled to. */
export function helpView(context: Context, rows: number): readonly Line[] {
  const { controls, facts } = context;
  const lines = [
    heading(context, "Keys"),
    ...KEYS.map((row) => rowLine(context, row)),
    lineOf(context),
    heading(context, "Marks"),
    ...markLines(context),
    lineOf(context),
    heading(context, "Server"),
    ...facts.rows.map((row) => rowLine(context, row)),
    lineOf(context),
    heading(context, "Send a beat from another terminal"),
    lineOf(context).to(indentOf(context)).add(facts.curl),
  ];
  const last = Math.max(0, lines.length - rows);
  for (const move of controls.moves) {
    controls.helpTop = Math.min(last, moved(controls.helpTop, move, rows, lines.length));
  }
  controls.moves = [];
  controls.helpTop = Math.min(controls.helpTop, last);
  return lines.slice(controls.helpTop, controls.helpTop + rows);
}

/** What is shown as long as no host has ever beaten. */
export function waitingView(context: Context, rows: number): readonly Line[] {
  const { facts: { curl, rows: facts }, model } = context;
  const indent = indentOf(context);
  const waiting = model.server !== null ? "Waiting for first heartbeat…" : "Connecting…";
  const lines = [
    lineOf(context).to(indent).add(`♥ ${waiting}`, "bold"),
    ...(rows > 4 ? [lineOf(context)] : []),
    lineOf(context).to(indent).add("Send one from another terminal:", "dim"),
    lineOf(context).to(indent).add(curl),
    lineOf(context),
    ...facts.map((row) => rowLine(context, row)),
  ];
  return lines.slice(0, rows);
}

/** Lines that `waitingView` fills. */
export function waitingRows(facts: Facts): number {
  return 5 + facts.rows.length;
}

function heading(context: Context, text: string): Line {
  return lineOf(context).to(indentOf(context)).add(text, "bold");
}

function rowLine(context: Context, [name, value]: readonly [string, string]): Line {
  const indent = indentOf(context);
  const line = lineOf(context).to(indent).add(name, "dim");
  return line.to(Math.max(line.width + (name === "" ? 0 : 1), indent + NAMES)).add(value);
}

function markLines(context: Context): readonly Line[] {
  const line = (text: string) => lineOf(context).to(indentOf(context)).add(text);
  return [
    line("● beats   ⚠ down or in alert   ○ shut down   ‖ paused   · not heard from yet"),
    line("Intervals: ▆ on time  ▃ late  ▁ missed  · not listened to"),
  ];
}
