/** The bar on top: the pages, how many alerts there are, the theme, and who is logged in. */

import { summary } from "../hosts.ts";
import { logOut, me } from "../me.ts";
import { isOn, setSwitch, setTheme, type Theme, theme, THEMES } from "../preferences.ts";
import { path } from "../router.ts";
import type { AlertCounts } from "../types.ts";
import { AlertPie } from "./alert_pie.tsx";

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
    readonly children: preact.ComponentChildren;
  },
) {
  return <a href={to} {...(isHere && { "aria-current": "page" as const })}>{children}</a>;
}

function Menu() {
  const who = me.value;
  const name = who?.user ?? null;
  return (
    <details class="menu">
      <summary>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 12a4 4 0 1 0 0-8a4 4 0 0 0 0 8ZM4 20c0-3.5 3.5-6 8-6s8 2.5 8 6" />
        </svg>
        <span class={name === null ? "unseen" : "menu-name"}>{name ?? "Preferences"}</span>
      </summary>
      <div class="menu-sheet">
        {who?.full_name && <p class="menu-who">{who.full_name}</p>}
        <fieldset>
          <legend>Theme</legend>
          {THEMES.map((one) => <ThemeChoice key={one} one={one} />)}
        </fieldset>
        <fieldset>
          <legend>When a host goes down</legend>
          <label>
            <input
              type="checkbox"
              checked={isOn("sound")}
              onChange={({ currentTarget }) => setSwitch("sound", currentTarget.checked)}
            />
            Play a sound
          </label>
          <label>
            <input
              type="checkbox"
              checked={isOn("notify")}
              onChange={({ currentTarget }) => setSwitch("notify", currentTarget.checked)}
            />
            Show a notification
          </label>
        </fieldset>
        {name !== null && <button type="button" onClick={() => logOut()}>Log out</button>}
        {who !== null && name === null && who.users_configured && <a href="/login">Log in</a>}
      </div>
    </details>
  );
}

function ThemeChoice({ one }: { readonly one: Theme }) {
  return (
    <label>
      <input
        type="radio"
        name="theme"
        checked={theme.value === one}
        onChange={() => setTheme(one)}
      />
      {{ system: "As the system", light: "Light", dark: "Dark" }[one]}
    </label>
  );
}
