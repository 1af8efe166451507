/** How full disks and pools are: a bar, with its number and its words beside it. */

import { useMemo } from "preact/hooks";
import { type Gauge, gaugesOf } from "./gauges.ts";
import type { PluginList, Thresholds } from "./types.ts";

const SIGNS: Readonly<Record<Gauge["level"], string>> = {
  ok: "",
  warning: "!",
  critical: "!!",
  unknown: "?",
};

interface Props {
  readonly plugins: PluginList;
  readonly thresholds: Thresholds;
}

export function Gauges({ plugins, thresholds }: Props) {
  const gauges = useMemo(() => gaugesOf(plugins, thresholds), [plugins, thresholds]);
  if (gauges.length === 0) return null;
  const hasPools = gauges.some(({ kind }) => kind === "pool");
  const title = hasPools ? "Disks and pools" : "Disks";
  return (
    <section class="card" aria-label={title}>
      <h2>{title}</h2>
      <ul class="gauges">
        {gauges.map((gauge) => <Bar key={`${gauge.kind} ${gauge.name}`} gauge={gauge} />)}
      </ul>
    </section>
  );
}

function Bar(
  { gauge: { name, about, percent, text, level, word, kind } }: { readonly gauge: Gauge },
) {
  return (
    <li class={`gauge gauge-${level}`}>
      <p class="row gauge-head">
        <strong class="gauge-name">{name}</strong>
        <span class="num">{percent === null ? "–" : `${percent} %`}</span>
      </p>
      <div
        class="gauge-bar"
        role="meter"
        aria-label={`${kind === "pool" ? "Pool" : "Disk"} ${name}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent ?? 0}
        aria-valuetext={percent === null ? "not known" : `${percent} percent, ${text}`}
      >
        <div style={{ width: `${Math.min(100, percent ?? 0)}%` }} />
      </div>
      <p class="dim gauge-text">
        {text}
        {word !== "" && <strong class="gauge-word">{SIGNS[level]} {word}</strong>}
        {about !== "" && <span class="gauge-about">{about}</span>}
      </p>
    </li>
  );
}
