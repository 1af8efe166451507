/**
 * Our charts as uPlot wants to be told: one line, perhaps with a band around it, thresholds as
 * dashed lines with their names, colours of the style sheet, the viewer's times below. A finger or
 * a pointer on it tells which value is meant; there is no zoom to get lost in.
 */

import uPlot from "uplot";
import { clockTime } from "../format.ts";
import { colour } from "./colours.ts";
import type { ChartRange, Limit } from "./range.ts";
import { type Unit, valueText } from "./units.ts";

/** Height of a chart with its axis, CSS pixels; the room in charts.css is as high. */
const HEIGHT = 130;

const FONT = "11px system-ui, sans-serif";

/** Dashes tell the levels apart without colour. */
const DASHES: Readonly<Record<Limit["level"], number[]>> = { warning: [6, 4], critical: [2, 3] };

const COLOURS: Readonly<Record<Limit["level"], string>> = { warning: "late", critical: "down" };

export interface Drawing {
  readonly unit: Unit;
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
  readonly band?: readonly (readonly [number | null, number | null])[];
  readonly range: ChartRange;
}

export interface Plot {
  update(drawing: Drawing): void;
  /** Takes the width of its room. */
  fit(): void;
  /** Takes the colours of the theme of now. */
  recolour(): void;
  end(): void;
}

/** Draws into `room`; `onPoint` hears which value is pointed at, null: none. */
export function draw(
  room: HTMLElement,
  drawing: Drawing,
  onPoint: (at: number | null) => void,
): Plot {
  let now = drawing;
  const hasBand = drawing.band !== undefined;
  const line = {
    stroke: () => colour("accent"),
    width: 1.5,
    points: { show: drawing.times.length < 3, size: 6, fill: () => colour("accent") },
  };
  const edge = { stroke: () => "transparent", points: { show: false } };
  const plot = new uPlot(
    {
      width: widthOf(room),
      height: HEIGHT,
      padding: [8, 20, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      scales: {
        x: { time: true, range: timeRange },
        y: { range: () => [now.range.min, now.range.max] },
      },
      series: [{}, line, ...(hasBand ? [edge, edge] : [])],
      ...(hasBand && { bands: [{ series: [3, 2], fill: () => faint(colour("accent")) }] }),
      axes: [
        {
          stroke: () => colour("dim"),
          font: FONT,
          size: 22,
          gap: 3,
          space: 70,
          grid: { stroke: () => colour("line"), width: 1 },
          ticks: { show: false },
          values: (self, at) => timeLabels(self, at),
        },
        {
          stroke: () => colour("dim"),
          font: FONT,
          size: 58,
          gap: 4,
          space: 28,
          grid: { stroke: () => colour("line"), width: 1 },
          ticks: { show: false },
          values: (_, at) => at.map((value) => valueText(value, now.unit)),
        },
      ],
      hooks: {
        draw: [(self) => now.range.limits.forEach((limit) => drawLimit(self, limit))],
        setCursor: [(self) => onPoint(self.cursor.idx ?? null)],
      },
    },
    dataOf(drawing),
    room,
  );
  return {
    update(drawing) {
      now = drawing;
      plot.setData(dataOf(drawing));
    },
    fit() {
      const width = widthOf(room);
      if (width !== plot.width) plot.setSize({ width, height: HEIGHT });
    },
    recolour() {
      plot.redraw(false);
    },
    end() {
      plot.destroy();
    },
  };
}

function widthOf(room: HTMLElement): number {
  return Math.max(120, Math.floor(room.clientWidth));
}

function dataOf({ times, values, band }: Drawing): uPlot.AlignedData {
  const data: [number[], (number | null)[], ...(number | null)[][]] = [[...times], [...values]];
  if (band !== undefined) data.push(band.map(([low]) => low), band.map(([, high]) => high));
  return data;
}

/** A single value stands in the middle of two minutes; uPlot would show the years after it. */
function timeRange({ data: [times] }: uPlot, minS: number, maxS: number): [number, number] {
  return times.length === 1 ? [minS - 60, minS + 60] : [minS, maxS];
}

/** Within a day the time alone, else the date where midnight is, and the time between. */
function timeLabels({ scales }: uPlot, at: readonly number[]): string[] {
  const spanS = (scales.x?.max ?? 0) - (scales.x?.min ?? 0);
  return at.map((timeS) => {
    const time = new Date(timeS * 1000);
    if (spanS > 3 * 86_400 || spanS > 86_400 && time.getHours() === 0) {
      return time.toLocaleDateString(undefined, { month: "short", day: "numeric" });
    }
    const clock = clockTime(timeS, timeS);
    return spanS < 300 ? clock : clock.slice(0, -3);
  });
}

function drawLimit({ ctx, bbox, valToPos }: uPlot, { level, value }: Limit): void {
  const y = Math.round(valToPos(value, "y", true)) + 0.5;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour(COLOURS[level]);
  ctx.lineWidth = 1.5 * scale;
  ctx.setLineDash(DASHES[level].map((dash) => dash * scale));
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = `${10 * scale}px system-ui, sans-serif`;
  // One level on each side: thresholds that are close must not cover each other's names.
  const isLeft = level === "warning";
  ctx.textAlign = isLeft ? "left" : "right";
  // Above the line, where there is room for it.
  const isHigh = y - bbox.top < 12 * scale;
  ctx.textBaseline = isHigh ? "top" : "bottom";
  const x = isLeft ? bbox.left + 3 * scale : bbox.left + bbox.width - 3 * scale;
  ctx.fillText(level, x, y + (isHigh ? 2 : -2) * scale);
  ctx.restore();
}

function faint(colour: string): string {
  return colour.replace(/^rgb\((.*)\)$/, "rgba($1, 0.18)");
}
