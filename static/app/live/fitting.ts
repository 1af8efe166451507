/** Which columns there is room for. */

/** What there is no room for: the first goes first. The page of the host has it all. */
const LEFT_OUT = [
  "owner",
  "group",
  "loss",
  "address",
  "late",
  "every",
  "missed",
  "stability",
  "rtt",
];

/** Room beside the columns: at the ends of a row, and between two columns, pixels. */
const ENDS = 32;
const BETWEEN = 12;

/** What the bar of intervals takes more where there is room. */
const WIDE_BAR = 60;

/** Widths up to this show cards of two lines. */
const CARDS = 640;

/**
 * Those of `columns` that fit into `width` pixels, and whether there is room for wide bars. The one
 * that is sorted by stays.
 */
export function fitting<C extends { readonly key: string; readonly width: number }>(
  columns: readonly C[],
  sorted: string,
  width: number,
): { readonly columns: readonly C[]; readonly isWide: boolean } {
  let fit = columns;
  const needed = () =>
    fit.reduce((sum, column) => sum + column.width, ENDS + BETWEEN * (fit.length - 1));
  const limit = width <= CARDS ? 0 : width;
  for (const key of LEFT_OUT) {
    if (needed() <= limit) break;
    if (key === sorted && limit > 0) continue;
    fit = fit.filter((column) => column.key !== key);
  }
  return { columns: fit, isWide: needed() + WIDE_BAR <= width };
}
