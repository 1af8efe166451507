/** The bar on top: the pages, how many alerts there are, the theme, and who is logged in. */

import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { summary } from "../hosts.ts";
import { logOut, me } from "../me.ts";
import { path } from "../router.ts";
import type { AlertCounts } from "../types.ts";
import { AlertPie } from "./alert_pie.tsx";
import { PreferenceFields } from "./preference_fields.tsx";

const NONE: AlertCounts = { CRITICAL: 0, WARNING: 0, UNKNOWN: 0, stale: 0 };

export function Navigation() {
  const counts = summary.value?.alerts ?? NONE;
  const total = counts.CRITICAL + counts.WARNING + counts.UNKNOWN + counts.stale;
  const words = (["CRITICAL", "WARNING", "UNKNOWN", "stale"] as const)
    .filter((level) => counts[level] > 0)
    .map((level) => `${counts[level]} ${level.toLowerCase()}`).join(", ");
  return (
    <header class="bar">
      <a class="brand" href="/live">
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M2 12h5l2-6 4 12 3-8 1.5 2H22" />
        </svg>
        <span>Heartbeat</span>
      </a>
      <nav aria-label="Pages">
        <PageLink to="/live" isHere={path.value === "/live" || path.value === "/"}>Live</PageLink>
        <PageLink to="/alerts" isHere={path.value === "/alerts"}>
          Alerts
          {summary.value !== null && <AlertPie counts={counts} />}
          {total > 0 && <span class="num" title={words}>{total}</span>}
          {total > 0 && <span class="unseen">{words}</span>}
        </PageLink>
        <PageLink to="/settings" isHere={path.value === "/settings"}>Settings</PageLink>
      </nav>
      <Menu />
    </header>
  );
}

function PageLink(
  { to, isHere, children }: {
    readonly to: string;
    readonly isHere: boolean;
    readonly children: ComponentChildren;
  },
) {
  return <a href={to} {...(isHere && { "aria-current": "page" as const })}>{children}</a>;
}

function Menu() {
  const who = me.value;
  const name = who?.user ?? null;
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => closeFromOutside(menu), []);
  return (
    <details class="menu" ref={menu}>
      <summary>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 12a4 4 0 1 0 0-8a4 4 0 0 0 0 8ZM4 20c0-3.5 3.5-6 8-6s8 2.5 8 6" />
        </svg>
        <span class={name === null ? "unseen" : "menu-name"}>{name ?? "Preferences"}</span>
      </summary>
      <div class="menu-sheet">
        {who?.full_name && <p class="menu-who">{who.full_name}</p>}
        <PreferenceFields group="theme" />
        {name !== null && <button type="button" onClick={() => logOut()}>Log out</button>}
        {who !== null && name === null && who.users_configured && <a href="/login">Log in</a>}
      </div>
    </details>
  );
}

/** A menu closes by Escape, and when something else is clicked or focused. */
function closeFromOutside(menu: RefObject<HTMLDetailsElement>): () => void {
  const listening = new AbortController();
  const { signal } = listening;
  const close = ({ target }: Event) => {
    if (target instanceof Node && menu.current?.contains(target)) return;
    if (menu.current?.open) menu.current.open = false;
  };
  document.addEventListener("click", close, { signal });
  document.addEventListener("focusin", close, { signal });
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || menu.current?.open !== true) return;
    menu.current.open = false;
    menu.current.querySelector("summary")?.focus();
  }, { signal });
  return () => listening.abort();
}
