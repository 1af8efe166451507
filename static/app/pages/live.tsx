/** `/live`: every host, how it is now, and what comes in. */

import { useMemo, useState } from "preact/hooks";
import { nowS } from "../clock.ts";
import { StateShape } from "../components/state_mark.tsx";
import { count, plural } from "../format.ts";
import { hosts, isLoaded, revision, summary } from "../hosts.ts";
import { type Column, COLUMNS } from "../live/columns.tsx";
import { clearFilter, readFilter } from "../live/filter.ts";
import { FilterBar } from "../live/filter_bar.tsx";
import { HostTable } from "../live/host_table.tsx";
import { MessageList } from "../live/message_list.tsx";
import { HostOrder } from "../live/order.ts";
import { Tiles } from "../live/tiles.tsx";
import { connection } from "../socket.ts";
import type { Host, Summary } from "../types.ts";
import { LookBack, LookBackButton } from "../live/look_back.tsx";
import { readMoment, usePast } from "../live/past.ts";
import { setQuery } from "../router.ts";
import { FirstRun } from "./first_run.tsx";

/** What the server has drawn: it stays until there is something newer. */
const drawn = document.querySelector("[data-server-drawn]")?.outerHTML ?? null;

/** Sorted by what changes all the time, rows change places only so often, seconds. */
const REST_S = 3;

export function LivePage() {
  if (!isLoaded.value) return <Waiting />;
  const known = summary.value;
  if (revision.value >= 0 && hosts.size === 0 || known === null) return <FirstRun />;
  return <Dashboard summary={known} />;
}

function Waiting() {
  if (drawn !== null) return <div class="contents" dangerouslySetInnerHTML={{ __html: drawn }} />;
  return <h1 id="page-title" tabIndex={-1} class="dim">Asking for the hosts …</h1>;
}

function Dashboard({ summary: now }: { readonly summary: Summary }) {
  const filter = readFilter();
  const atS = readMoment();
  const past = usePast(atS);
  const [isOpen, setOpen] = useState(atS !== null);
  const isBack = isOpen || atS !== null;
  // Until the first past moment is there, there is nothing to show.
  const view = atS === null ? null : past.view;
  const isWaiting = atS !== null && view === null;
  const all = view?.hosts ?? hosts;
  const summary = view?.summary ?? now;
  const order = useMemo(() => new HostOrder(), []);
  const changed = view ?? revision.value;
  const { columns: found, owners, groups } = useMemo(() => survey(all.values()), [changed]);
  const columns = useMemo(() => found, [found.map(({ key }) => key).join()]);
  const sorted = COLUMNS.find(({ key }) => key === filter.sort);
  const turn = view !== null
    ? view
    : sorted?.isRestless === true
    ? Math.floor(nowS.value / REST_S)
    : changed;
  const names = useMemo(
    () => order.names(all, filter, sorted?.sort ?? undefined),
    [turn, all.size, ...Object.values(filter)],
  );
  const isOld = connection.value.kind === "lost";
  return (
    <div class={isOld ? "live live-old" : "live"}>
      <div class="live-head">
        {!isWaiting && <Headline summary={summary} isPast={view !== null} />}
        <LookBackButton
          isOpen={isBack}
          onToggle={() => {
            setOpen(!isBack);
            if (isBack) setQuery({ at: null });
          }}
        />
      </div>
      {isBack && <LookBack atS={atS} past={past} />}
      {!isWaiting && (
        <>
          <Tiles summary={summary} chosen={filter.state} />
          <FilterBar
            filter={filter}
            shown={names.length}
            total={all.size}
            owners={owners}
            groups={groups}
            columns={columns}
          />
          <div class="live-columns">
            <div class="hosts-box">
              <HostTable hosts={all} names={names} columns={columns} filter={filter} />
              {names.length === 0 && all.size > 0 && (
                <p class="hosts-none">
                  No host is like that.{" "}
                  <button type="button" onClick={clearFilter}>Show all</button>
                </p>
              )}
            </div>
            {view === null && <MessageList />}
          </div>
        </>
      )}
    </div>
  );
}

/** What matters, in one line. */
function Headline({ summary: { hosts, states: { down } }, isPast }: {
  readonly summary: Summary;
  readonly isPast: boolean;
}) {
  const all = plural(hosts, "host");
  const [is, are] = isPast ? ["was", "were"] : ["is", "are"];
  const text = down > 0
    ? `${count(down)} of ${all} ${down === 1 ? is : are} down`
    : hosts === 1
    ? `The host ${is} not down`
    : `None of ${all} ${is} down`;
  return (
    <h1 id="page-title" tabIndex={-1} class={`live-title ${down > 0 ? "live-title-down" : ""}`}>
      <StateShape state={down > 0 ? "down" : "up"} />
      {text}
    </h1>
  );
}

/** What there is in any of the hosts: columns with something in them, owners and groups. */
function survey(all: Iterable<Host>): {
  readonly columns: readonly Column[];
  readonly owners: readonly string[];
  readonly groups: readonly string[];
} {
  const [owners, groups] = [new Set<string>(), new Set<string>()];
  const missing = new Set(COLUMNS.filter(({ has }) => has !== null));
  for (const host of all) {
    if (host.owner !== null) owners.add(host.owner);
    if (host.group !== null) groups.add(host.group);
    for (const column of missing) if (column.has?.(host)) missing.delete(column);
  }
  return {
    columns: COLUMNS.filter((column) => !missing.has(column)),
    owners: [...owners].sort(),
    groups: [...groups].sort(),
  };
}
