/**
 * What a part of a page asks the API for: asked when the part appears, again at intervals while the
 * page is looked at, and when somebody says so. What was known stays on show meanwhile.
 */

import { useCallback, useEffect, useState } from "preact/hooks";
import { ApiError, get } from "./api.ts";

export interface Loaded<T> {
  /** Null until the first answer. */
  readonly data: T | null;
  /** Why the last try failed; null when it did not. */
  readonly error: ApiError | null;
  /** Asks again now. */
  readonly reload: () => void;
}

interface Held<T> {
  readonly path: string | null;
  readonly data: T | null;
  readonly error: ApiError | null;
}

/** Asks for `path` (null: for nothing), and again every `everyMs` (0: not by itself). */
export function useApi<T>(path: string | null, everyMs = 0): Loaded<T> {
  const [held, hold] = useState<Held<T>>({ path, data: null, error: null });
  const [times, setTimes] = useState(0);
  const reload = useCallback(() => setTimes((before) => before + 1), []);
  useEffect(() => {
    if (path === null) return;
    const stop = new AbortController();
    const { signal } = stop;
    get<T>(path, signal).then(
      (data) => signal.aborted || hold({ path, data, error: null }),
      (error) => {
        if (signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        hold((before) => ({ path, data: before.path === path ? before.data : null, error }));
      },
    );
    return () => stop.abort();
  }, [path, times]);
  useWhileVisible(reload, everyMs);
  const { data, error } = held.path === path ? held : { data: null, error: null };
  return { data, error, reload };
}

/** Calls `what` every `everyMs` (0: never) while the page is looked at, and when it is again. */
export function useWhileVisible(what: () => void, everyMs: number): void {
  useEffect(() => {
    if (everyMs === 0) return;
    let lastMs = Date.now();
    const callIfDue = () => {
      if (document.visibilityState !== "visible" || Date.now() - lastMs < everyMs - 50) return;
      lastMs = Date.now();
      what();
    };
    const timer = setInterval(callIfDue, everyMs);
    document.addEventListener("visibilitychange", callIfDue);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", callIfDue);
    };
  }, [what, everyMs]);
}
