/**
 * Tables as CSV (RFC 4180): a line of names, then a line for each row, ended by CR LF.
 *
 * Names and payloads come from whoever sends beats, and spreadsheets take a text that begins like a
 * formula for one: such a text gets an apostrophe in front.
 */

/** What stands in a cell; null is nothing. */
export type Cell = string | number | boolean | null;

const FORMULA = /^[=+\-@\t\r]/;

/** A line of the table. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell !== "string") return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
