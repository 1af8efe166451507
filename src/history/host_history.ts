/**
 * The history of one host as people ask for it: its hours, those from the store and those that the
 * monitor still holds, and how much of the time it was up.
 *
 * Uptime is up / (up + down). What nobody knows (the server was deaf or not running, the host paused,
 * shut down or not there yet) is left out of it, and told beside it.
 */

import { HOUR_MS, hourOf } from "../monitor/hour_table.ts";
import type { HourView } from "../monitor/hour_view.ts";
import { figuresOf, type HistoryBook, type StoredHour } from "./book.ts";

/** Times for which the uptime is told, hours. */
const SPANS = { "24h": 24, "7d": 7 * 24, "30d": 30 * 24, "90d": 90 * 24 } as const;
export type UptimeSpan = keyof typeof SPANS;

export interface Uptime {
  /** Percent, 0 to 100, rounded to three decimals but never up to 100; null: nothing is known. */
  readonly uptime: Readonly<Record<UptimeSpan, number | null>>;
  /** Share of the time that is not known, 0 to 1. */
  readonly unknown: Readonly<Record<UptimeSpan, number>>;
}

export interface HistoryReport extends Uptime {
  /** The oldest first; hours without any figure are left out. */
  readonly hours: readonly StoredHour[];
}

export interface HostHistoryOptions {
  readonly hours: HourView;
  readonly book: HistoryBook;
  /** Epoch milliseconds. The monitor must know by then of any deafness before it (`Heart.nowMs`). */
  readonly nowMs: () => number;
}

export class HostHistory {
  readonly #options: HostHistoryOptions;

  constructor(options: HostHistoryOptions) {
    this.#options = options;
  }

  /** The uptime of `host` over whole hours and the one going on. Rejects when the store fails. */
  async uptime(host: string): Promise<Uptime> {
    const { uptime, unknown } = await this.report(host, 0);
    return { uptime, unknown };
  }

  /** Both at once, reading the store once. */
  async report(host: string, days: number): Promise<HistoryReport> {
    const nowMs = this.#options.nowMs();
    const now = hourOf(nowMs);
    const first = now - Math.max(days * 24, SPANS["90d"]);
    const all = await this.#hoursFrom(host, first);
    const hours = all.filter(({ hour }) => hour >= now - days * 24);
    return { ...uptimeOf(all, nowMs), hours };
  }

  async #hoursFrom(host: string, from: number): Promise<readonly StoredHour[]> {
    const { hours, book, nowMs } = this.#options;
    // Before the store is read: what is written meanwhile must not be missing in both.
    const held = hours.of(host, nowMs());
    const stored = await book.hours(host, from, hourOf(nowMs()) + 1);
    const known = new Map(stored.map((hour) => [hour.hour, hour]));
    for (const one of held) {
      if (one.hour >= from) known.set(one.hour, { hour: one.hour, ...figuresOf(one) });
    }
    return [...known.values()].sort((a, b) => a.hour - b.hour);
  }
}

/** The uptime as of `nowMs` by these hours. */
export function uptimeOf(
  hours: readonly Pick<StoredHour, "hour" | "upMs" | "downMs">[],
  nowMs: number,
): Uptime {
  const of = (span: UptimeSpan): { readonly uptime: number | null; readonly unknown: number } => {
    const first = hourOf(nowMs) - SPANS[span];
    let [upMs, downMs] = [0, 0];
    for (const one of hours) {
      if (one.hour < first || one.hour > hourOf(nowMs)) continue;
      upMs += one.upMs;
      downMs += one.downMs;
    }
    const wallMs = nowMs - first * HOUR_MS;
    const knownMs = upMs + downMs;
    return {
      uptime: knownMs === 0 ? null : percent(upMs, knownMs),
      unknown: Math.min(1, Math.max(0, 1 - knownMs / wallMs)),
    };
  };
  const [day, week, month, quarter] = [of("24h"), of("7d"), of("30d"), of("90d")];
  return {
    uptime: {
      "24h": day.uptime,
      "7d": week.uptime,
      "30d": month.uptime,
      "90d": quarter.uptime,
    },
    unknown: {
      "24h": day.unknown,
      "7d": week.unknown,
      "30d": month.unknown,
      "90d": quarter.unknown,
    },
  };
}

/** Three decimals. Who was down at all has no 100 %. */
function percent(upMs: number, knownMs: number): number {
  return Math.floor(upMs / knownMs * 100_000) / 1000;
}
