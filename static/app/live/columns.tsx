/**
 * The columns of the table of hosts: what is in a cell, by what it sorts, and whether there is
 * anything to show at all. A column that nobody has data for is left out.
 */

import type { ComponentChildren } from "preact";
import { Ago } from "../components/time.tsx";
import { LevelMark, StateMark } from "../components/state_mark.tsx";
import { count, duration, milliseconds, percent } from "../format.ts";
import { hostPath } from "../router.ts";
import type { Host } from "../types.ts";
import { badness } from "./order.ts";
import { IntervalBar } from "./interval_bar.tsx";
import { shownAtS } from "./past.ts";
import { Sparkline } from "./sparkline.tsx";

export interface Column {
  readonly key: string;
  readonly title: string;
  /** The order in which it is sorted first: what one looks for is on top. */
  readonly first: "asc" | "desc";
  /** Null where there is nothing to sort by: that comes last in either order. */
  readonly sort: ((host: Host) => number | string | null) | null;
  /** Whether a host has something to show in it; null: the column is always there. */
  readonly has: ((host: Host) => boolean) | null;
  /** Its values change with every beat: sorted by them, rows would never come to rest. */
  readonly isRestless?: boolean;
  readonly isNumber?: boolean;
  /** Pixels, as the style sheet has it (`.c-…`); of the name, at least. */
  readonly width: number;
  cell(host: Host, tabIndex: number): ComponentChildren;
}

export const COLUMNS: readonly Column[] = [
  {
    key: "name",
    title: "Host",
    width: 150,
    first: "asc",
    sort: ({ name }) => name,
    has: null,
    cell: ({ name }, tabIndex) => (
      <a href={hostPath(name)} tabIndex={tabIndex} data-name={name} title={name}>{name}</a>
    ),
  },
  {
    key: "state",
    title: "State",
    width: 86,
    first: "asc",
    sort: badness,
    has: null,
    cell: ({ state }) => <StateMark state={state} />,
  },
  {
    key: "alerts",
    title: "Alerts",
    width: 112,
    first: "desc",
    sort: ({ alerts }) =>
      alerts === null
        ? null
        : alerts.CRITICAL * 1e6 + alerts.WARNING * 1e3 + alerts.UNKNOWN + alerts.stale / 1e3,
    has: ({ alerts }) => alerts !== null,
    cell: (host) => <Alerts host={host} />,
  },
  {
    key: "last",
    title: "Last beat",
    width: 84,
    first: "desc",
    sort: ({ last_beat }) => last_beat,
    has: null,
    isRestless: true,
    isNumber: true,
    cell: ({ last_beat }) => (
      <>
        <LastBeat at={last_beat} />
        {last_beat === null ? "" : <span class="ago-word">&nbsp;ago</span>}
      </>
    ),
  },
  {
    key: "bar",
    title: "Last 60 intervals",
    width: 120,
    first: "desc",
    sort: null,
    has: null,
    cell: ({ bar }) => <IntervalBar bar={bar} />,
  },
  {
    key: "every",
    title: "Every",
    width: 60,
    first: "asc",
    sort: ({ interval }) => interval,
    has: null,
    isNumber: true,
    cell: ({ interval, total, cron }) =>
      cron !== null
        ? <span class="cron" title={`By its calendar: ${cron}`}>{cron}</span>
        : interval === null
        ? total > 0 ? <span class="dim" title="The interval is being learned">learning</span> : "–"
        : duration(interval),
  },
  {
    key: "rtt",
    title: "RTT",
    width: 106,
    first: "desc",
    sort: ({ rtt }) => rtt,
    has: ({ rtt }) => rtt !== null,
    isRestless: true,
    isNumber: true,
    cell: ({ rtt, rtts }) => (
      <>
        <Sparkline values={rtts} />
        <span class="rtt-value">{milliseconds(rtt)}</span>
      </>
    ),
  },
  {
    key: "stability",
    title: "Stability",
    width: 68,
    first: "asc",
    sort: ({ stability }) => stability,
    has: null,
    isNumber: true,
    cell: ({ stability }) => percent(stability),
  },
  {
    key: "loss",
    title: "Loss",
    width: 52,
    first: "desc",
    sort: ({ loss }) => loss,
    has: ({ loss }) => loss !== null,
    isNumber: true,
    cell: ({ loss }) => percent(loss),
  },
  {
    key: "late",
    title: "Late",
    width: 46,
    first: "desc",
    sort: ({ late }) => late,
    has: null,
    isNumber: true,
    cell: ({ late }) => late === 0 ? <span class="dim">0</span> : count(late),
  },
  {
    key: "missed",
    title: "Missed",
    width: 56,
    first: "desc",
    sort: ({ missed }) => missed,
    has: null,
    isNumber: true,
    cell: ({ missed }) => missed === 0 ? <span class="dim">0</span> : count(missed),
  },
  {
    key: "address",
    title: "Address",
    width: 126,
    first: "asc",
    sort: ({ addresses }) => addresses[0] ?? null,
    has: ({ addresses }) => addresses.length > 0,
    cell: ({ addresses }) => <Addresses addresses={addresses} />,
  },
  {
    key: "group",
    title: "Group",
    width: 84,
    first: "asc",
    sort: ({ group }) => group,
    has: ({ group }) => group !== null,
    cell: ({ group }) => group ?? "",
  },
  {
    key: "owner",
    title: "Owner",
    width: 84,
    first: "asc",
    sort: ({ owner }) => owner,
    has: ({ owner }) => owner !== null,
    cell: ({ owner }) => owner ?? "",
  },
];

/** In the past, how long it was then. */
function LastBeat({ at }: { readonly at: number | null }) {
  return <Ago at={at} asOf={shownAtS.value} />;
}

/** The worst level, and how many alerts there are of it; the others are told on hover. */
function Alerts({ host: { alerts } }: { readonly host: Host }) {
  if (alerts === null) return null;
  const levels = (["CRITICAL", "WARNING", "UNKNOWN", "stale"] as const)
    .filter((level) => alerts[level] > 0);
  const [worst] = levels;
  if (worst === undefined) return null;
  const all = levels.map((level) => `${alerts[level]} ${level.toLowerCase()}`).join(", ");
  const total = levels.reduce((sum, level) => sum + alerts[level], 0);
  return (
    <span class="alert-marks" title={all}>
      <LevelMark level={worst} />
      {total > 1 && (
        <span class="num">
          {total}
          <span class="unseen">alerts: {all}</span>
        </span>
      )}
    </span>
  );
}

function Addresses({ addresses }: { readonly addresses: readonly string[] }) {
  const [first, ...others] = addresses;
  if (first === undefined) return <span class="dim">–</span>;
  return (
    <>
      <span class="address" title={addresses.join("\n")}>{first}</span>
      {others.length > 0 && <span class="dim" title={addresses.join("\n")}>+{others.length}</span>}
    </>
  );
}
