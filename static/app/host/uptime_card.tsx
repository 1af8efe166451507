/**
 * How long a host was up: four periods to choose from, and the chosen one as a strip. Up is plain,
 * down is hatched and tall, what is not known is dotted.
 */

import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { part } from "../api.ts";
import { nowS } from "../clock.ts";
import { Refusal } from "../components/refusal.tsx";
import { percent } from "../format.ts";
import { useApi } from "../use_api.ts";
import { type HostHistory, type Period, PERIODS } from "./types.ts";
import {
  type Cell,
  cellsOf,
  cellText,
  knownText,
  PERIOD_DAYS,
  PERIOD_WORDS,
  stripText,
} from "./uptime.ts";

const AGAIN_MS = 120_000;
const STEP = 10;
const HEIGHT = 60;

interface Props {
  readonly history: HostHistory | null;
  readonly period: Period;
  readonly onPeriod: (period: Period) => void;
}

/** The history of a host for `period`; what was known stays while more is asked for. */
export function useHistory(host: string): Props & { readonly error: ComponentChildren } {
  const [period, onPeriod] = useState<Period>("7d");
  const path = (days: number) => `hosts/${part(host)}/history?days=${days}`;
  const short = useApi<HostHistory>(path(PERIOD_DAYS["7d"]), AGAIN_MS);
  const isLong = period === "30d" || period === "90d";
  const long = useApi<HostHistory>(isLong ? path(PERIOD_DAYS[period]) : null, AGAIN_MS);
  const history = isLong ? long.data ?? short.data : short.data;
  const error = short.error;
  return {
    history,
    period,
    onPeriod,
    error: error === null ? null : <Refusal error={error} what="its uptime" />,
  };
}

export function UptimeCard({ history, period, onPeriod }: Props) {
  const cells = useMemo(
    () => history === null ? [] : cellsOf(history.hours, period, nowS.peek()),
    [history, period],
  );
  return (
    <section class="card" aria-label="Uptime">
      <h2>Uptime</h2>
      <fieldset class="uptimes">
        <legend class="unseen">Period of the strip below</legend>
        {PERIODS.map((one) => (
          <label key={one} class={one === period ? "uptime uptime-chosen" : "uptime"}>
            <input
              type="radio"
              class="unseen"
              name="uptime-period"
              checked={one === period}
              onChange={() =>
                onPeriod(one)}
            />
            <span class="dim">{PERIOD_WORDS[one]}</span>
            <span class="uptime-value num">{percent(history?.uptime[one])}</span>
            <span class="dim uptime-known">
              {history === null ? "\u00a0" : knownText(history.unknown[one])}
            </span>
          </label>
        ))}
      </fieldset>
      <Strip cells={cells} />
      <ul class="row legend">
        <li>
          <Sign kind="up" />
          up
        </li>
        <li>
          <Sign kind="down" />
          down
        </li>
        <li>
          <Sign kind="unknown" />
          not known (not watched, paused, or the server was not listening)
        </li>
      </ul>
    </section>
  );
}

function Strip({ cells }: { readonly cells: readonly Cell[] }) {
  const width = Math.max(1, cells.length) * STEP;
  return (
    <svg
      class="strip"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={stripText(cells, nowS.peek())}
    >
      <Patterns />
      {cells.map((cell, i) => <Column key={cell.start} cell={cell} x={i * STEP} />)}
    </svg>
  );
}

function Column({ cell, x }: { readonly cell: Cell; readonly x: number }) {
  const all = Math.max(1, cell.up + cell.down + cell.unknown);
  // A minute of a month would be a hair: what was down at all is seen.
  const seen = (share: number) => share === 0 ? 0 : Math.max(0.12, share);
  const down = HEIGHT * Math.min(1, seen(cell.down / all));
  const unknown = Math.min(HEIGHT - down, HEIGHT * cell.unknown / all);
  const box = { x: x + 1, width: STEP - 2 };
  return (
    <g>
      <title>{cellText(cell, nowS.peek())}</title>
      <rect {...box} y={0} height={HEIGHT - down - unknown} class="strip-up" />
      {unknown > 0.5 && (
        <rect {...box} y={HEIGHT - down - unknown} height={unknown} fill="url(#strip-unknown)" />
      )}
      {down > 0 && <rect {...box} y={HEIGHT - down} height={down} fill="url(#strip-down)" />}
    </g>
  );
}

function Patterns() {
  return (
    <defs>
      <pattern id="strip-down" width="6" height="6" patternUnits="userSpaceOnUse">
        <rect width="6" height="6" class="strip-down" />
        <path d="M-1 1L1 -1M0 6L6 0M5 7L7 5" class="strip-hatch" />
      </pattern>
      <pattern id="strip-unknown" width="4" height="6" patternUnits="userSpaceOnUse">
        <rect width="4" height="6" class="strip-void" />
        <rect x="1" y="2" width="2" height="2" class="strip-dot" />
      </pattern>
    </defs>
  );
}

function Sign({ kind }: { readonly kind: "up" | "down" | "unknown" }) {
  return (
    <svg class="legend-sign legend-strip" viewBox="0 0 12 12" aria-hidden="true">
      {kind === "up"
        ? <rect width="12" height="12" class="strip-up" />
        : <rect width="12" height="12" fill={`url(#strip-${kind})`} />}
    </svg>
  );
}
