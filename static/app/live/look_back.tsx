/**
 * The way into the past: a button, and behind it a slider from the first moment that the journal
 * holds to now, with marks where hosts went down. While a past moment is shown, that is said in
 * large letters; what comes in meanwhile is held back until somebody goes back to now.
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { nowS } from "../clock.ts";
import { Refusal } from "../components/refusal.tsx";
import { clockTime, exactTime, plural } from "../format.ts";
import { setQuery } from "../router.ts";
import { useApi } from "../use_api.ts";
import type { Past } from "./past.ts";
import { momentAfter } from "./steps.ts";

/** What `GET /api/0/replay/timeline` answers. */
interface Timeline {
  readonly since: number | null;
  readonly until: number;
  readonly downs: readonly { readonly time: number; readonly hosts: number }[];
}

/** The slider rests so long before the moment is asked for. */
const REST_MS = 150;

/** So near to its end it means now, seconds. */
const NOW_S = 1;

/** Shows the moment `atS`, a whole second; null: now. */
function goTo(atS: number | null): void {
  setQuery({ at: atS === null ? null : String(atS) });
}

export function LookBackButton({ isOpen, onToggle }: {
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}) {
  return (
    <button
      type="button"
      class="quiet look-back-button"
      aria-expanded={isOpen}
      aria-controls="look-back"
      onClick={onToggle}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <circle cx="12" cy="12" r="9" />
        <path d="M12 7v5l3.5 2" />
      </svg>
      Look back
    </button>
  );
}

export function LookBack({ atS, past }: { readonly atS: number | null; readonly past: Past }) {
  const { data, error } = useApi<Timeline>("replay/timeline");
  return (
    <section id="look-back" class="look-back" aria-label="Look back">
      {error !== null && <Refusal what="the past" error={error} />}
      {data === null && error === null && <p class="dim">Looking how far back it goes …</p>}
      {data !== null && data.since === null && (
        <p class="dim">The journal is empty: there is no past yet.</p>
      )}
      {data !== null && data.since !== null && (
        <Slider atS={atS} sinceS={data.since} untilS={data.until} downs={data.downs} />
      )}
      {atS !== null && <Banner atS={atS} past={past} />}
    </section>
  );
}

interface SliderProps {
  readonly atS: number | null;
  readonly sinceS: number;
  readonly untilS: number;
  readonly downs: Timeline["downs"];
}

function Slider({ atS, sinceS, untilS, downs }: SliderProps) {
  // Where it is dragged to; the address follows when it rests.
  const [dragged, setDragged] = useState<number | null>(null);
  const rest = useRef<ReturnType<typeof setTimeout>>();
  // The moment that was last asked for here; any other comes from elsewhere, and has its way.
  const asked = useRef(atS);
  useEffect(() => () => clearTimeout(rest.current), []);
  useEffect(() => {
    if (atS === asked.current) return;
    asked.current = atS;
    clearTimeout(rest.current);
    setDragged(null);
  }, [atS]);
  const value = Math.min(untilS, Math.max(sinceS, dragged ?? atS ?? untilS));
  const isNow = dragged === null ? atS === null : value >= untilS - NOW_S;
  // As it will be asked for.
  const shownS = dragged === null ? atS ?? value : Math.ceil(dragged);

  function move(toS: number): void {
    setDragged(toS);
    clearTimeout(rest.current);
    rest.current = setTimeout(() => {
      asked.current = toS >= untilS - NOW_S ? null : Math.ceil(toS);
      goTo(asked.current);
    }, REST_MS);
  }

  return (
    <div class="past-slider">
      <input
        type="range"
        min={sinceS}
        max={untilS}
        step="any"
        value={value}
        aria-label="Moment"
        aria-valuetext={isNow ? "now" : exactTime(shownS)}
        onInput={({ currentTarget }) => move(currentTarget.valueAsNumber)}
        onKeyDown={(event) => {
          if (event.altKey || event.ctrlKey || event.metaKey) return;
          const next = momentAfter(event.key, event.shiftKey, value, sinceS, untilS);
          if (next === null) return;
          event.preventDefault();
          move(next);
        }}
      />
      <Marks sinceS={sinceS} untilS={untilS} downs={downs} />
      <p class="past-ends num" aria-hidden="true">
        <span>{clockTime(sinceS, nowS.value)}</span>
        <span class="past-value">
          {isNow ? "now" : clockTime(shownS, nowS.value)}
        </span>
        <span>now</span>
      </p>
    </div>
  );
}

/** Where hosts went down. */
function Marks({ sinceS, untilS, downs }: Omit<SliderProps, "atS">) {
  const span = Math.max(1, untilS - sinceS);
  return (
    <svg class="past-marks" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
      {downs.map(({ time, hosts }) => (
        <rect
          key={time}
          x={Math.min(997, Math.max(0, (time - sinceS) / span * 1000 - 1.5))}
          y={hosts > 1 ? 0 : 3}
          width="3"
          height={hosts > 1 ? 8 : 5}
        >
          <title>{plural(hosts, "host")} down at {exactTime(time)}</title>
        </rect>
      ))}
    </svg>
  );
}

function Banner({ atS, past: { view, isLoading, error } }: {
  readonly atS: number;
  readonly past: Past;
}) {
  return (
    <div class="past-banner" role="status">
      <p>
        <strong>State at {clockTime(atS, nowS.value)}</strong>
        {isLoading && <span class="dim">· reading the journal …</span>}
        <button type="button" onClick={() => goTo(null)}>Back to now</button>
      </p>
      {error !== null && <Refusal what="that moment" error={error} />}
      {view !== null && view.knownSince === null && (
        <p>The journal begins later: nothing is known of that time.</p>
      )}
      {view !== null && view.knownSince !== null && !view.isListening && (
        <p>The server did not run or listen then: this is what it knew before.</p>
      )}
      {view !== null && view.knownSince !== null && !view.isWhole && (
        <p class="dim">
          Counts begin with the journal,{" "}
          {clockTime(view.knownSince, nowS.value)}; hosts of which it has nothing up to this moment
          are missing.
        </p>
      )}
      {view?.isTruncated === true && <p class="dim">Only the worst hosts are shown.</p>}
    </div>
  );
}
