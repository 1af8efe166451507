/** The configuration in force, and of it the thresholds as a table. */

import { useMemo } from "preact/hooks";
import { Refusal } from "../components/refusal.tsx";
import { plural } from "../format.ts";
import { useApi } from "../use_api.ts";
import { type ThresholdSet, thresholdSets } from "./threshold_rows.ts";
import type { ServerConfig } from "./types.ts";
import { yamlText } from "./yaml.ts";

export function ConfigCards() {
  const { data, error } = useApi<ServerConfig>("server/config");
  const text = useMemo(() => data === null ? "" : yamlText(data.config), [data]);
  const sets = useMemo(() => data === null ? [] : thresholdSets(data.config), [data]);
  return (
    <>
      <section class="card" aria-labelledby="thresholds">
        <h2 id="thresholds">Thresholds and profiles</h2>
        {error !== null && <Refusal error={error} what="the thresholds" />}
        {data !== null && sets.length === 0 && (
          <p class="dim">None: no metric makes an alert. See thresholds in docs/ALERTS.md.</p>
        )}
        {sets.map((set) => <SetTable key={set.name ?? ""} set={set} />)}
      </section>
      <section class="card" aria-labelledby="config">
        <h2 id="config">Configuration in force</h2>
        {error !== null && <Refusal error={error} what="the configuration" />}
        {data !== null && (
          <>
            <p class="dim">
              All defaults filled in; secrets are not shown.
              {data.hosts_left_out > 0 &&
                ` ${plural(data.hosts_left_out, "host")} left out, there are too many.`}
            </p>
            <pre
              class="config"
              tabIndex={0}
              role="group"
              aria-label="Configuration in force"
            ><code>{text}</code></pre>
          </>
        )}
      </section>
    </>
  );
}

function SetTable({ set: { name, rows } }: { readonly set: ThresholdSet }) {
  const title = name === null ? "For every host" : `Profile ${name}`;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={title}>
      <table class="thresholds num">
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col">In alert when</th>
            <th scope="col">Warning</th>
            <th scope="col">Critical</th>
            <th scope="col">Hysteresis</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ metric, operator, warning, critical, hysteresis }) => (
            <tr key={metric}>
              <th scope="row">{metric}</th>
              <td>{operator || (name === null ? ">" : "as without it")}</td>
              <td>{warning || "–"}</td>
              <td>{critical || "–"}</td>
              <td>{hysteresis || "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p class="dim">No rules.</p>}
    </div>
  );
}
