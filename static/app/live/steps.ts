/** How far the slider of the past goes with a key, and which moment that leads to. Pure. */

/** Steps that people think in, seconds. */
const STEPS_S = [1, 5, 15, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400];

/** About so many steps make the whole span. */
const PER_SPAN = 300;

/** Steps of a big step. */
const BIG = 12;

/** The step for a span of so many seconds. */
export function stepOf(spanS: number): number {
  return STEPS_S.find((step) => step >= spanS / PER_SPAN) ?? 86_400;
}

/**
 * The moment that a key leads to from `atS`; null: it does not move the slider. It stays between
 * `sinceS` and `untilS`.
 */
export function momentAfter(
  key: string,
  isBig: boolean,
  atS: number,
  sinceS: number,
  untilS: number,
): number | null {
  const step = stepOf(untilS - sinceS);
  const by = isBig ? step * BIG : step;
  const within = (s: number) => Math.min(untilS, Math.max(sinceS, s));
  switch (key) {
    case "ArrowLeft":
    case "ArrowDown":
      return within(atS - by);
    case "ArrowRight":
    case "ArrowUp":
      return within(atS + by);
    case "PageDown":
      return within(atS - step * BIG);
    case "PageUp":
      return within(atS + step * BIG);
    case "Home":
      return sinceS;
    case "End":
      return untilS;
    default:
      return null;
  }
}
