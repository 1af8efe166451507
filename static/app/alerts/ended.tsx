/** The alerts that have ended, page by page; those that end now come on top. */

import { useEffect, useState } from "preact/hooks";
import { ApiError, get } from "../api.ts";
import { Refusal } from "../components/refusal.tsx";
import { alertNews } from "../hosts.ts";
import type { Alert } from "../types.ts";
import { AlertItem } from "./alert_item.tsx";
import { Filters } from "./filters.tsx";
import { type AlertFilter, fits } from "./levels.ts";

const PAGE = 50;

interface Page {
  readonly alerts: readonly Alert[];
  readonly next: string | null;
}

export function EndedAlerts({ filter }: { readonly filter: AlertFilter }) {
  const [page, setPage] = useState<Page | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const { level, kind, host } = filter;

  async function load(cursor: string | null, signal?: AbortSignal): Promise<void> {
    const asked = new URLSearchParams({ state: "ended", limit: String(PAGE) });
    for (const [name, value] of Object.entries({ level, kind, host, cursor: cursor ?? "" })) {
      if (value !== "") asked.set(name, value);
    }
    try {
      const { alerts, next } = await get<Page>(`alerts?${asked}`, signal);
      setPage((before) => ({
        alerts: cursor === null ? alerts : [...before?.alerts ?? [], ...alerts],
        next,
      }));
      setError(null);
    } catch (error) {
      if (error instanceof ApiError) setError(error);
      else if (signal?.aborted !== true) throw error;
    }
  }

  useEffect(() => {
    const stop = new AbortController();
    setPage(null);
    void load(null, stop.signal);
    return () => stop.abort();
  }, [level, kind, host]);

  useEffect(() =>
    alertNews.subscribe((news) => {
      const ended = news.filter((one) => one.ended !== null && fits(one, { ...filter, text: "" }));
      if (ended.length === 0) return;
      const numbers = new Set(ended.map(({ id }) => id));
      setPage((before) =>
        before && {
          ...before,
          alerts: [...ended, ...before.alerts.filter(({ id }) => !numbers.has(id))],
        }
      );
    }), [level, kind, host]);

  return (
    <>
      <Filters filter={filter} counts={null} hasText={false} />
      {error !== null && <Refusal error={error} what="what has ended" />}
      {page === null && error === null && <p class="dim">Loading …</p>}
      {page?.alerts.length === 0 && <p class="dim">No such alert is remembered.</p>}
      <ul class="alerts">
        {page?.alerts.map((alert) => <AlertItem key={alert.id} alert={alert} />)}
      </ul>
      {page !== null && page.next !== null && (
        <button
          type="button"
          onClick={() => void load(page.next)}
        >
          Show older ones
        </button>
      )}
    </>
  );
}
