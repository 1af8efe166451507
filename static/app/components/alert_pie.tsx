/**
 * How many alerts there are of each level, as a small pie: for the navigation bar and the icon of
 * the tab. Without alerts it is a green ring.
 */

import type { AlertCounts } from "../types.ts";

/** Where it is drawn alone there is no style sheet: colours that do on light and dark. */
const COLOURS: readonly (readonly [keyof AlertCounts, string])[] = [
  ["CRITICAL", "#d92d20"],
  ["WARNING", "#e38b00"],
  ["UNKNOWN", "#8250df"],
  ["stale", "#7a8291"],
];

const CALM = "#2f9e5b";

/** The pie as an SVG document. */
export function alertPie(counts: AlertCounts): string {
  const total = COLOURS.reduce((sum, [level]) => sum + counts[level], 0);
  const parts = total === 0
    ? `<circle cx="8" cy="8" r="5.5" fill="none" stroke="${CALM}" stroke-width="3"/>`
    : COLOURS.reduce<{ readonly at: number; readonly text: string }>(
      ({ at, text }, [level, colour]) => {
        const share = counts[level] / total;
        return { at: at + share, text: text + slice(at, share, colour) };
      },
      { at: 0, text: "" },
    ).text;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${parts}</svg>`;
}

/** The same within a page. Hidden from screen readers: the numbers stand beside it. */
export function AlertPie({ counts }: { readonly counts: AlertCounts }) {
  return (
    <img class="pie" alt="" src={`data:image/svg+xml,${encodeURIComponent(alertPie(counts))}`} />
  );
}

function slice(from: number, share: number, colour: string): string {
  if (share === 0) return "";
  if (share === 1) return `<circle cx="8" cy="8" r="7" fill="${colour}"/>`;
  const point = (at: number) => {
    const angle = (at - 0.25) * 2 * Math.PI;
    return `${(8 + 7 * Math.cos(angle)).toFixed(3)} ${(8 + 7 * Math.sin(angle)).toFixed(3)}`;
  };
  const large = share > 0.5 ? 1 : 0;
  return `<path fill="${colour}" d="M8 8L${point(from)}A7 7 0 ${large} 1 ${
    point(from + share)
  }Z"/>`;
}
