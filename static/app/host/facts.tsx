/** Who a host is, and its times. */

import type { ComponentChildren } from "preact";
import { Ago, Time } from "../components/time.tsx";
import { duration, milliseconds } from "../format.ts";
import { dialectWord } from "./runs.ts";
import type { HostDetail, PluginList } from "./types.ts";
import { useHost } from "./use_host.ts";

interface Props {
  readonly detail: HostDetail;
  readonly plugins: PluginList | null;
}

export function Facts({ detail, plugins }: Props) {
  return (
    <div class="host-pair">
      <Identity detail={detail} plugins={plugins} />
      <Times detail={detail} />
    </div>
  );
}

function Identity({ detail, plugins }: Props) {
  const host = useHost(detail);
  const system = plugins?.plugins.os_info?.data as Readonly<Record<string, unknown>> | undefined;
  const runs = [system?.distribution ?? system?.os, system?.kernel, system?.arch]
    .filter((one) => typeof one === "string").join(", ");
  const dialect = host.report?.dialect ?? null;
  return (
    <section class="card" aria-label="Identity">
      <h2>Identity</h2>
      <dl class="facts">
        <Fact name="Addresses" wide>
          {host.addresses.length === 0 ? <span class="dim">none yet</span> : (
            <ul>
              {host.addresses.map((address) => (
                <li key={address}>
                  <code>{address}</code>{" "}
                  <span class="dim">{address.includes(":") ? "IPv6" : "IPv4"}</span>
                </li>
              ))}
            </ul>
          )}
        </Fact>
        {host.reported_ip !== null && (
          <Fact name="Says it is at">
            <code>{host.reported_ip}</code>
          </Fact>
        )}
        {dialect !== null && <Fact name="Speaks">{dialectWord(dialect)}</Fact>}
        {runs !== "" && <Fact name="Runs" wide>{runs}</Fact>}
        {host.version !== null && <Fact name="Client">hbc {host.version}</Fact>}
        {host.booted !== null && (
          <Fact name="Booted">
            <Time at={host.booted} />
          </Fact>
        )}
        {host.reboots > 0 && <Fact name="Reboots seen">{host.reboots}</Fact>}
        {host.clock_skew !== null && <Fact name="Its clock">{skewText(host.clock_skew)}</Fact>}
        {host.group !== null && <Fact name="Group">{host.group}</Fact>}
        {host.owner !== null && <Fact name="Owner">{host.owner}</Fact>}
        {!detail.settings.watch && <Fact name="Watched">no: nobody is told of it</Fact>}
      </dl>
    </section>
  );
}

function Times({ detail }: { readonly detail: HostDetail }) {
  const host = useHost(detail);
  return (
    <section class="card" aria-label="Times">
      <h2>Times</h2>
      <dl class="facts">
        <Fact name="Last beat">
          <Time at={host.last_beat} />
          {host.last_beat !== null && (
            <span class="dim fact-second">
              <Ago at={host.last_beat} /> ago
            </span>
          )}
        </Fact>
        <Fact name="Deadline">
          <Time at={host.deadline} />
        </Fact>
        {detail.schedule === null && (
          <>
            <Fact name="Interval">
              <span class="num">
                {host.interval === null ? "still to be learned" : duration(host.interval)}
              </span>
            </Fact>
            <Fact name="Grace">
              <span class="num">{duration(host.grace)}</span>
            </Fact>
          </>
        )}
        {host.rtt !== null && (
          <Fact name="Round trip">
            <span class="num">{milliseconds(host.rtt)}</span>
          </Fact>
        )}
        {host.loss !== null && (
          <Fact name="Loss">
            <span class="num">{host.loss} %</span>
            {host.lost > 0 && <span class="dim">, {host.lost} messages</span>}
          </Fact>
        )}
        {host.duplicates + host.reordered > 0 && (
          <Fact name="Twice, out of order">
            <span class="num">{host.duplicates}, {host.reordered}</span>
          </Fact>
        )}
      </dl>
    </section>
  );
}

function Fact(
  { name, wide = false, children }: {
    readonly name: string;
    readonly wide?: boolean;
    readonly children: ComponentChildren;
  },
) {
  return (
    <div class={wide ? "fact-wide" : undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Positive: it is ahead of the server's. */
function skewText(skewS: number): string {
  if (Math.abs(skewS) < 0.1) return "right";
  return `${duration(Math.abs(skewS))} ${skewS > 0 ? "ahead" : "behind"}`;
}
