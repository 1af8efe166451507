/** Tables and long texts as commands print them. */

import { printableLine } from "../screen/printable.ts";

/** Text printed in one go, UTF-16 code units. */
const PART = 32 * 1024;

/** A cell is cut beyond this. */
const WIDEST = 40;

/** The lines of a table with these titles; each column is as wide as it must be. */
export function* tableOf(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): Iterable<string> {
  const widths = titles.map((title) => title.length);
  const shown = rows.map((row) =>
    row.map((cell) => {
      const text = printableLine(cell);
      return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text;
    })
  );
  for (const row of shown) {
    for (const [n, { length }] of row.entries()) widths[n] = Math.max(widths[n] ?? 0, length);
  }
  for (const row of [titles, ...shown]) {
    yield `${row.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join("  ").trimEnd()}\n`;
  }
}

/** Prints a long text, some of it at a time, as long as somebody reads it. */
export function printParts(parts: Iterable<string>, out: (text: string) => void): void {
  let waiting = "";
  try {
    for (const part of parts) {
      waiting += part;
      if (waiting.length < PART) continue;
      out(waiting);
      waiting = "";
    }
    out(waiting);
  } catch (error) {
    // As with `… | head`.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
