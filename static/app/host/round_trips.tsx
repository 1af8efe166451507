/** The round trips of a host: the last ones, and by the hour, with their thresholds. */

import { useMemo } from "preact/hooks";
import { Chart } from "../charts/chart.tsx";
import { limitsOf } from "./metrics.ts";
import { roundTripTimes } from "./round_trips.ts";
import type { HostDetail, HostHistory } from "./types.ts";
import { useHost } from "./use_host.ts";

interface Props {
  readonly detail: HostDetail;
  readonly history: HostHistory | null;
}

export function RoundTrips({ detail, history }: Props) {
  const host = useHost(detail);
  const rules = detail.thresholds.rtt;
  const limits = useMemo(
    () => limitsOf(rules?.[host.name] ?? rules?.["*"] ?? rules?.default ?? null),
    [rules, host.name],
  );
  const times = useMemo(() => roundTripTimes(host), [host.rtts]);
  const hours = useMemo(
    () => (history?.hours ?? []).filter(({ rtt_avg }) => rtt_avg !== null),
    [history],
  );
  const hourly = useMemo(() => ({
    times: hours.map(({ start }) => start),
    values: hours.map(({ rtt_avg }) => rtt_avg),
    band: hours.map(({ rtt_min, rtt_max }) => [rtt_min, rtt_max] as const),
  }), [hours]);
  if (host.rtts.length === 0 && hours.length === 0) return null;
  return (
    <section class="card" aria-label="Round trips">
      <h2>Round trips</h2>
      <div class="charts">
        {host.rtts.length > 0 && (
          <Chart
            label={`The last ${host.rtts.length}`}
            unit="ms"
            times={times}
            values={host.rtts}
            limits={limits}
          />
        )}
        {hours.length > 1 && (
          <Chart label="By the hour: lowest, mean, highest" unit="ms" {...hourly} limits={limits} />
        )}
      </div>
    </section>
  );
}
