/**
 * What one plugin measures: a small chart a number, with its thresholds; texts as a table. What
 * only counts up since the boot, or never changes, stands behind a fold.
 */

import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Chart } from "../charts/chart.tsx";
import { Refusal } from "../components/refusal.tsx";
import { Ago } from "../components/time.tsx";
import { plural } from "../format.ts";
import {
  foldBounds,
  isDull,
  limitsOf,
  metricsOf,
  type NumberMetric,
  type TextMetric,
  thresholdOf,
} from "./metrics.ts";
import type { Threshold } from "./types.ts";
import { useSamples } from "./use_samples.ts";

interface Props {
  readonly host: string;
  readonly plugin: string;
  /** When the newest sample was measured, epoch seconds. */
  readonly newest: number;
  readonly thresholds: Readonly<Record<string, Threshold>> | undefined;
  readonly isOpen: boolean;
}

export function PluginGroup({ host, plugin, newest, thresholds, isOpen }: Props) {
  const [wasOpened, open] = useState(isOpen);
  return (
    <details
      class="card plugin"
      open={isOpen}
      onToggle={({ currentTarget }) => currentTarget.open && open(true)}
    >
      <summary>
        <h3>{plugin}</h3>
        <span class="dim">
          <Ago at={newest} /> ago
        </span>
      </summary>
      {wasOpened && <Content host={host} plugin={plugin} newest={newest} thresholds={thresholds} />}
    </details>
  );
}

function Content({ host, plugin, newest, thresholds }: Omit<Props, "isOpen">) {
  const { samples, error } = useSamples(host, plugin, newest);
  const { numbers, texts, bounds } = useMemo(
    () => foldBounds(metricsOf(samples ?? [])),
    [samples],
  );
  if (samples === null) {
    return error === null
      ? <p class="dim plugin-wait">Loading …</p>
      : <Refusal error={error} what={`the samples of ${plugin}`} />;
  }
  const ruleOf = ({ keys, path }: NumberMetric) =>
    thresholdOf(thresholds, keys) ?? bounds.get(path) ?? null;
  const telling = numbers.filter((metric) => ruleOf(metric) !== null || !isDull(metric));
  const dull = numbers.filter((metric) => !telling.includes(metric));
  const charts = (metrics: readonly NumberMetric[]) => (
    <div class="charts">
      {metrics.map((metric) => (
        <MetricChart key={metric.path} metric={metric} rule={ruleOf(metric)} />
      ))}
    </div>
  );
  return (
    <div class="plugin-content">
      {telling.length > 0 && charts(telling)}
      {dull.length > 0 && <Fold count={dull.length}>{() => charts(dull)}</Fold>}
      {texts.length > 0 && <Texts plugin={plugin} texts={texts} />}
      {numbers.length + texts.length === 0 && <p class="dim">It sent nothing.</p>}
    </div>
  );
}

function MetricChart(
  { metric, rule }: { readonly metric: NumberMetric; readonly rule: Threshold | null },
) {
  const { path, unit, times, values } = metric;
  const limits = useMemo(() => limitsOf(rule), [rule?.warning, rule?.critical]);
  return <Chart label={path} unit={unit} times={times} values={values} limits={limits} />;
}

function Fold(
  { count, children }: { readonly count: number; readonly children: () => ComponentChildren },
) {
  const [isOpen, open] = useState(false);
  return (
    <details class="fold" onToggle={({ currentTarget }) => open(currentTarget.open)}>
      <summary>{plural(count, "counter or constant", "counters and constants")}</summary>
      {isOpen && children()}
    </details>
  );
}

function Texts(
  { plugin, texts }: { readonly plugin: string; readonly texts: readonly TextMetric[] },
) {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={`Texts of ${plugin}`}>
      <table class="texts">
        <tbody>
          {texts.map(({ path, text }) => (
            <tr key={path}>
              <th scope="row">{path}</th>
              <td>{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
