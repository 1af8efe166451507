/**
 * What another configuration would have made of the past: the messages of the journal go to a fresh
 * monitor at their times, with all that people did (pauses, dropped hosts) and the times in which
 * the server was deaf, and it is ticked in between as the heart does it. What was judged then is not
 * looked at, but for the comparison.
 *
 * The journal is read from its beginning, so that rhythms are learned and rules have their values
 * when the time begins that is asked about. It goes by in a stream: the room that is needed depends
 * on the hosts and the alerts.
 */

import { replay } from "../journal/reader.ts";
import type { WatchSettings } from "../monitor/settings.ts";
import { common, type PastAlert } from "./alert_list.ts";
import type { JournalFiles } from "./rebuilder.ts";
import { Rerun } from "./rerun.ts";

export interface WhatIfWindow {
  /** The time asked about, epoch milliseconds. */
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** An alert, and what it is in comparison. */
export interface ComparedAlert extends PastAlert {
  /** `new`: it was not; `same`: it was, too; `gone`: it was, but would not have been. */
  readonly verdict: "new" | "same" | "gone";
}

/** A host in both. Durations are milliseconds. */
export interface ComparedHost {
  readonly name: string;
  readonly alertsWere: number;
  readonly alertsWouldBe: number;
  readonly downWasMs: number;
  readonly downWouldBeMs: number;
}

export interface WhatIf {
  /** What was really looked at; null: there is nothing in the journal. */
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
  /** Records of the journal, and lines that could not be read. */
  readonly records: number;
  readonly unreadable: number;
  /** Records that are missing: the disk refused them then. Their time counts as deaf. */
  readonly lost: number;
  /** Messages that the other configuration would have refused: max_hosts. */
  readonly refused: number;
  /** Alerts that are too many to be listed. */
  readonly unlisted: number;
  /** In order of time. */
  readonly alerts: readonly ComparedAlert[];
  /** Hosts that had an alert or were down in either; by name. */
  readonly hosts: readonly ComparedHost[];
}

/** Plays the journal to a monitor with `settings`. Rejects when the journal cannot be read. */
export async function whatIf(
  place: JournalFiles,
  settings: WatchSettings,
  { sinceMs, untilMs }: WhatIfWindow,
): Promise<WhatIf> {
  let unreadable = 0;
  const rerun = new Rerun(settings, sinceMs, untilMs);
  const onProblem = () => {
    unreadable++;
  };
  const reading = replay(place.dir, place.file, 0, { onProblem, onTorn: () => {} });
  reading: for await (const records of reading) {
    for (const record of records) if (!rerun.take(record)) break reading;
  }
  const { were, wouldBe, firstMs, nowMs } = rerun;
  return {
    sinceMs: firstMs === null ? null : Math.max(firstMs, sinceMs),
    untilMs: firstMs === null ? null : nowMs,
    records: rerun.records,
    unreadable,
    lost: rerun.lost,
    refused: rerun.refused,
    unlisted: were.left + wouldBe.left,
    alerts: compared(were.list(), wouldBe.list()),
    hosts: hostsOf(rerun),
  };
}

function compared(
  were: readonly PastAlert[],
  wouldBe: readonly PastAlert[],
): readonly ComparedAlert[] {
  const same = common(wouldBe, were);
  const stayed = common(were, wouldBe);
  const alerts: ComparedAlert[] = wouldBe.map((alert) => ({
    ...alert,
    verdict: same.has(alert) ? "same" : "new",
  }));
  for (const alert of were) if (!stayed.has(alert)) alerts.push({ ...alert, verdict: "gone" });
  return alerts.sort((a, b) => a.raisedMs - b.raisedMs);
}

function hostsOf({ were, wouldBe, wasDown, wouldBeDown, nowMs }: Rerun): readonly ComparedHost[] {
  const [downWas, downWouldBe] = [wasDown.total(nowMs), wouldBeDown.total(nowMs)];
  const [alertsWere, alertsWouldBe] = [countByHost(were.list()), countByHost(wouldBe.list())];
  const maps = [downWas, downWouldBe, alertsWere, alertsWouldBe];
  const names = new Set(maps.flatMap((map) => [...map.keys()]));
  return [...names].sort().map((name) => ({
    name,
    alertsWere: alertsWere.get(name) ?? 0,
    alertsWouldBe: alertsWouldBe.get(name) ?? 0,
    downWasMs: downWas.get(name) ?? 0,
    downWouldBeMs: downWouldBe.get(name) ?? 0,
  }));
}

function countByHost(alerts: readonly PastAlert[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { hosts } of alerts) {
    for (const host of hosts) counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  return counts;
}
