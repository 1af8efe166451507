/** What happened at a host: its alerts, those that ended too, and its events. */

import { useEffect, useState } from "preact/hooks";
import { type ApiError, get, part } from "../api.ts";
import { LevelMark } from "../components/state_mark.tsx";
import { Refusal } from "../components/refusal.tsx";
import { Time } from "../components/time.tsx";
import { duration } from "../format.ts";
import { alertNews } from "../hosts.ts";
import { alertWords } from "../alerts/levels.ts";
import type { Alert } from "../types.ts";
import { type Loaded, useApi } from "../use_api.ts";
import { eventText, type HostEvent, withoutAlerts } from "./events.ts";
import type { HostAlerts } from "./types.ts";

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

/** The last events of a host, as many pages of them as were asked for. */
export interface HostEvents {
  readonly events: readonly HostEvent[];
  readonly error: ApiError | null;
  /** False: there are none. */
  readonly hasMore: boolean;
  readonly reload: () => void;
  readonly more: () => void;
}

interface EventPage {
  readonly events: readonly HostEvent[];
  readonly next: string | null;
  readonly complete: boolean;
}

export function useHostEvents(host: string): HostEvents {
  const first = `hosts/${part(host)}/events?limit=${EVENTS}`;
  const { data, error, reload } = useApi<EventPage>(first);
  const [older, setOlder] = useState<EventPage | null>(null);
  useEffect(() => setOlder(null), [data]);
  const last = older ?? data;
  async function more(): Promise<void> {
    if (last === null || last.next === null) return;
    const page = await get<EventPage>(`${first}&cursor=${part(last.next)}`).catch(() => null);
    if (page === null) return;
    setOlder((before) => ({ ...page, events: [...before?.events ?? [], ...page.events] }));
  }
  return {
    events: [...data?.events ?? [], ...older?.events ?? []],
    error,
    hasMore: last !== null && last.next !== null,
    reload,
    more: () => void more(),
  };
}

interface Props {
  readonly alerts: Loaded<HostAlerts>;
  readonly events: HostEvents;
}

export function Happened({ alerts, events }: Props) {
  const shown = withoutAlerts(events.events);
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
        {shown.length === 0 && <p class="dim">Nothing is remembered.</p>}
        <ul class="log">
          {shown.map((event) => (
            <li key={event.seq}>
              <Time at={event.time} />
              <span>{eventText(event)}</span>
            </li>
          ))}
        </ul>
        {events.hasMore && (
          <button type="button" class="quiet" onClick={events.more}>Show older ones</button>
        )}
      </section>
    </div>
  );
}

function Line({ alert }: { readonly alert: Alert }) {
  const { since, ended, worst, stale } = alert;
  return (
    <li>
      <Time at={since} />
      <span>
        <LevelMark level={ended === null && stale ? "stale" : worst} /> {alertWords(alert)}
        <span class="dim">
          {ended === null ? " lasts" : `, for ${duration(Math.round(ended - since))}`}
        </span>
      </span>
    </li>
  );
}
