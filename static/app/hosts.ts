/**
 * All that is known of the hosts, as the WebSocket keeps it up to date. Hosts are plain objects in a
 * map; whoever shows them reads `revision` and is drawn again when it rises, at most four times a
 * second.
 */

import { batch, signal } from "@preact/signals";
import { announceAlerts, announceState } from "./announce.ts";
import { learnServerTime } from "./clock.ts";
import type { Alert, Host, Message, Push, Summary } from "./types.ts";

/** Messages remembered for the list beside the hosts. */
const MESSAGES = 50;

/** Hosts by name. */
export const hosts = new Map<string, Host>();

/** Rises whenever `hosts` has changed. */
export const revision = signal(0);

/** False until the first snapshot is there. */
export const isLoaded = signal(false);

/** More hosts than were sent: the server shows the worst. */
export const truncatedOf = signal<number | null>(null);

export const summary = signal<Summary | null>(null);

/** The newest first. */
export const messages = signal<readonly Message[]>([]);

/** Alerts that hold, by number. */
export const alerts = signal<ReadonlyMap<string, Alert>>(new Map());

/** Alerts that changed last, those that ended too; for pages that show the past. */
export const alertNews = signal<readonly Alert[]>([]);

export const server = signal<{ readonly name: string; readonly version: string } | null>(null);

/** The hosts of a snapshot that comes in several messages, until the last is there. */
let arriving: Set<string> | null = null;

/** Takes in what the server has sent. */
export function take(push: Push): void {
  batch(() => {
    switch (push.type) {
      case "hosts":
        return takeSnapshot(push);
      case "host":
        return takeChanges(push);
      case "message":
        messages.value = [...push.messages.toReversed(), ...messages.value].slice(0, MESSAGES);
        return;
      case "alert":
        return takeAlerts(push.alerts);
      case "summary":
        summary.value = push.summary;
    }
  });
}

function takeSnapshot(push: Push & { readonly type: "hosts" }): void {
  learnServerTime(push.time);
  if (isLoaded.peek()) {
    for (const host of push.hosts) announceState(hosts.get(host.name)?.state, host);
  }
  arriving = new Set();
  for (const host of push.hosts) {
    hosts.set(host.name, host);
    arriving.add(host.name);
  }
  if (push.more !== true) allHere();
  revision.value++;
  messages.value = push.messages.toReversed().slice(0, MESSAGES);
  alerts.value = new Map(push.alerts.map((alert) => [alert.id, alert]));
  summary.value = push.summary;
  server.value = push.server;
  truncatedOf.value = push.truncated ? push.total : null;
  isLoaded.value = true;
}

function takeChanges(push: Push & { readonly type: "host" }): void {
  const { time, hosts: changed, gone = [] } = push;
  learnServerTime(time);
  for (const change of changed) {
    const known = hosts.get(change.name);
    // A change of a host that is not there: beyond what the server sends to a browser.
    if (known === undefined && change.addresses === undefined) continue;
    const host = { ...known, ...change } as Host;
    if (known !== undefined) announceState(known.state, host);
    hosts.set(host.name, host);
    arriving?.add(host.name);
  }
  for (const name of gone) hosts.delete(name);
  if (push.complete === true) allHere();
  revision.value++;
}

/** The snapshot is complete: what was not in it is not there any more. */
function allHere(): void {
  for (const name of hosts.keys()) if (arriving?.has(name) === false) hosts.delete(name);
  arriving = null;
}

function takeAlerts(changed: readonly Alert[]): void {
  const next = new Map(alerts.peek());
  for (const alert of changed) {
    if (alert.ended === null) next.set(alert.id, alert);
    else next.delete(alert.id);
  }
  announceAlerts(changed.filter(({ id }) => !alerts.peek().has(id)));
  alerts.value = next;
  alertNews.value = changed;
}
