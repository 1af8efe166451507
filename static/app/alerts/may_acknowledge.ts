/**
 * Whether the viewer may acknowledge alerts of a host. Who sees all hosts is told by `users/me`;
 * for others the people of each host are asked for, once.
 */

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, get, part } from "../api.ts";
import { me } from "../me.ts";
import type { Alert } from "../types.ts";

interface People {
  readonly owner: string | null;
  readonly managers: readonly string[];
}

/** By host; null while the answer is awaited. */
const people = signal<ReadonlyMap<string, People | null>>(new Map());

/** Not offered before it is known. `known`: where the page knows it already. */
export function useMayAcknowledge({ host, ended }: Alert, known: boolean | undefined): boolean {
  const who = me.value;
  const isOpen = ended === null && who?.may_change === true;
  const mustAsk = isOpen && !who.admin && known === undefined;
  useEffect(() => {
    if (mustAsk) void ask(host);
  }, [mustAsk, host]);
  if (!isOpen || !mustAsk) return isOpen && (known ?? who.admin);
  const found = people.value.get(host);
  if (found === undefined || found === null || who.user === null) return false;
  return found.owner === who.user || found.managers.includes(who.user);
}

async function ask(host: string): Promise<void> {
  if (people.peek().has(host)) return;
  note(host, null);
  try {
    note(host, await get<People>(`hosts/${part(host)}/access`));
  } catch (error) {
    // Who may not even see who may, may not.
    if (!(error instanceof ApiError)) throw error;
  }
}

function note(host: string, found: People | null): void {
  people.value = new Map(people.peek()).set(host, found);
}
