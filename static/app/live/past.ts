/**
 * The hosts at a past moment, as the address asks for it (`?at=`, epoch seconds). What was shown
 * before stays until the next moment is there; a server that needs longer to read its journal is
 * asked again.
 */

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { ApiError, get } from "../api.ts";
import { query } from "../router.ts";
import type { Host, State, Summary } from "../types.ts";

/** How often a server is asked that is busy, or reads a long journal. */
const TURNS = 30;

/** Time between two of them. */
const TURN_MS = 1000;

/** What `GET /api/0/replay` answers. */
interface Answer {
  readonly at: number;
  readonly known_since: number | null;
  readonly whole: boolean;
  readonly listening: boolean;
  readonly totals: {
    readonly hosts: number;
    readonly states: Readonly<Record<State, number>>;
    readonly stability: number | null;
  };
  readonly truncated: boolean;
  readonly hosts: readonly Omit<Host, "duplicates">[];
}

/** The hosts at a moment. */
export interface PastView {
  /** Epoch seconds. */
  readonly atS: number;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly summary: Summary;
  /** When the journal begins; null: it knows nothing of that time. */
  readonly knownSince: number | null;
  /** It goes back to the first message. */
  readonly isWhole: boolean;
  /** The server ran, and listened. */
  readonly isListening: boolean;
  readonly isTruncated: boolean;
}

export interface Past {
  /** Null: not there yet. */
  readonly view: PastView | null;
  readonly isLoading: boolean;
  /** Why it cannot be shown; null: it can. */
  readonly error: ApiError | null;
}

/** The moment that is shown, epoch seconds; null: now. */
export const shownAtS = signal<number | null>(null);

/** The moment that the address asks for, epoch seconds; null: now. */
export function readMoment(): number | null {
  const text = query.value.get("at");
  const atS = Number(text);
  return text === null || text === "" || !Number.isFinite(atS) || atS < 0 ? null : atS;
}

/** The hosts at `atS`; null: nothing is asked for. */
export function usePast(atS: number | null): Past {
  const [past, setPast] = useState<Past>({ view: null, isLoading: false, error: null });
  useEffect(() => {
    if (atS === null) {
      setPast({ view: null, isLoading: false, error: null });
      return;
    }
    const stop = new AbortController();
    setPast(({ view }) => ({ view, isLoading: true, error: null }));
    load(atS, stop.signal).then(
      (view) => stop.signal.aborted || setPast({ view, isLoading: false, error: null }),
      (error) => {
        if (stop.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setPast(({ view }) => ({ view, isLoading: false, error }));
      },
    );
    return () => stop.abort();
  }, [atS]);
  const shown = atS === null ? null : past.view?.atS ?? null;
  useEffect(() => {
    shownAtS.value = shown;
    return () => {
      shownAtS.value = null;
    };
  }, [shown]);
  return past;
}

async function load(atS: number, signal: AbortSignal): Promise<PastView> {
  for (let turn = 1;; turn++) {
    try {
      return viewOf(await get<Answer>(`replay?at=${atS}`, signal));
    } catch (error) {
      const isPassing = error instanceof ApiError && error.status === 503 && turn < TURNS;
      if (!isPassing) throw error;
      await new Promise((resolve) => setTimeout(resolve, TURN_MS));
      signal.throwIfAborted();
    }
  }
}

function viewOf(answer: Answer): PastView {
  const { at, totals: { hosts, states, stability } } = answer;
  const alerts = { CRITICAL: 0, WARNING: 0, UNKNOWN: 0, stale: 0 };
  for (const host of answer.hosts) {
    for (const level of ["CRITICAL", "WARNING", "UNKNOWN", "stale"] as const) {
      alerts[level] += host.alerts?.[level] ?? 0;
    }
  }
  return {
    atS: at,
    hosts: new Map(answer.hosts.map((host) => [host.name, { ...host, duplicates: 0 }])),
    summary: { hosts, states, alerts, beats_per_s: null, problems: [], stability },
    knownSince: answer.known_since,
    isWhole: answer.whole,
    isListening: answer.listening,
    isTruncated: answer.truncated,
  };
}
