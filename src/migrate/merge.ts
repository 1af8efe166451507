/** Hosts as an import leaves them, and how they come into a store that knows some of them. */

import type { HostRecord } from "../monitor/host_table.ts";
import type { Store } from "../store/store.ts";

/** Who was silent for so long at the end of the logs is not waited for. */
const GONE_MS = 7 * 86_400_000;

/** How many hosts there were. */
export interface Merged {
  /** That the store did not know. */
  readonly added: number;
  /** That it knew: their counts are added. */
  readonly known: number;
  /** That nobody waits for until they beat again. */
  readonly notWaitedFor: number;
}

/**
 * Adds the counts of hosts to those of a store that was written later. A host that it does not know
 * is added, but not waited for: the server that wrote the store has never heard it.
 */
export async function mergeHosts(
  store: Store,
  hosts: ReadonlyMap<string, HostRecord>,
  seq: number,
): Promise<Merged> {
  const left = new Map(hosts);
  let known = 0;
  for await (const batch of store.loadHosts()) {
    const changed: HostRecord[] = [];
    for (const record of batch) {
      const old = left.get(record.name);
      if (old === undefined) continue;
      left.delete(record.name);
      known++;
      changed.push({
        ...record,
        total: record.total + old.total,
        late: record.late + old.late,
        missed: record.missed + old.missed,
        lastBeatMs: Math.max(record.lastBeatMs, old.lastBeatMs),
        addresses: [...new Set([...record.addresses, ...old.addresses])].slice(0, 4),
        ...(record.state === "new" && old.state !== "new" && resting(old, seq)),
      });
    }
    await store.saveHosts(changed);
  }
  const added = [...left.values()].filter(({ total, state }) => total > 0 || state !== "new");
  await store.saveHosts(added.map((record) => ({ ...record, ...resting(record, seq) })));
  return { added: added.length, known, notWaitedFor: added.length };
}

/** After an import into a new state: who has been silent for long is not waited for. */
export async function restSilentHosts(store: Store, endMs: number): Promise<Merged> {
  let added = 0;
  let notWaitedFor = 0;
  for await (const batch of store.loadHosts()) {
    const silent = batch.filter(({ state, lastBeatMs }) =>
      state === "down" && lastBeatMs < endMs - GONE_MS
    );
    added += batch.filter(({ total }) => total > 0).length;
    notWaitedFor += silent.length;
    await store.saveHosts(silent.map((record) => ({ ...record, ...resting(record, record.seq) })));
  }
  return { added, known: 0, notWaitedFor };
}

/** What makes it a host that nobody waits for. */
function resting({ total, late, missed, hours }: HostRecord, seq: number): Partial<HostRecord> {
  return {
    ...{ total, late, missed, seq },
    state: "shutdown",
    heardMs: Infinity,
    missedNow: 0,
    afterBeat: false,
    incident: 0,
    pause: null,
    ...(hours !== undefined && { hours: { sinceMs: hours.sinceMs, hours: [] } }),
  };
}
