/**
 * A past state as it is shown: hosts in the form that the API has for those of now, without what the
 * journal does not tell, and what is known of how much of the past this is.
 */

import { Access } from "../access/access.ts";
import type { Config } from "../config/config.ts";
import type { HostSnapshot } from "../monitor/snapshot.ts";
import type { Monitor } from "../monitor/monitor.ts";
import { stability } from "../monitor/watchdog.ts";
import { hostJson } from "../web/host_json.ts";
import { seconds } from "../web/seconds.ts";

/** Hosts looked at in one go. */
const SLICE = 500;

/** Names told of hosts that were there before. */
const OLDER_TOLD = 1000;

/** The states, the worst first. */
const WORST_FIRST = ["down", "new", "up", "paused", "shutdown"];

/** What is known of a moment: see `PastState`. */
export interface KnownMoment {
  readonly state: {
    readonly monitor: Monitor;
    readonly older: ReadonlySet<string>;
    readonly sinceMs: number | null;
    readonly isWhole: boolean;
    readonly lastMs: number;
  };
  readonly isListening: boolean;
}

export interface ReportWish {
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** The configuration in force: groups and owners are as they are now. */
  readonly config: Config;
  readonly maySee: (host: string) => boolean;
  /** Hosts told at most; the worst are. */
  readonly limit: number;
}

/** What there is to say; times are epoch seconds. */
export interface PastReport {
  readonly head: {
    readonly at: number | null;
    /** Since when the journal knows; null: it knows nothing of that time or before. */
    readonly known_since: number | null;
    /** The journal goes back to the first message: nothing is missing. */
    readonly whole: boolean;
    /** False: the server did not run, or did not listen. */
    readonly listening: boolean;
    /** When the last thing happened that is in this state. */
    readonly last_record: number | null;
    /** Hosts that were there before that, as far as the journal tells. */
    readonly already_there: readonly string[];
    readonly totals: {
      readonly hosts: number;
      readonly down: number;
      readonly states: Readonly<Record<HostSnapshot["state"], number>>;
      readonly total: number;
      readonly late: number;
      readonly missed: number;
      readonly stability: number | null;
    };
    /** There were more hosts than are told. */
    readonly truncated: boolean;
  };
  /** The worst first, then by name. */
  readonly hosts: readonly HostSnapshot[];
  /** A host as JSON. */
  readonly text: (host: HostSnapshot) => string;
}

/** The report of a moment; it is good as long as the state is. */
export function pastReport({ state, isListening }: KnownMoment, wish: ReportWish): PastReport {
  const { atMs, config, maySee, limit } = wish;
  const { monitor, older, sinceMs, isWhole, lastMs } = state;
  const states = { new: 0, up: 0, down: 0, shutdown: 0, paused: 0 };
  let [total, late, missed] = [0, 0, 0];
  const seen: HostSnapshot[] = [];
  for (let place: number | null = 0; place !== null;) {
    const slice = monitor.hostsFrom(place, SLICE);
    for (const host of slice.hosts) {
      if (!maySee(host.name)) continue;
      states[host.state]++;
      total += host.total;
      late += host.late;
      missed += host.missed;
      seen.push(host);
    }
    place = slice.next;
  }
  const rank = ({ state }: HostSnapshot) => WORST_FIRST.indexOf(state);
  seen.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  const hosts = seen.length;
  const access = new Access({
    users: config.users,
    defaultOwner: config.defaultOwner,
    hostAccess: (host) => config.hosts.get(host) ?? null,
  });
  const view = { config: () => config, access: () => access, alerts: () => monitor.alerts };
  return {
    head: {
      at: seconds(atMs),
      known_since: seconds(sinceMs),
      whole: isWhole,
      listening: isListening && sinceMs !== null,
      last_record: lastMs === 0 ? null : seconds(lastMs),
      already_there: [...older].filter(maySee).slice(0, OLDER_TOLD).sort(),
      totals: {
        ...{ hosts, down: states.down, states, total, late, missed },
        stability: stability(total, late, missed),
      },
      truncated: hosts > limit,
    },
    hosts: seen.slice(0, limit),
    text(host) {
      // Copies are counted, but are not in the journal.
      const { duplicates: _duplicates, ...known } = hostJson(view, host, atMs);
      return JSON.stringify(known);
    },
  };
}

/** The report as JSON, in parts. */
export function* reportParts({ head, hosts, text }: PastReport): Iterable<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"hosts":[`;
  for (const [n, host] of hosts.entries()) yield `${n === 0 ? "" : ","}\n${text(host)}`;
  yield "]}\n";
}
