/**
 * Where the viewer is. Links of this app change the address without loading a page, so that the
 * connection stays; whatever else is clicked is the browser's business.
 */

import { computed, signal } from "@preact/signals";

const address = signal(new URL(location.href));

/** The path, without what follows `?`. */
export const path = computed(() => address.value.pathname);

/** What follows `?`. */
export const query = computed(() => address.value.searchParams);

const PAGES = /^\/(?:$|live$|alerts$|settings$|plugins\/.)/;

/** Goes to a page of this app. */
export function go(to: string): void {
  history.pushState(null, "", to);
  address.value = new URL(location.href);
  scrollTo(0, 0);
}

/** Brings the keyboard to the heading of the page: who listens hears what page it is. */
export function focusTitle(): void {
  document.querySelector<HTMLElement>("#page-title")?.focus({ preventScroll: true });
}

/** Puts `changes` into the query; what is empty is taken out. The page stays. */
export function setQuery(changes: Readonly<Record<string, string | null>>): void {
  const next = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") next.searchParams.delete(name);
    else next.searchParams.set(name, value);
  }
  history.replaceState(null, "", next);
  address.value = next;
}

/** The page of a host. */
export function hostPath(name: string): string {
  return `/plugins/${encodeURIComponent(name)}`;
}

/** The host that a path is the page of, or null. */
export function hostOfPath(path: string): string | null {
  if (!path.startsWith("/plugins/")) return null;
  try {
    return decodeURIComponent(path.slice("/plugins/".length)) || null;
  } catch {
    return null;
  }
}

/** Follows clicks on links and the buttons of the browser. */
export function startRouter(): void {
  addEventListener("popstate", () => {
    address.value = new URL(location.href);
  });
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null || link.target !== "" || link.origin !== location.origin) return;
    if (link.hasAttribute("download") || !PAGES.test(link.pathname)) return;
    if (link.hash !== "" && link.pathname === location.pathname) return;
    event.preventDefault();
    go(link.href);
  });
}
