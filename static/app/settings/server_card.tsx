/** The server: what it is, where it listens, what it counted, and what does not work. */

import { Refusal } from "../components/refusal.tsx";
import { Time } from "../components/time.tsx";
import { count, duration, percent } from "../format.ts";
import { useApi } from "../use_api.ts";
import type { ServerInfo } from "./types.ts";

const AGAIN_MS = 10_000;

export function ServerCard() {
  const { data, error } = useApi<ServerInfo>("server", AGAIN_MS);
  return (
    <section class="card" aria-labelledby="server">
      <h2 id="server">Server</h2>
      {error !== null && <Refusal error={error} what="the server" />}
      {data !== null && (
        <>
          {data.problems?.map(({ part, message, since }) => (
            <p class="error" key={part}>
              <strong>{part}</strong>: {message} (since <Time at={since} />)
            </p>
          ))}
          {data.problems?.length === 0 && (
            <p class="settings-ok">
              <span aria-hidden="true">✓</span> All parts work.
            </p>
          )}
          <dl class="facts num">
            <Fact name="Version" value={data.version} />
            <Fact name="Runs for" value={duration(Math.round(data.uptime))} />
            <div>
              <dt>Started</dt>
              <dd>
                <Time at={data.started} />
              </dd>
            </div>
            <Fact name="Hosts" value={`${count(data.hosts.hosts)} of ${count(data.max_hosts)}`} />
            <Fact name="Beats" value={count(data.hosts.total)} />
            <Fact
              name="Late, missed"
              value={`${count(data.hosts.late)}, ${count(data.hosts.missed)}`}
            />
            <Fact name="Stability" value={percent(data.hosts.stability)} />
            <Fact name="History" value={`${count(data.history_days)} days`} />
            {Object.entries(data.ports ?? {}).map(([name, port]) => (
              <Fact key={name} name={PORTS[name] ?? `Port ${name}`} value={String(port ?? "off")} />
            ))}
            {Object.entries(data.counters ?? {}).map(([name, value]) => (
              <Fact key={name} name={COUNTERS[name] ?? name} value={counterText(value)} />
            ))}
          </dl>
        </>
      )}
    </section>
  );
}

const PORTS: Readonly<Record<string, string>> = {
  http: "HTTP port",
  udp: "UDP port",
  ws: "WebSocket port",
  wss: "WebSocket port, TLS",
};

const COUNTERS: Readonly<Record<string, string>> = {
  refused: "Refused, too many hosts",
  journal_lines_lost: "Journal lines lost",
  dropped: "Dropped",
  tick_lag: "Lag of the watchdog, s",
  udp_received: "Datagrams received",
  udp_kernel_drops: "Dropped by the kernel",
  udp_overload_drops: "Dropped by overload",
};

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function counterText(value: unknown): string {
  if (typeof value === "number") return count(value);
  if (typeof value !== "object" || value === null) return value === null ? "–" : String(value);
  const parts = Object.entries(value).map(([name, one]) => `${name} ${counterText(one)}`);
  return parts.length === 0 ? "nothing" : parts.join(", ");
}
