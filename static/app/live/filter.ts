/**
 * Which hosts are shown, in which order: kept in the address, so that a reload, a bookmark and a
 * link sent to a colleague show the same. Names are those of the query.
 */

import { query, setQuery } from "../router.ts";
import type { State } from "../types.ts";
import type { Filter } from "./order.ts";

export const STATES: readonly State[] = ["down", "up", "new", "paused", "shutdown"];

/** The order when nobody has chosen one: the worst first. */
export const SORT = "state";

/** What the address says. */
export function readFilter(): Filter {
  const asked = query.value;
  return {
    q: asked.get("q") ?? "",
    state: STATES.find((state) => state === asked.get("state")) ?? null,
    owner: asked.get("owner"),
    group: asked.get("group"),
    sort: asked.get("sort") ?? SORT,
    dir: asked.get("dir") === "desc" ? "desc" : "asc",
  };
}

/** True when some hosts may be left out. */
export function isFiltered({ q, state, owner, group }: Filter): boolean {
  return q !== "" || state !== null || owner !== null || group !== null;
}

/** Shows all hosts again; the order stays. */
export function clearFilter(): void {
  setQuery({ q: null, state: null, owner: null, group: null });
}

/** Sorts by `column`, and the other way round when that is so already. */
export function sortBy(column: string, first: "asc" | "desc"): void {
  const { sort, dir } = readFilter();
  const next = sort !== column ? first : dir === "asc" ? "desc" : "asc";
  const isStandard = column === SORT && next === "asc";
  setQuery({
    sort: isStandard ? null : column,
    dir: isStandard || next === "asc" ? null : next,
  });
}
