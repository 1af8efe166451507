/** The last 60 intervals of a host, drawn, with a text in its place for who does not see it. */

import { BAR_HEIGHT, BAR_WIDTH, barPaths, barText } from "../../../src/web/interval_bar.ts";

export function IntervalBar({ bar }: { readonly bar: string }) {
  const text = barText(bar);
  return (
    <svg
      class="bar60"
      role="img"
      aria-label={text}
      viewBox={`0 0 ${BAR_WIDTH} ${BAR_HEIGHT}`}
      preserveAspectRatio="none"
    >
      <title>{text}</title>
      {barPaths(bar).map(({ kind, d }) => <path key={kind} class={kind} d={d} />)}
    </svg>
  );
}
