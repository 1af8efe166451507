/** The API, to look things up in: each request with what it takes. */

import { useMemo } from "preact/hooks";
import { Refusal } from "../components/refusal.tsx";
import { useApi } from "../use_api.ts";
import { type Operation, operationGroups } from "./openapi.ts";

export function ApiCard() {
  const { data, error } = useApi<unknown>("openapi.json");
  const groups = useMemo(() => operationGroups(data), [data]);
  return (
    <section class="card" aria-labelledby="api">
      <h2 id="api">API</h2>
      <p class="dim">
        Everything that these pages do, for programs. The whole of it as OpenAPI:{" "}
        <a href="/api/0/openapi.json">/api/0/openapi.json</a>
      </p>
      {error !== null && <Refusal error={error} what="the API" />}
      {groups.map(({ tag, operations }) => (
        <div class="api-group" key={tag}>
          <h3>{tag}</h3>
          {operations.map((operation) => <Request key={operation.id} operation={operation} />)}
        </div>
      ))}
    </section>
  );
}

function Request({ operation }: { readonly operation: Operation }) {
  const { method, path, summary, description, parameters } = operation;
  return (
    <details class="api-request">
      <summary>
        <code class="api-method">{method}</code> <code class="api-path">{path}</code>{" "}
        <span class="dim">{summary}</span>
      </summary>
      <div class="api-more">
        {description !== "" && <p>{description}</p>}
        {parameters.length === 0 && <p class="dim">It takes nothing.</p>}
        <dl>
          {parameters.map(({ name, place, isRequired, type, description }) => (
            <div key={`${place} ${name}`}>
              <dt>
                <code>{name}</code> <span class="dim">{place}{isRequired && ", needed"}</span>
              </dt>
              <dd>
                {[type, description].filter((one) =>
                  one !== ""
                ).join(". ")}
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </details>
  );
}
