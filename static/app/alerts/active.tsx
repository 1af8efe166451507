/** The alerts that hold, as the WebSocket keeps them up to date; or that there are none. */

import { useState } from "preact/hooks";
import { count, percent, plural } from "../format.ts";
import { alerts, isLoaded, summary } from "../hosts.ts";
import { AlertItem } from "./alert_item.tsx";
import { Filters } from "./filters.tsx";
import { type AlertFilter, countLevels, fitting } from "./levels.ts";

/** Drawn at first; more when asked for. */
const PAGE = 100;

export function ActiveAlerts({ filter }: { readonly filter: AlertFilter }) {
  const [most, setMost] = useState(PAGE);
  const all = alerts.value;
  if (!isLoaded.value) return <p class="dim">Loading …</p>;
  if (all.size === 0) return <AllIsWell />;
  const found = fitting(all.values(), filter);
  return (
    <>
      <Filters filter={filter} counts={countLevels(all.values(), filter)} hasText />
      {found.length === 0 && <p class="dim">No alert fits. {plural(all.size, "alert")} in all.</p>}
      <ul class="alerts">
        {found.slice(0, most).map((alert) => <AlertItem key={alert.id} alert={alert} />)}
      </ul>
      {found.length > most && (
        <button type="button" onClick={() => setMost(most + PAGE)}>
          Show more: {count(found.length - most)} left
        </button>
      )}
    </>
  );
}

function AllIsWell() {
  const now = summary.value;
  const states = now?.states;
  return (
    <section class="card well" aria-label="No alerts">
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d="M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20Zm-1.2 14.6L6.6 12.4L8 11l2.8 2.8L16 8.4l1.4 1.4Z" />
      </svg>
      <h2>All is well</h2>
      {now !== null && states !== undefined && (
        <p class="num">
          {now.hosts === 0
            ? "No host has been heard from yet."
            : `${plural(now.hosts, "host")} watched, ${count(states.up)} up` +
              (states.paused > 0 ? `, ${count(states.paused)} paused` : "") +
              (states.shutdown > 0 ? `, ${count(states.shutdown)} off` : "") +
              (states.new > 0 ? `, ${count(states.new)} not heard from yet` : "") + "."}
          {now.stability !== null && now.hosts > 0 && ` Stability ${percent(now.stability)}.`}
        </p>
      )}
      <p class="dim">Silent hosts, and metrics over their thresholds, will appear here.</p>
    </section>
  );
}
