/** The last 60 intervals of a host, large, with a legend: each kind has a shape of its own. */

import { count, plural } from "../format.ts";
import type { Host } from "../types.ts";
import { BAR_KINDS, BAR_WORDS, type BarKind, barText } from "./bar.ts";
import { useHost } from "./use_host.ts";

const MOST = 60;
const STEP = 10;
const HEIGHT = 40;

/** On a field of 10 × 40: full, half, a low block with a gap above, and dots. */
const SHAPES: Readonly<Record<BarKind, string>> = {
  o: "M1.5 4h7v32h-7Z",
  l: "M1.5 20h7v16h-7ZM1.5 13h7v3h-7Z",
  m: "M1.5 4h7v6h-7ZM1.5 30h7v6h-7Z",
  d: "M4 9h2v2h-2ZM4 19h2v2h-2ZM4 29h2v2h-2Z",
};

export function BeatBar({ detail }: { readonly detail: Host }) {
  const { bar, total, late, missed, stability } = useHost(detail);
  const first = MOST - Math.min(MOST, bar.length);
  const shown = bar.slice(-MOST);
  return (
    <section class="card" aria-label="Last intervals">
      <div class="row card-head">
        <h2>Last {MOST} intervals</h2>
        <p class="dim num">
          {plural(total, "beat")} in all, {count(late)} late, {count(missed)} missed
          {stability !== null && `, stability ${stability} %`}
        </p>
      </div>
      <svg
        class="beats"
        viewBox={`0 0 ${MOST * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={barText(shown)}
      >
        {BAR_KINDS.map((kind) => (
          <path key={kind} class={`beat beat-${kind}`} d={pathOf(shown, kind, first)} />
        ))}
        {first > 0 && <path class="beat beat-none" d={`M0 35.5h${first * STEP}`} />}
      </svg>
      <ul class="row legend">
        {BAR_KINDS.map((kind) => (
          <li key={kind}>
            <svg
              class="legend-sign"
              viewBox="0 0 10 40"
              preserveAspectRatio="none"
              aria-hidden="true"
            >
              <path class={`beat beat-${kind}`} d={SHAPES[kind]} />
            </svg>
            {BAR_WORDS[kind]}
          </li>
        ))}
      </ul>
    </section>
  );
}

function pathOf(bar: string, kind: BarKind, first: number): string {
  const moved = SHAPES[kind].split("M").slice(1);
  return [...bar].flatMap((one, i) => {
    if (one !== kind) return [];
    return moved.map((shape) => {
      const [, x = "0", rest = ""] = /^([\d.]+)(.*)$/.exec(shape) ?? [];
      return `M${Number(x) + (first + i) * STEP}${rest}`;
    });
  }).join("");
}
