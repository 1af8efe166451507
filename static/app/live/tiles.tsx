/**
 * How many hosts are in which state, to be read from across a room. Each number is a button as
 * well: it shows those hosts alone.
 */

import { StateShape, stateWord } from "../components/state_mark.tsx";
import { amount, count, percent } from "../format.ts";
import { setQuery } from "../router.ts";
import type { State, Summary } from "../types.ts";
import { STATES } from "./filter.ts";

interface Props {
  readonly summary: Summary;
  /** The state whose hosts are shown alone; null: all are. */
  readonly chosen: State | null;
}

export function Tiles({ summary, chosen }: Props) {
  const { states, beats_per_s, stability } = summary;
  const shown = STATES.filter((state) =>
    state === "down" || state === "up" || states[state] > 0 || state === chosen
  );
  return (
    <div class="tiles-row">
      <ul class="tiles" aria-label="Hosts by state">
        {shown.map((state) => (
          <li key={state}>
            <button
              type="button"
              class={`tile tile-${state} ${states[state] === 0 ? "tile-none" : ""}`}
              aria-pressed={state === chosen}
              onClick={() => setQuery({ state: state === chosen ? null : state })}
            >
              <span class="tile-count num">{count(states[state])}</span>
              <span class="tile-word">
                <StateShape state={state} />
                {stateWord(state)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <dl class="figures">
        <div>
          <dt>Beats a second</dt>
          <dd class="num">{beats_per_s === null ? "–" : amount(beats_per_s)}</dd>
        </div>
        {stability !== null && (
          <div>
            <dt>Stability</dt>
            <dd class="num">{percent(stability)}</dd>
          </div>
        )}
      </dl>
    </div>
  );
}
