/**
 * The samples of a host's plugins. The list with the newest of each is asked for every 15 s while
 * the page is looked at, and soon after a message of the host; of each plugin that is shown, all
 * samples once, and later only the newer ones.
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, get, part } from "../api.ts";
import { messages } from "../hosts.ts";
import { type Loaded, useApi } from "../use_api.ts";
import type { Message } from "../types.ts";
import { mergeSamples } from "./metrics.ts";
import type { PluginList, Sample } from "./types.ts";

const AGAIN_MS = 15_000;

/** A host that beats ten times a second does not have us ask as often. */
const SOONEST_MS = 3000;

/** Samples of a plugin in a chart. */
const MOST = 500;

/** Newer ones asked for at a time. */
const NEWER = 25;

/** The newest sample of each plugin of `host`. */
export function usePlugins(host: string): Loaded<PluginList> {
  const loaded = useApi<PluginList>(`hosts/${part(host)}/plugins`, AGAIN_MS);
  useAfterMessage(host, loaded.reload);
  return loaded;
}

/** Samples of one plugin, the newest first; `newest`: the time of the newest there is. */
export function useSamples(host: string, plugin: string, newest: number): {
  readonly samples: readonly Sample[] | null;
  readonly error: ApiError | null;
} {
  const [samples, hold] = useState<readonly Sample[] | null>(null);
  const [error, fail] = useState<ApiError | null>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    const stop = new AbortController();
    const limit = isFirst.current ? MOST : NEWER;
    const path = `hosts/${part(host)}/plugins/${part(plugin)}?limit=${limit}`;
    get<{ readonly samples: readonly Sample[] }>(path, stop.signal).then(
      ({ samples }) => {
        isFirst.current = false;
        hold((before) => mergeSamples(before ?? [], samples, MOST));
        fail(null);
      },
      (error) => {
        if (!stop.signal.aborted) fail(error instanceof ApiError ? error : null);
      },
    );
    return () => stop.abort();
  }, [host, plugin, newest]);
  return { samples, error };
}

/** Calls `what` soon after a message of `host` has come. */
export function useAfterMessage(host: string, what: () => void): void {
  useEffect(() => {
    let known = newestOf(messages.peek(), host);
    let lastMs = 0;
    let timer: ReturnType<typeof setTimeout> | null = null;
    const call = () => {
      timer = null;
      lastMs = Date.now();
      if (document.visibilityState === "visible") what();
    };
    const stop = messages.subscribe((list) => {
      const newest = newestOf(list, host);
      if (newest === known) return;
      known = newest;
      timer ??= setTimeout(call, Math.max(0, lastMs + SOONEST_MS - Date.now()));
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [host, what]);
}

function newestOf(messages: readonly Message[], host: string): number {
  return messages.find((message) => message.host === host)?.seq ?? 0;
}
