/** Which alerts are shown: levels with their counts, kind, host, text; all of it in the URL. */

import { count } from "../format.ts";
import { query, setQuery } from "../router.ts";
import { type AlertFilter, KIND_WORDS, KINDS, SHOWN_LEVELS, type ShownLevel } from "./levels.ts";

/** The filter that the URL asks for. */
export function filterOfQuery(): AlertFilter {
  const of = (name: string) => query.value.get(name) ?? "";
  return { level: of("level"), kind: of("kind"), host: of("host"), text: of("q") };
}

const WORDS: Readonly<Record<ShownLevel, string>> = {
  CRITICAL: "Critical",
  WARNING: "Warning",
  UNKNOWN: "Unknown",
  stale: "Stale",
};

const SIGNS: Readonly<Record<ShownLevel, string>> = {
  CRITICAL: "!!",
  WARNING: "!",
  UNKNOWN: "?",
  stale: "…",
};

interface Props {
  readonly filter: AlertFilter;
  /** Null: they are not counted. */
  readonly counts: Readonly<Record<ShownLevel, number>> | null;
  /** Whether the text is looked for, too. */
  readonly hasText: boolean;
}

export function Filters({ filter, counts, hasText }: Props) {
  return (
    <div class="alert-filters">
      <div class="row" role="group" aria-label="Level">
        {SHOWN_LEVELS.map((level) => (
          <button
            type="button"
            key={level}
            class={`tally level-${level.toLowerCase()}${
              counts?.[level] === 0 ? " tally-none" : ""
            }`}
            aria-pressed={filter.level === level}
            onClick={() => setQuery({ level: filter.level === level ? null : level })}
          >
            {counts !== null && <span class="tally-count num">{count(counts[level])}</span>}
            <span class="tally-word">
              <span aria-hidden="true">{SIGNS[level]}</span> {WORDS[level]}
            </span>
          </button>
        ))}
      </div>
      <div class="row alert-search">
        {hasText && (
          <input
            type="search"
            aria-label="Search alerts"
            placeholder="Search alerts"
            value={filter.text}
            onInput={({ currentTarget }) => setQuery({ q: currentTarget.value })}
          />
        )}
        <select
          aria-label="Kind"
          value={filter.kind}
          onChange={({ currentTarget }) => setQuery({ kind: currentTarget.value })}
        >
          <option value="">All kinds</option>
          {KINDS.map((kind) => <option key={kind} value={kind}>{KIND_WORDS[kind]}</option>)}
        </select>
        <input
          type="text"
          aria-label="Host"
          placeholder="Host, its whole name"
          autocapitalize="off"
          spellcheck={false}
          value={filter.host}
          onChange={({ currentTarget }) => setQuery({ host: currentTarget.value })}
        />
        {Object.values(filter).some((one) => one !== "") && (
          <button
            type="button"
            class="quiet"
            onClick={() => setQuery({ level: null, kind: null, host: null, q: null })}
          >
            Show all
          </button>
        )}
      </div>
    </div>
  );
}
