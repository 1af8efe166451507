/** "Why did this fire?": the evidence of an alert, behind a fold. */

import { useMemo, useState } from "preact/hooks";
import { Chart } from "../charts/chart.tsx";
import { unitOf } from "../charts/units.ts";
import { nowS } from "../clock.ts";
import { hostPath } from "../router.ts";
import type { Alert } from "../types.ts";
import { explain, type Explanation } from "./evidence.ts";

export function Why({ alert }: { readonly alert: Alert }) {
  const [isOpen, open] = useState(false);
  return (
    <details class="why" onToggle={({ currentTarget }) => open(currentTarget.open)}>
      <summary>
        Why did this fire?<span class="unseen">{` ${alert.host}`}</span>
      </summary>
      {isOpen && <Evidence alert={alert} />}
    </details>
  );
}

function Evidence({ alert }: { readonly alert: Alert }) {
  const why = useMemo(() => explain(alert, nowS.peek()), [alert]);
  return (
    <div class="evidence">
      {why.sentences.map((sentence) => <p key={sentence}>{sentence}</p>)}
      {why.figures.length > 0 && (
        <dl class="facts evidence-figures">
          {why.figures.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd class="num">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {why.values.length > 0 && <Values alert={alert} why={why} />}
      {why.hosts.length > 0 && (
        <ul class="row evidence-hosts">
          {why.hosts.map((host) => (
            <li key={host}>
              <a href={hostPath(host)}>{host}</a>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Values({ alert, why }: { readonly alert: Alert; readonly why: Explanation }) {
  const keys = (alert.metric ?? "").split(".");
  const level = alert.worst === "CRITICAL" ? "critical" : "warning";
  return (
    <div class="evidence-chart">
      <Chart
        label={`${alert.metric ?? "value"}, the last values`}
        unit={keys[0] === "rtt" ? "ms" : unitOf(keys)}
        times={why.values.map(({ time }) => time)}
        values={why.values.map(({ value }) => value)}
        limits={why.threshold === null ? [] : [{ level, value: why.threshold }]}
      />
    </div>
  );
}
