/** Numbers and times as the screen shows them. */

import { LocalTime } from "../wire/local_time.ts";

const time = new LocalTime();

/** `14:03:12`, in the time zone of this machine. */
export function clockTime(atMs: number): string {
  return time.iso(atMs).slice(-8);
}

/** `14:03:12`, with the date where that is not the one of `nowMs`. */
export function timeOf(atMs: number, nowMs: number): string {
  const text = time.spaced(atMs);
  return text.slice(0, 10) === time.spaced(nowMs).slice(0, 10) ? text.slice(-8) : text;
}

/** `3s`, `12m 5s`, `2h 3m`, `3d 4h`: the two largest units. */
export function span(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m ${s % 60}s`;
  if (s < 86_400) return `${Math.floor(s / 3600)}h ${Math.floor(s / 60) % 60}m`;
  return `${Math.floor(s / 86_400)}d ${Math.floor(s / 3600) % 24}h`;
}

/** `12,345` */
export function count(value: number): string {
  return value.toLocaleString("en");
}

/** `0.2`, `12,345`: a figure that is a large one needs no tenths. */
export function rate(value: number): string {
  return count(value < 100 ? value : Math.round(value));
}

/** `99.8 %`, `-` where it is not known. */
export function percent(value: number | null): string {
  return value === null ? "-" : `${value} %`;
}

/** `0.8 ms`, `12 ms`, `-` where it is not known. */
export function roundTrip(ms: number | null): string {
  if (ms === null) return "-";
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

/** `every 10s ±20%`, `every 60s +5s`, `-` where it is still to be learned. */
export function rhythm(intervalS: number | null, graceS: number | null): string {
  if (intervalS === null) return "-";
  const every = `every ${seconds(intervalS)}`;
  if (graceS === null) return every;
  const tolerancePct = graceS / intervalS * 100;
  const isWhole = Math.abs(tolerancePct - Math.round(tolerancePct)) < 0.01;
  return isWhole ? `${every} ±${Math.round(tolerancePct)}%` : `${every} +${seconds(graceS)}`;
}

/** `13s`, `2.5s`: whole seconds from ten up, tenths below. */
export function seconds(s: number): string {
  return `${s >= 10 ? Math.round(s) : Math.round(s * 10) / 10}s`;
}
