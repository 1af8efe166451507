/** The beginning of a snapshot: all but the hosts, and the first of those. */

import type { AlertRecord } from "../../monitor/alerts/record.ts";
import type { ReceivedMessage } from "../../monitor/outlet.ts";
import { alertFor } from "../own_alert.ts";
import { alertTexts, type Audience, messageTexts } from "./audience.ts";
import type { FeedView } from "./feed_view.ts";
import { ROLL_LIMIT } from "./roll.ts";

/** Alerts in a snapshot, the worst first. */
const ALERTS = 500;

/** What a snapshot says of the server. */
export interface ServerFacts {
  readonly name: string;
  /** Number of the last beat or event. */
  seq(): number;
}

/**
 * The beginning of a snapshot as JSON, up to where the hosts begin.
 *
 * @param before messages from this number on are told by the next flush
 */
export function headText(
  view: FeedView,
  server: ServerFacts,
  audience: Audience,
  before: number,
): string {
  const total = audience.known?.size ?? view.totals().hosts;
  const recent: ReceivedMessage[] = view.messages().filter(({ seq }) => seq < before).toReversed();
  const facts = JSON.stringify({
    type: "hosts",
    time: view.nowMs() / 1000,
    seq: server.seq(),
    server: { name: server.name, version: view.version },
    total,
    truncated: total > ROLL_LIMIT,
  });
  return `${facts.slice(0, -1)},"messages":[${messageTexts(audience.visible(recent))}],` +
    `"alerts":[${alertTexts(view, worstAlerts(view, audience))}],` +
    `"summary":${audience.summaryOfNow()}`;
}

/** The worst alerts that hold, the newest first of those that are equally bad. */
function worstAlerts(view: FeedView, { who }: Audience): readonly AlertRecord[] {
  const lists: Record<string, AlertRecord[]> = {
    CRITICAL: [],
    WARNING: [],
    UNKNOWN: [],
    stale: [],
  };
  for (const alert of view.alerts()?.active() ?? []) {
    const seen = alertFor(view, who, alert);
    if (seen !== null) lists[alert.isStale ? "stale" : alert.level]?.push(seen);
  }
  return Object.values(lists).flatMap((list) => list.slice(-ALERTS).reverse()).slice(0, ALERTS);
}
