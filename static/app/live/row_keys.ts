/**
 * The keyboard in the table of hosts: the arrow keys, Home and End go from row to row, `/` to the
 * search, Escape shows all hosts again. One row at a time can be reached with Tab.
 */

import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { clearFilter } from "./filter.ts";

/** The field that `/` leads to. */
export const SEARCH_ID = "host-search";

/** Rows that Page Up and Page Down go. */
const PAGE = 10;

/** Height of what sticks to the top: the bar and the head of the table. */
const STICKY_PX = 110;

/**
 * The name of the host that Tab leads to; null: the first. `look` makes the rows that can be seen.
 */
export function useRowKeys(
  table: RefObject<HTMLTableElement>,
  names: readonly string[],
  rowPx: number,
  look: () => void,
): string | null {
  const [active, setActive] = useState<string | null>(null);
  // Going to a row that Tab leads to already must draw anew, too.
  const [, setTurn] = useState(0);
  const wanted = useRef<string | null>(null);
  const latest = useRef({ names, rowPx, active });
  latest.current = { names, rowPx, active };

  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
      const focused = document.activeElement;
      const search = document.getElementById(SEARCH_ID);
      const isTyping = focused instanceof HTMLInputElement || focused instanceof HTMLSelectElement;
      if (event.key === "/" && !isTyping) {
        event.preventDefault();
        search?.focus();
        return;
      }
      // Escape closes an open menu or dialog first.
      if (
        event.key === "Escape" && document.querySelector("dialog[open], details[open]") === null
      ) {
        // The row that has the focus may be gone then.
        if (table.current?.contains(focused)) search?.focus({ preventScroll: true });
        clearFilter();
        return;
      }
      const isInTable = table.current?.contains(focused) === true;
      const isNowhere = focused === document.body || focused?.id === "page-title";
      const isFromSearch = focused === search && event.key === "ArrowDown";
      if (!isInTable && !isFromSearch && !isNowhere) return;
      const { names, rowPx, active } = latest.current;
      const at = isInTable ? names.indexOf(active ?? nameOf(focused) ?? "") : -1;
      const next = nextRow(event.key, at, names.length, isInTable);
      const name = next === null ? undefined : names[next];
      if (next === null || name === undefined) return;
      event.preventDefault();
      show(table.current, next, rowPx);
      look();
      wanted.current = name;
      setActive(name);
      setTurn((turn) => turn + 1);
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  useLayoutEffect(() => {
    const name = wanted.current;
    if (name === null) return;
    for (const link of table.current?.querySelectorAll<HTMLElement>("a[data-name]") ?? []) {
      if (link.dataset.name !== name) continue;
      wanted.current = null;
      link.focus({ preventScroll: true });
    }
  });
  // Where the row that Tab led to is not shown any more, the first one takes its place.
  return active !== null && names.includes(active) ? active : null;
}

function nameOf(element: Element | null): string | undefined {
  return element instanceof HTMLElement ? element.dataset.name : undefined;
}

/** The row that a key leads to from row `at` (-1: from outside); null: none. */
function nextRow(key: string, at: number, count: number, isInTable: boolean): number | null {
  const clamp = (row: number) => Math.max(0, Math.min(count - 1, row));
  switch (key) {
    case "ArrowDown":
      return clamp(at + 1);
    case "ArrowUp":
      return isInTable ? clamp(at - 1) : null;
    case "PageDown":
      return isInTable ? clamp(at + PAGE) : null;
    case "PageUp":
      return isInTable ? clamp(at - PAGE) : null;
    case "Home":
      return isInTable ? 0 : null;
    case "End":
      return isInTable ? count - 1 : null;
    default:
      return null;
  }
}

/** Scrolls as little as shows the row whole. */
function show(table: HTMLTableElement | null, row: number, rowPx: number): void {
  const body = table?.tBodies[0];
  if (!body) return;
  const top = body.getBoundingClientRect().top + row * rowPx;
  if (top < STICKY_PX) scrollBy(0, top - STICKY_PX);
  else if (top + rowPx > innerHeight - 8) scrollBy(0, top + rowPx - innerHeight + 8);
}
