/**
 * One metric over time, with its thresholds. Drawn on a canvas by uPlot once it is scrolled to; its
 * lowest, mean, highest and last value always stand beside it as text. Its room is kept from the
 * start, so nothing moves when it is drawn.
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { nowS } from "../clock.ts";
import { clockTime } from "../format.ts";
import { onThemeChange } from "./colours.ts";
import { draw, type Drawing, type Plot } from "./plot.ts";
import { chartRange, type Limit } from "./range.ts";
import { figuresOf, figuresText } from "./summary.ts";
import { type Unit, valueText } from "./units.ts";
import { useSeen } from "./use_seen.ts";

interface Props {
  readonly label: string;
  readonly unit: Unit;
  /** Epoch seconds, rising. */
  readonly times: readonly number[];
  /** Null: a gap. */
  readonly values: readonly (number | null)[];
  /** The lowest and the highest of each, where `values` are means. */
  readonly band?: readonly (readonly [number | null, number | null])[];
  readonly limits?: readonly Limit[];
}

const NO_LIMITS: readonly Limit[] = [];

export function Chart({ label, unit, times, values, band, limits = NO_LIMITS }: Props) {
  const [at, setAt] = useState<number | null>(null);
  const figures = figuresOf(values);
  const all = band === undefined ? values : [...values, ...band.flat()];
  const range = chartRange(all, limits, unit);
  const drawing = { unit, times, values, ...(band !== undefined && { band }), range };
  const said = `${label}: ${figuresText(figures, unit)}`;
  const pointed = at === null ? null : values[at] ?? null;
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-name" title={label}>{label}</span>
        <span class="chart-now num">
          {at === null ? valueText(figures?.last, unit) : (
            <>
              <span class="dim">{clockTime(times[at] ?? 0, nowS.peek())}</span>{" "}
              {valueText(pointed, unit)}
            </>
          )}
        </span>
      </figcaption>
      <Canvas said={said} drawing={drawing} onPoint={setAt} />
      <dl class="chart-figures num">
        <Figure name="min" value={valueText(figures?.min, unit)} />
        <Figure name="avg" value={valueText(figures?.avg, unit)} />
        <Figure name="max" value={valueText(figures?.max, unit)} />
        {limits.map(({ level, value }) => (
          <Figure
            key={level}
            name={level}
            value={valueText(value, unit) +
              (range.beyond.some((one) => one.level === level) ? ", off the chart" : "")}
            level={level}
          />
        ))}
      </dl>
    </figure>
  );
}

function Figure(
  { name, value, level }: {
    readonly name: string;
    readonly value: string;
    readonly level?: Limit["level"];
  },
) {
  return (
    <div>
      <dt class={level === undefined ? undefined : `chart-key chart-key-${level}`}>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Canvas(
  { said, drawing, onPoint }: {
    readonly said: string;
    readonly drawing: Drawing;
    readonly onPoint: (at: number | null) => void;
  },
) {
  const room = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const isSeen = useSeen(room);
  useEffect(() => {
    if (!isSeen || room.current === null) return;
    const mine = plot.current = draw(room.current, drawing, onPoint);
    const resized = new ResizeObserver(() => mine.fit());
    resized.observe(room.current);
    const stopTheme = onThemeChange(() => mine.recolour());
    return () => {
      plot.current = null;
      stopTheme();
      resized.disconnect();
      mine.end();
    };
  }, [isSeen]);
  const { times, values, range } = drawing;
  useEffect(() => plot.current?.update(drawing), [times, values, range.min, range.max]);
  return <div class="chart-room" ref={room} role="img" aria-label={said} />;
}
