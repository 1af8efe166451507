/** What can be exported, as rows: values by name for JSON, cells for CSV. */

import type { HostSnapshot } from "../monitor/snapshot.ts";
import { type Cell, csvLine } from "./csv.ts";
import type { BeatRow, EventRow } from "./journal_rows.ts";
import type { HistoryRow } from "./state_copy.ts";

/** How rows of a kind are written. */
export interface Table<T> {
  readonly columns: readonly string[];
  readonly cells: (row: T) => readonly Cell[];
  readonly json: (row: T) => unknown;
}

/** A host, with what the API says of it. */
export interface HostRow {
  readonly host: HostSnapshot;
  readonly json: unknown;
  readonly owner: string | null;
  readonly group: string | null;
}

export const HOSTS: Table<HostRow> = {
  columns: [
    ..."name,state,total,late,missed,stability,interval_s,grace_s,last_beat,addresses".split(","),
    ..."reported_ip,version,owner,group".split(","),
  ],
  cells: ({ host, owner, group }) => [
    ...[host.name, host.state, host.total, host.late, host.missed, host.stability],
    ...[seconds(host.intervalMs), seconds(host.graceMs), isoTime(host.lastBeatMs)],
    ...[host.addresses.join(" "), host.reportedIp, host.client?.version ?? null, owner, group],
  ],
  json: ({ json }) => json,
};

export const BEATS: Table<BeatRow> = {
  columns: "time,host,ip,port,transport,path,late,payload".split(","),
  cells: ({ atMs, host, ip, port, transport, path, late, payload }) => [
    ...[isoTime(atMs), host, ip, port, transport, path, late, JSON.stringify(payload)],
  ],
  json: ({ atMs, isRaw: _isRaw, ...row }) => ({ time: atMs / 1000, ...row }),
};

const EVENT_FIELDS = ["silence_s", "missed", "interval_s", "grace_s", "reason"] as const;

export const EVENTS: Table<EventRow> = {
  columns: ["time", "event", "host", ...EVENT_FIELDS, "more"],
  cells({ atMs, event, host, more }) {
    const rest = Object.entries(more).filter(([name]) =>
      name !== "host" && !EVENT_FIELDS.some((field) => field === name)
    );
    return [
      ...[isoTime(atMs), event, host],
      ...EVENT_FIELDS.map((field) => cell(more[field])),
      rest.length === 0 ? null : JSON.stringify(Object.fromEntries(rest)),
    ];
  },
  json: ({ atMs, event, host, more }) => ({ time: atMs / 1000, event, ...more, host }),
};

export const HISTORY: Table<HistoryRow> = {
  columns: [
    ..."host,start,beats,late,missed,up_s,down_s,deaf_s".split(","),
    ..."rtts,rtt_min_ms,rtt_avg_ms,rtt_max_ms".split(","),
  ],
  cells: (row) => {
    const { start: _start, host, ...rest } = historyJson(row);
    return [host, isoTime(row.startMs), ...Object.values(rest)];
  },
  json: historyJson,
};

function historyJson({ host, startMs, figures }: HistoryRow) {
  const { beats, late, missed, upMs, downMs, deafMs, rtts } = figures;
  return {
    ...{ host, start: startMs / 1000, beats, late, missed },
    ...{ up_s: upMs / 1000, down_s: downMs / 1000, deaf_s: deafMs / 1000, rtts },
    rtt_min_ms: rtts === 0 ? null : figures.rttMinMs,
    rtt_avg_ms: rtts === 0 ? null : figures.rttAvgMs,
    rtt_max_ms: rtts === 0 ? null : figures.rttMaxMs,
  };
}

/** The text of a table, in parts. */
export async function* tableText<T>(
  table: Table<T>,
  format: "json" | "csv",
  rows: AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<string> {
  if (format === "csv") {
    yield csvLine(table.columns);
    for await (const row of rows) yield csvLine(table.cells(row));
    return;
  }
  let before = "[\n";
  for await (const row of rows) {
    yield before + JSON.stringify(table.json(row));
    before = ",\n";
  }
  yield before === "[\n" ? "[]\n" : "\n]\n";
}

function cell(value: unknown): Cell {
  const isPlain = typeof value === "string" || typeof value === "number";
  return isPlain ? value : value === undefined || value === null ? null : JSON.stringify(value);
}

function seconds(ms: number | null): number | null {
  return ms === null || !Number.isFinite(ms) ? null : ms / 1000;
}

function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
