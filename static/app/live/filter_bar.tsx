/** Search, and the choice of owner and group where there are any; on a phone the order as well. */

import { count, plural } from "../format.ts";
import { setQuery } from "../router.ts";
import type { Column } from "./columns.tsx";
import { clearFilter, isFiltered, SORT } from "./filter.ts";
import type { Filter } from "./order.ts";
import { SEARCH_ID } from "./row_keys.ts";

interface Props {
  readonly filter: Filter;
  readonly shown: number;
  readonly total: number;
  readonly owners: readonly string[];
  readonly groups: readonly string[];
  readonly columns: readonly Column[];
}

export function FilterBar({ filter, shown, total, owners, groups, columns }: Props) {
  return (
    <search class="filters">
      <label class="filter-search">
        <span class="unseen">Search hosts by name or address</span>
        <input
          id={SEARCH_ID}
          type="search"
          placeholder="Search hosts"
          value={filter.q}
          autocomplete="off"
          spellcheck={false}
          enterkeyhint="search"
          onInput={({ currentTarget }) => setQuery({ q: currentTarget.value })}
        />
        <kbd aria-hidden="true">/</kbd>
      </label>
      <Choice name="group" label="Group" value={filter.group} options={groups} />
      <Choice name="owner" label="Owner" value={filter.owner} options={owners} />
      <label class="filter-sort">
        <span class="unseen">Sort by</span>
        <select
          value={filter.sort}
          onChange={({ currentTarget: { value } }) => {
            const first = columns.find(({ key }) => key === value)?.first ?? "asc";
            setQuery({ sort: value === SORT ? null : value, dir: first === "asc" ? null : first });
          }}
        >
          {columns.filter(({ sort }) => sort !== null).map(({ key, title }) => (
            <option key={key} value={key}>
              {key === SORT ? "Worst first" : `By ${lowerCase(title)}`}
            </option>
          ))}
        </select>
      </label>
      <p class="filter-count num" role="status">
        {isFiltered(filter) ? `${count(shown)} of ${plural(total, "host")}` : plural(total, "host")}
      </p>
      {isFiltered(filter) && (
        <button type="button" class="quiet" onClick={clearFilter}>Show all</button>
      )}
    </search>
  );
}

/** A title within a sentence; short forms stay as they are. */
function lowerCase(title: string): string {
  return title === title.toUpperCase() ? title : title.toLowerCase();
}

interface ChoiceProps {
  readonly name: "group" | "owner";
  readonly label: string;
  readonly value: string | null;
  readonly options: readonly string[];
}

function Choice({ name, label, value, options }: ChoiceProps) {
  if (options.length < 2 && value === null) return null;
  const all = value === null || options.includes(value) ? options : [value, ...options];
  return (
    <label>
      <span class="unseen">{label}</span>
      <select
        value={value ?? ""}
        onChange={({ currentTarget }) => setQuery({ [name]: currentTarget.value })}
      >
        <option value="">Any {label.toLowerCase()}</option>
        {all.map((option) => <option key={option} value={option}>{option}</option>)}
      </select>
    </label>
  );
}
