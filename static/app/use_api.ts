/**
 * What a part of a page asks the API for: asked when the part appears, again at intervals while
 * the page is looked at, when somebody says so, and when a lost connection is back. What was known
 * stays on show meanwhile.
 */

import { useCallback, useEffect, useState } from "preact/hooks";
import { ApiError, get } from "./api.ts";
import { connection } from "./socket.ts";

export interface Loaded<T> {
  /** Null until the first answer. */
  readonly data: T | null;
  /** Why there is nothing to show, or it may not be shown any more; null: it is all right. */
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
        hold((before) => {
          const data = before.path === path ? before.data : null;
          // A server that is gone for a moment takes nothing away; that it is, is told on top.
          return data !== null && isPassing(error) ? before : { path, data, error };
        });
      },
    );
    return () => stop.abort();
  }, [path, times]);
  useWhileVisible(reload, everyMs);
  useEffect(() => {
    let before = connection.peek().kind;
    return connection.subscribe(({ kind }) => {
      if (path !== null && kind === "open" && before === "lost") reload();
      before = kind;
    });
  }, [path, reload]);
  const { data, error } = held.path === path ? held : { data: null, error: null };
  return { data, error, reload };
}

/** True for what has nothing to do with what was asked for. */
function isPassing({ status }: ApiError): boolean {
  return status === 0 || status === 429 || status >= 500;
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
