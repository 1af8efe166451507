/** The alerts that hold, as the WebSocket keeps them up to date; or that there are none. */

import { useState } from "preact/hooks";
import { count, percent, plural } from "../format.ts";
import { alerts, isLoaded, summary } from "../hosts.ts";
import type { State } from "../types.ts";
import { AlertItem } from "./alert_item.tsx";
import { Filters } from "./filters.tsx";
import { type AlertFilter, countLevels, fitting } from "./levels.ts";

/** Drawn at first; more when asked for. */
const PAGE = 100;

/** A disc with a tick cut out of it. */
const TICK = "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20Z" +
  "m-1.2 14.6L6.6 12.4L8 11l2.8 2.8L16 8.4l1.4 1.4Z";

export function ActiveAlerts({ filter }: { readonly filter: AlertFilter }) {
  const [most, setMost] = useState(PAGE);
  const all = alerts.value;
  if (!isLoaded.value) return <p class="dim">Loading …</p>;
  if (all.size === 0) return <NoAlerts />;
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

/** "All is well" is said only when it is. */
function NoAlerts() {
  const now = summary.value;
  if (now === null) return <p class="dim">No alert holds.</p>;
  const { hosts, states, problems, stability } = now;
  const isWell = hosts > 0 && states.down === 0 && problems.length === 0;
  return (
    <section class="card well" aria-label="No alerts">
      {isWell && (
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d={TICK} />
        </svg>
      )}
      <h2>{isWell ? "All is well" : hosts === 0 ? "Nothing is watched yet" : "No alert holds"}</h2>
      <p class="num">
        {watchedText(hosts, states)}
        {stability !== null && hosts > 0 && ` Stability ${percent(stability)}.`}
      </p>
      <p class="dim">Hosts that are down, and metrics over their thresholds, will appear here.</p>
    </section>
  );
}

function watchedText(hosts: number, states: Readonly<Record<State, number>>): string {
  if (hosts === 0) return "No host has been heard from.";
  const parts = [
    [states.up, "up"],
    [states.down, "down"],
    [states.paused, "paused"],
    [states.shutdown, "off"],
    [states.new, "not heard from yet"],
  ] as const;
  const told = parts.filter(([many]) => many > 0).map(([many, word]) => `${count(many)} ${word}`);
  return `${plural(hosts, "host")}: ${told.join(", ")}.`;
}
