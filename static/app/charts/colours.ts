/**
 * The colours of the style sheet for what is drawn on a canvas, which knows neither variables nor
 * `light-dark()`: an element nobody sees has them resolved.
 */

import { effect } from "@preact/signals";
import { theme } from "../preferences.ts";

let probe: HTMLElement | null = null;
const known = new Map<string, string>();
const listeners = new Set<() => void>();

/** The colour of `--name` in the theme of now. */
export function colour(name: string): string {
  const before = known.get(name);
  if (before !== undefined) return before;
  if (probe === null) {
    probe = document.createElement("i");
    probe.className = "unseen";
    probe.ariaHidden = "true";
    document.body.append(probe);
  }
  probe.style.color = `var(--${name})`;
  const found = getComputedStyle(probe).color;
  known.set(name, found);
  return found;
}

/** Calls `what` when the theme has changed, until the function it returns is called. */
export function onThemeChange(what: () => void): () => void {
  if (listeners.size === 0) startWatching();
  listeners.add(what);
  return () => listeners.delete(what);
}

let isWatching = false;

function startWatching(): void {
  if (isWatching) return;
  isWatching = true;
  const changed = () => {
    // After the style sheet has followed.
    requestAnimationFrame(() => {
      known.clear();
      for (const what of listeners) what();
    });
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  effect(() => {
    theme.value;
    changed();
  });
}
