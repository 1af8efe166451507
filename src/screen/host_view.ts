/**
 * The pane for one host. Where there are fewer rows than lines, the less important ones go first:
 * whether all is well stays to the end.
 */

import { type Context, indentOf, lineOf } from "./context.ts";
import { count, percent, roundTrip, seconds, span, timeOf } from "./format.ts";
import type { HostRow } from "./hosts.ts";
import type { Line, Style } from "./line.ts";
import { barParts, expectation, isOverdue, LOOKS } from "./state_look.ts";
import { alertWords, sentence } from "./words.ts";

/** Alerts shown besides the worst. */
const MORE_ALERTS = 4;

/** Columns below which names of values are short ones. */
const NARROW = 44;

interface Ranked {
  readonly line: Line;
  /** 1 is the last one to go. */
  readonly rank: number;
}

/** The lines for a host, at most `rows`. */
export function hostView(context: Context, host: HostRow, rows: number): readonly Line[] {
  const all = hostLines(context, host);
  const kept = new Set([...all].sort((a, b) => a.rank - b.rank).slice(0, rows));
  return all.filter((one) => kept.has(one)).map(({ line }) => line);
}

function hostLines(context: Context, host: HostRow): readonly Ranked[] {
  const { model, columns } = context;
  const nowMs = model.serverMs;
  const indent = indentOf(context);
  const isNarrow = columns < NARROW;
  const value = (name: string, short: string, text: string, style: Style = ""): Line =>
    lineOf(context).to(indent).add(isNarrow ? short : name, "dim")
      .to(indent + (isNarrow ? 10 : 18)).add(text, style);
  const bar = value("Last intervals", "Intervals", "");
  for (const [text, style] of barParts(host.bar.slice(-(columns - bar.width)))) {
    bar.add(text, style);
  }
  const name = lineOf(context).to(indent).add(host.name, "bold");
  const [status, ...alerts] = statusLines(context, host, nowMs);
  return [
    // Of one of several it must be seen which one it is.
    { line: name, rank: context.controls.opened === null ? 3 : 1.5 },
    { line: lineOf(context), rank: 13 },
    { line: value("Total received", "Total", count(host.total)), rank: 5 },
    { line: value("Late arrivals", "Late", count(host.late), badStyle(host.late)), rank: 6 },
    {
      line: value("Missed entirely", "Missed", count(host.missed), badStyle(host.missed)),
      rank: 7,
    },
    { line: value("Stability", "Stability", percent(host.stability)), rank: 4 },
    {
      line: value(
        "Last heartbeat",
        "Last",
        lastBeat(host, nowMs, isNarrow),
        isOverdue(host, nowMs) ? "red" : "",
      ),
      rank: 2,
    },
    { line: value("Last client", "Client", host.address ?? "-"), rank: 8 },
    { line: value("Expected", "Expected", expectation(host)), rank: 11 },
    ...(host.rttMs === null
      ? []
      : [{ line: value("Round trip", "RTT", roundTrip(host.rttMs)), rank: 12 }]),
    ...(host.bar === "" ? [] : [{ line: bar, rank: 10 }]),
    { line: lineOf(context), rank: 14 },
    ...(status === undefined ? [] : [{ line: status, rank: 1 }]),
    ...alerts.map((line) => ({ line, rank: 9 })),
    ...(model.summary?.problems ?? []).map((problem) => ({
      line: lineOf(context).to(indent).add(`⚠ ${problem}`, "alarm"),
      rank: 4,
    })),
  ];
}

function badStyle(value: number): Style {
  return value > 0 ? "yellow" : "";
}

function lastBeat({ lastBeatS }: HostRow, nowMs: number, isNarrow: boolean): string {
  if (lastBeatS === null) return "-";
  const ago = `${span(nowMs - lastBeatS * 1000)} ago`;
  return isNarrow ? ago : `${timeOf(lastBeatS * 1000, nowMs)}  (${ago})`;
}

/** Whether all is well; what is not, the worst first. */
function statusLines(context: Context, host: HostRow, nowMs: number): readonly Line[] {
  const status = (mark: string, text: string, style: Style): Line =>
    lineOf(context).to(indentOf(context)).add(`${mark} ${text}`, style);
  const { mark, style } = LOOKS[host.state];
  const alerts = context.model.alertsOf(host.name)
    .filter(({ kind }) => kind !== "down")
    .slice(0, MORE_ALERTS)
    .map((alert) =>
      status("⚠", `ALERT: ${alertWords(alert)}`, alert.level === "CRITICAL" ? "alarm" : "yellow")
    );
  switch (host.state) {
    case "down":
      return [status(mark, `ALERT: ${whyDown(host, nowMs)}`, "alarm"), ...alerts];
    case "up":
      if (alerts.length > 0) return alerts;
      return isOverdue(host, nowMs)
        ? [status("●", "Status: Overdue", "yellow")]
        : [status(mark, "Status: OK", style)];
    case "paused": {
      const { pausedUntilS: untilS } = host;
      const until = untilS === null ? "" : ` until ${timeOf(untilS * 1000, nowMs)}`;
      return [status(mark, `Status: Paused${until}`, style), ...alerts];
    }
    case "shutdown":
      return [status(mark, "Status: Shut down, as it said", style), ...alerts];
    case "new":
      return [status(mark, "Waiting for first heartbeat…", style), ...alerts];
  }
}

function whyDown(host: HostRow, nowMs: number): string {
  const { failure, lastBeatS, intervalS } = host;
  if (failure !== null) return sentence(failure);
  const expected = intervalS === null ? "" : ` (expected ${expectation(host)})`;
  if (lastBeatS === null) return `No heartbeat yet${expected}`;
  const silentS = nowMs / 1000 - lastBeatS;
  const silent = silentS < 60 ? seconds(Math.floor(silentS)) : span(silentS * 1000);
  return `No heartbeat for ${silent}${expected}`;
}
