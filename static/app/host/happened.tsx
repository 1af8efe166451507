/** What happened at a host: its alerts, those that ended too, and its events. */

import { useEffect } from "preact/hooks";
import { part } from "../api.ts";
import { LevelMark } from "../components/state_mark.tsx";
import { Refusal } from "../components/refusal.tsx";
import { Time } from "../components/time.tsx";
import { duration } from "../format.ts";
import { alertNews } from "../hosts.ts";
import type { Alert } from "../types.ts";
import { type Loaded, useApi } from "../use_api.ts";
import { eventText, type HostEvent } from "./events.ts";
import type { HostAlerts } from "./types.ts";

export interface HostEvents {
  readonly events: readonly HostEvent[];
  readonly next: string | null;
  /** False: only the newest part of the journal was searched. */
  readonly complete: boolean;
}

const EVENTS = 50;
const SHOWN = 12;

/** The alerts of a host; asked for again when one of them changes. */
export function useHostAlerts(host: string): Loaded<HostAlerts> {
  const loaded = useApi<HostAlerts>(`hosts/${part(host)}/alerts`);
  const { reload } = loaded;
  useEffect(
    () => alertNews.subscribe((news) => news.some((alert) => alert.host === host) && reload()),
    [host, reload],
  );
  return loaded;
}

/** The last events of a host. */
export function useHostEvents(host: string): Loaded<HostEvents> {
  return useApi<HostEvents>(`hosts/${part(host)}/events?limit=${EVENTS}`);
}

interface Props {
  readonly alerts: Loaded<HostAlerts>;
  readonly events: Loaded<HostEvents>;
}

export function Happened({ alerts, events }: Props) {
  return (
    <div class="host-pair">
      <section class="card" aria-label="Alert history">
        <h2>Alerts</h2>
        {alerts.error !== null && <Refusal error={alerts.error} what="its alerts" />}
        {alerts.data?.alerts.length === 0 && <p class="dim">There were none.</p>}
        <ul class="log">
          {alerts.data?.alerts.slice(0, SHOWN).map((alert) => (
            <Line
              key={alert.id}
              alert={alert}
            />
          ))}
        </ul>
        {(alerts.data?.alerts.length ?? 0) > SHOWN && (
          <details class="fold">
            <summary>{(alerts.data?.alerts.length ?? 0) - SHOWN} more</summary>
            <ul class="log">
              {alerts.data?.alerts.slice(SHOWN).map((alert) => (
                <Line key={alert.id} alert={alert} />
              ))}
            </ul>
          </details>
        )}
      </section>
      <section class="card" aria-label="Events">
        <h2>Events</h2>
        {events.error !== null && <Refusal error={events.error} what="its events" />}
        {events.data?.events.length === 0 && <p class="dim">Nothing has happened yet.</p>}
        <ul class="log">
          {events.data?.events.map((event) => (
            <li key={event.seq}>
              <Time at={event.time} />
              <span>{eventText(event)}</span>
            </li>
          ))}
        </ul>
        {events.data?.complete === false && (
          <p class="dim">What is older lies further back in the journal.</p>
        )}
      </section>
    </div>
  );
}

function Line({ alert }: { readonly alert: Alert }) {
  const { since, ended, worst, stale, text } = alert;
  return (
    <li>
      <Time at={since} />
      <span>
        <LevelMark level={ended === null && stale ? "stale" : worst} /> {text}
        <span class="dim">
          {ended === null ? " lasts" : `, for ${duration(Math.round(ended - since))}`}
        </span>
      </span>
    </li>
  );
}
