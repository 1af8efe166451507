/**
 * The small signs of which pages are made, as the server draws them: states, levels, bars and times.
 * They look as those of the web app (`static/app/components/`).
 */

import { html } from "hono/html";
import type { Level } from "../../monitor/level.ts";
import type { HostSnapshot } from "../../monitor/snapshot.ts";
import { BAR_HEIGHT, BAR_WIDTH, barPaths, barText } from "../interval_bar.ts";
import { formatDuration } from "../../config/duration.ts";
import type { Html } from "./answer.ts";

export type State = HostSnapshot["state"];

const STATES: Readonly<Record<State, readonly [word: string, shape: string]>> = {
  up: ["Up", "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11Z"],
  down: ["Down", "M8 1.5L15 14H1Z"],
  new: [
    "New",
    "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12Zm0 2.2a3.8 3.8 0 1 1 0 7.6a3.8 3.8 0 1 1 0-7.6Z",
  ],
  shutdown: ["Off", "M3 3h10v10H3Z"],
  paused: ["Paused", "M3.5 2.5h3.2v11H3.5ZM9.3 2.5h3.2v11H9.3Z"],
};

const SIGNS: Readonly<Record<Level | "stale", string>> = {
  CRITICAL: "!!",
  WARNING: "!",
  UNKNOWN: "?",
  stale: "…",
  OK: "✓",
};

/** A state by shape, colour and word. */
export function stateMark(state: State): Html {
  return html`<span class="state state-${state}">${stateShape(state)}${STATES[state][0]}</span>`;
}

/** The shape of a state alone; the word must stand beside it. */
export function stateShape(state: State): Html {
  return html`
    <svg class="shape shape-${state}" viewBox="0 0 16 16" aria-hidden="true">
      <path d="${STATES[state][1]}" fill-rule="evenodd" />
    </svg>
  `;
}

/** A level by sign, colour and word. */
export function levelMark(level: Level | "stale"): Html {
  return html`<span class="level level-${level.toLowerCase()}"><span aria-hidden="true">${
    SIGNS[level]
  }</span> ${level === "stale" ? "Stale" : level}</span>`;
}

/** The last 60 intervals. */
export function intervalBar(bar: string): Html {
  const text = barText(bar);
  return html`
    <svg class="bar60" role="img" aria-label="${text}"
      viewBox="0 0 ${BAR_WIDTH} ${BAR_HEIGHT}"
      preserveAspectRatio="none"><title>${text}</title>${barPaths(bar).map((
        { kind, d },
      ) =>
        html`
          <path class="${kind}" d="${d}" />
        `
      )}</svg>
  `;
}

/** `3m 5s ago`, with the exact time (UTC) for who hovers; `never` for null. */
export function ago(thenMs: number | null, nowMs: number): Html {
  if (thenMs === null) return html`<span class="dim">never</span>`;
  const exact = new Date(thenMs).toISOString();
  return html`<time datetime="${exact}" title="${exact}">${
    formatDuration(nowMs - thenMs)
  } ago</time>`;
}
