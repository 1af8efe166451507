/** All about one host. What beats change comes over the WebSocket, the rest is asked for. */

import { useEffect, useLayoutEffect } from "preact/hooks";
import { type ApiError, part } from "../api.ts";
import { Refusal } from "../components/refusal.tsx";
import { ActiveAlerts } from "../host/active_alerts.tsx";
import { BeatBar } from "../host/beat_bar.tsx";
import { Commands } from "../host/commands.tsx";
import { Dns } from "../host/dns.tsx";
import { stateSince } from "../host/events.ts";
import { Facts } from "../host/facts.tsx";
import { Gauges } from "../host/gauges.tsx";
import { Happened, useHostAlerts, useHostEvents } from "../host/happened.tsx";
import { Head } from "../host/head.tsx";
import { HowTo } from "../host/how_to.tsx";
import { MetricsPart } from "../host/metrics_part.tsx";
import { Job } from "../host/job.tsx";
import { Missing } from "../host/missing.tsx";
import { RoundTrips } from "../host/round_trips.tsx";
import { type HostDetail, may } from "../host/types.ts";
import { UptimeCard, useHistory } from "../host/uptime_card.tsx";
import { useReports } from "../host/use_reports.ts";
import { usePlugins } from "../host/use_samples.ts";
import { hosts, revision } from "../hosts.ts";
import { me } from "../me.ts";
import { focusTitle } from "../router.ts";
import { useApi } from "../use_api.ts";

const AGAIN_MS = 60_000;

/** Where the WebSocket does not tell of the host: there are too many. */
const ALONE_MS = 10_000;

export function HostPage({ name }: { readonly name: string }) {
  const { data, error, reload } = useApi<HostDetail>(
    `hosts/${part(name)}`,
    hosts.has(name) ? AGAIN_MS : ALONE_MS,
  );
  useFirstSight(name, error, reload);
  useKeptTitle(data !== null || error !== null);
  if (data !== null && error?.status !== 404) return <Known detail={data} reload={reload} />;
  if (error?.status === 404) return <Missing name={name} onCreated={reload} />;
  return (
    <header>
      <h1 id="page-title" tabIndex={-1}>{name}</h1>
      {error === null ? <p class="dim">Loading …</p> : <Refusal error={error} what="this host" />}
    </header>
  );
}

interface Props {
  readonly detail: HostDetail;
  readonly reload: () => void;
}

function Known({ detail, reload }: Props) {
  const { name, role, thresholds, settings } = detail;
  const plugins = usePlugins(name);
  const { error: historyError, ...history } = useHistory(name);
  const alerts = useHostAlerts(name);
  const events = useHostEvents(name);
  const again = () => {
    events.reload();
    reload();
  };
  useStateChange(name, again);
  useReports(name, again);
  return (
    <>
      <Head
        detail={detail}
        sinceS={stateSince(events.events)}
        hasUsers={me.value?.users_configured ?? false}
        reload={reload}
      />
      <ActiveAlerts
        host={name}
        incident={alerts.data?.incident ?? null}
        mayAck={may(role, "manager")}
      />
      <Job detail={detail} />
      <BeatBar detail={detail} />
      <Facts detail={detail} plugins={plugins.data} />
      {historyError ?? <UptimeCard {...history} />}
      {plugins.data !== null && <Gauges plugins={plugins.data} thresholds={thresholds} />}
      <RoundTrips detail={detail} history={history.history} />
      {plugins.error !== null && <Refusal error={plugins.error} what="what it measures" />}
      {plugins.data !== null && (
        <MetricsPart host={name} plugins={plugins.data} thresholds={thresholds} />
      )}
      <Happened alerts={alerts} events={events} />
      {may(role, "manager") && <Commands host={name} />}
      {settings.dyn && <Dns host={name} mayForce={may(role, "manager")} />}
      <details class="card plugin" open={detail.state === "new"}>
        <summary>
          <h2>How to make this host beat</h2>
        </summary>
        <HowTo
          host={name}
          intervalS={detail.interval}
          cron={detail.cron}
          pingBy={detail.ping_by}
        />
      </details>
    </>
  );
}

/** The heading that is there while loading may have the keyboard when another one replaces it. */
function useKeptTitle(isLoaded: boolean): void {
  const hasKeyboard = document.activeElement?.id === "page-title";
  useLayoutEffect(() => {
    if (hasKeyboard) focusTitle();
  }, [isLoaded]);
}

/** A host that was not there is looked for again when it is heard from. */
function useFirstSight(name: string, error: ApiError | null, reload: () => void): void {
  const isMissing = error?.status === 404;
  useEffect(() => {
    if (!isMissing) return;
    let was = hosts.has(name);
    return revision.subscribe(() => {
      const is = hosts.has(name);
      if (is && !was) reload();
      was = is;
    });
  }, [name, isMissing, reload]);
}

/** Calls `what` when the host has come into another state. */
function useStateChange(name: string, what: () => void): void {
  useEffect(() => {
    let known = hosts.get(name)?.state;
    return revision.subscribe(() => {
      const now = hosts.get(name)?.state;
      if (now === known) return;
      if (known !== undefined) what();
      known = now;
    });
  }, [name]);
}
