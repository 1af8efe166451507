/**
 * The bar of a host's last 60 intervals, as a drawing and in words. What became of an interval is
 * told by shape as well as by colour: on time is a bar of middle height, late a tall one with a gap
 * in it, missed a tall one, and what the server was deaf for a dot.
 *
 * Pure, and without types of anybody else: the web app draws with it too.
 */

/** Intervals in a bar. */
export const INTERVALS = 60;

/** Width and height of the drawing, in its own units. */
export const BAR_WIDTH = INTERVALS * 3;
export const BAR_HEIGHT = 20;

/** The letter of a bar, its class, how it is drawn in a cell (after its place), and its word. */
const KINDS = [
  ["o", "on-time", ["4h2v12h-2z"], "on time"],
  ["l", "late", ["0h2v8h-2z", "12h2v8h-2z"], "late"],
  ["m", "missed", ["0h2v20h-2z"], "missed"],
  ["d", "deaf", ["9h2v2h-2z"], "not heard by the server"],
] as const;

/** The paths of a bar, one for each kind that is in it; the newest interval is at the right. */
export function barPaths(bar: string): readonly { readonly kind: string; readonly d: string }[] {
  const first = INTERVALS - bar.length;
  return KINDS.flatMap(([letter, kind, shapes]) => {
    let d = "";
    for (let at = bar.indexOf(letter); at >= 0; at = bar.indexOf(letter, at + 1)) {
      for (const shape of shapes) d += `M${(first + at) * 3} ${shape}`;
    }
    return d === "" ? [] : [{ kind, d }];
  });
}

/** `Last 60 intervals: 57 on time, 2 late, 1 missed`. */
export function barText(bar: string): string {
  if (bar === "") return "No interval is over yet";
  const parts = KINDS.flatMap(([letter, , , word]) => {
    const count = bar.split(letter).length - 1;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  const what = bar.length === 1 ? "Last interval" : `Last ${bar.length} intervals`;
  return `${what}: ${parts.join(", ")}`;
}
