/** The first line of the window, which says what is looked at, and the last one, with the keys. */

import { type Context, lineOf } from "./context.ts";
import { timeOf } from "./format.ts";
import type { Line } from "./line.ts";
import { widthOf } from "./width.ts";

const SEPARATOR = "  │  ";

/** What is looked at, or since when nothing has been heard of it. */
export function headerLine(context: Context): Line {
  const { model: { connection, serverMs }, facts: { head }, columns } = context;
  const line = lineOf(context);
  if (connection.kind === "lost") {
    const since = timeOf(connection.sinceMs, serverMs);
    line.add(" ⚠  ", "alarm").add(`disconnected, data from ${since}`, "alarm");
    for (const part of [head[0] ?? "", connection.why]) line.add(SEPARATOR, "dim").add(part);
    return line;
  }
  line.add(columns < 30 ? "♥ " : " ♥  ", "red").add("Heartbeat Monitor", "bold");
  for (const [at, part] of head.entries()) {
    // Of the last one, a path, the end is shown; another one is left out as a whole.
    const isLast = at === head.length - 1;
    const left = columns - line.width - SEPARATOR.length;
    if (left < (isLast ? 12 : widthOf(part))) continue;
    line.add(SEPARATOR, "dim").add(part.length > left ? `…${part.slice(1 - left)}` : part);
  }
  return line;
}

/** A key and what it does; those with the lowest rank go last where there is little room. */
interface Hint {
  readonly keys: string;
  readonly does: string;
  readonly rank: number;
}

/** The keys that matter in what is shown now. */
export function footLine(context: Context, view: "waiting" | "help" | "host" | "table"): Line {
  const { controls } = context;
  if (controls.isTyping && view !== "help") {
    const line = lineOf(context).add(" Show: ", "bold").add(controls.filter, "yellow").add("▏");
    return line.add("   Enter keep   Esc all", "dim");
  }
  const hints = hintsFor(context, view);
  const kept = new Set<Hint>();
  let width = 1;
  for (const hint of hints.toSorted((a, b) => a.rank - b.rank)) {
    const needed = widthOf(`${hint.keys} ${hint.does}`) + 3;
    if (width + needed > context.columns + 2) break;
    width += needed;
    kept.add(hint);
  }
  const line = lineOf(context).add(" ");
  for (const { keys, does } of hints.filter((hint) => kept.has(hint))) {
    line.add(keys, "bold").add(` ${does}   `, "dim");
  }
  return line;
}

function hintsFor(
  { controls }: Context,
  view: "waiting" | "help" | "host" | "table",
): readonly Hint[] {
  const quit = { keys: "q", does: "Quit", rank: 1 };
  const help = { keys: "?", does: "Help", rank: 2 };
  const pause = { keys: "p", does: controls.isPaused ? "Go on" : "Pause log", rank: 4 };
  const inLog = view === "host" || controls.pane === "log";
  const move = { keys: "↑↓ PgUp PgDn", does: inLog ? "Scroll log" : "Move", rank: 6 };
  switch (view) {
    case "help":
      return [{ keys: "Esc", does: "Back", rank: 1 }, { keys: "↑↓", does: "Scroll", rank: 3 }];
    case "waiting":
      return [quit, pause, help];
    case "host":
      return controls.opened === null
        ? [quit, move, pause, help]
        : [quit, { keys: "Esc", does: "Back", rank: 3 }, move, pause, help];
    case "table":
      return [
        quit,
        move,
        { keys: "Enter", does: "Open", rank: 3 },
        { keys: "/", does: "Filter", rank: 5 },
        pause,
        { keys: "Tab", does: inLog ? "Table" : "Log", rank: 7 },
        help,
      ];
  }
}
