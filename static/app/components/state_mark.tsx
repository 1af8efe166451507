/** A state by shape, colour and word: no one of them is needed to understand it. */

import type { Level, State } from "../types.ts";

const WORDS: Readonly<Record<State, string>> = {
  up: "Up",
  down: "Down",
  new: "New",
  shutdown: "Off",
  paused: "Paused",
};

/** What each state means, for who hovers. */
export const STATE_HELP: Readonly<Record<State, string>> = {
  up: "It beats as expected",
  down: "Its heartbeat is overdue",
  new: "Configured, but not heard from yet",
  shutdown: "It said goodbye",
  paused: "Nothing is expected of it now",
};

/** Shapes on a field of 16 × 16: a disc, a triangle, a ring, a square, two bars. */
const SHAPES: Readonly<Record<State, string>> = {
  up: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11Z",
  down: "M8 1.5L15 14H1Z",
  new: "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12Zm0 2.2a3.8 3.8 0 1 1 0 7.6a3.8 3.8 0 1 1 0-7.6Z",
  shutdown: "M3 3h10v10H3Z",
  paused: "M3.5 2.5h3.2v11H3.5ZM9.3 2.5h3.2v11H9.3Z",
};

/** The shape alone; the word must stand beside it. */
export function StateShape({ state }: { readonly state: State }) {
  return (
    <svg class={`shape shape-${state}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={SHAPES[state]} fill-rule="evenodd" />
    </svg>
  );
}

/** Shape and word. */
export function StateMark({ state }: { readonly state: State }) {
  return (
    <span class={`state state-${state}`} title={STATE_HELP[state]}>
      <StateShape state={state} />
      {WORDS[state]}
    </span>
  );
}

/** The word for a state. */
export function stateWord(state: State): string {
  return WORDS[state];
}

/** A level of an alert: a mark of its own shape, and the word. */
export function LevelMark({ level }: { readonly level: Level | "stale" | "OK" }) {
  const sign = { CRITICAL: "!!", WARNING: "!", UNKNOWN: "?", stale: "…", OK: "✓" }[level];
  return (
    <span class={`level level-${level.toLowerCase()}`}>
      <span aria-hidden="true">{sign}</span> {level === "stale" ? "Stale" : level}
    </span>
  );
}
