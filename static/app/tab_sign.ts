/** The tab's title and icon: how many alerts there are, to be seen from among twenty other tabs. */

import { effect } from "@preact/signals";
import { alertPie } from "./components/alert_pie.tsx";
import { summary } from "./hosts.ts";
import { hostOfPath, path } from "./router.ts";
import type { AlertCounts } from "./types.ts";

const TITLES: Readonly<Record<string, string>> = {
  "/alerts": "Alerts",
  "/settings": "Settings",
};

const NONE: AlertCounts = { CRITICAL: 0, WARNING: 0, UNKNOWN: 0, stale: 0 };

/** Keeps title and icon right from now on. */
export function startTabSign(): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel~="icon"]');
  let shown = "";
  effect(() => {
    const counts = summary.value?.alerts ?? NONE;
    const total = counts.CRITICAL + counts.WARNING + counts.UNKNOWN + counts.stale;
    const page = hostOfPath(path.value) ?? TITLES[path.value] ?? "";
    const title = page === "" ? "Heartbeat" : `${page} · Heartbeat`;
    document.title = total === 0 ? title : `(${total}) ${title}`;
    const drawn = alertPie(counts);
    if (icon === null || drawn === shown) return;
    shown = drawn;
    icon.type = "image/svg+xml";
    icon.href = `data:image/svg+xml,${encodeURIComponent(drawn)}`;
  });
}
