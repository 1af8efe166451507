/** Notices that a host has reported something, so that what belongs to it is asked for anew. */

import { useEffect } from "preact/hooks";
import { hosts, revision } from "../hosts.ts";
import { reportMark } from "./runs.ts";

/** A host may report all the time. */
const APART_MS = 3000;

/** Calls `what` when `host` has reported something new, at most every three seconds. */
export function useReports(host: string, what: () => void): void {
  useEffect(() => {
    const markNow = () => reportMark(hosts.get(host)?.report ?? null);
    let known = markNow();
    let lastMs = -Infinity;
    let timer: ReturnType<typeof setTimeout> | null = null;
    const call = () => {
      timer = null;
      lastMs = Date.now();
      what();
    };
    const stop = revision.subscribe(() => {
      const now = markNow();
      if (now === known) return;
      known = now;
      timer ??= setTimeout(call, Math.max(0, lastMs + APART_MS - Date.now()));
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [host]);
}
