/** The records of a host in the DNS, and having them sent now. */

import { part, send } from "../api.ts";
import { Refusal } from "../components/refusal.tsx";
import { Time } from "../components/time.tsx";
import { attempt } from "../components/toast.tsx";
import { useApi } from "../use_api.ts";

interface DnsRecord {
  readonly name: string;
  readonly type: string;
  readonly address: string | null;
  readonly state: "registered" | "pending" | "failing";
  readonly registered: number | null;
  readonly error: string | null;
  readonly next_try: number | null;
}

const AGAIN_MS = 30_000;

export function Dns({ host, mayForce }: { readonly host: string; readonly mayForce: boolean }) {
  const path = `hosts/${part(host)}/dns`;
  const { data, error, reload } = useApi<{ readonly records: readonly DnsRecord[] }>(
    path,
    AGAIN_MS,
  );
  async function force(): Promise<void> {
    if (await attempt(() => send("POST", path), "Its addresses are being sent")) reload();
  }
  return (
    <section class="card" aria-label="DNS">
      <div class="row card-head">
        <h2>DNS</h2>
        {mayForce && <button type="button" onClick={force}>Send now</button>}
      </div>
      {error !== null && <Refusal error={error} what="its records" />}
      {data?.records.length === 0 && <p class="dim">Nothing is registered yet.</p>}
      <ul class="log">
        {data?.records.map((record) => (
          <li key={`${record.name} ${record.type}`}>
            <code>{record.type}</code>
            <span>
              {record.name} <code>{record.address ?? "–"}</code>{" "}
              <span class={record.state === "failing" ? "error" : "dim"}>
                {record.state}
                {record.error !== null && `: ${record.error}`}
              </span>
              {record.state === "registered" && record.registered !== null && (
                <span class="dim">
                  , <Time at={record.registered} />
                </span>
              )}
              {record.next_try !== null && (
                <span class="dim">
                  , next try <Time at={record.next_try} />
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
