/**
 * What the public status page shows of the past: the uptime of 90 days, and how each day was. It is
 * read again only once in a while: everybody may ask for that page, as often as they like.
 */

import type { View } from "../view.ts";

/** Days in a bar. */
export const DAYS = 90;

const DAY_MS = 86_400_000;

/** The past is read again after this. */
const FRESH_MS = 5 * 60_000;

/** A day of a host: percent of the known time in which it was up; null: nothing is known. */
export interface Day {
  /** Epoch milliseconds, at the beginning of the day (UTC). */
  readonly startMs: number;
  readonly upPct: number | null;
}

export interface HostPast {
  /** Percent of the known time; null: nothing is known. */
  readonly uptimePct: number | null;
  /** As many as `DAYS`, the oldest first; null: nothing is known of any. */
  readonly days: readonly Day[] | null;
}

export class PublicPast {
  readonly #view: Pick<View, "history">;
  readonly #known = new Map<string, { readonly atMs: number; readonly past: Promise<HostPast> }>();

  constructor(view: Pick<View, "history">) {
    this.#view = view;
  }

  /** The past of `hosts`, by name; forgets that of others. */
  async of(hosts: readonly string[], nowMs: number): Promise<ReadonlyMap<string, HostPast>> {
    const wanted = new Set(hosts);
    for (const name of this.#known.keys()) if (!wanted.has(name)) this.#known.delete(name);
    const pasts = new Map<string, HostPast>();
    for (const name of hosts) pasts.set(name, await this.#past(name, nowMs));
    return pasts;
  }

  #past(name: string, nowMs: number): Promise<HostPast> {
    const known = this.#known.get(name);
    if (known !== undefined && Math.abs(nowMs - known.atMs) < FRESH_MS) return known.past;
    const past = this.#read(name, nowMs);
    this.#known.set(name, { atMs: nowMs, past });
    past.catch(() => this.#known.delete(name));
    return past;
  }

  async #read(name: string, nowMs: number): Promise<HostPast> {
    const { hours, uptime } = await this.#view.history.report(name, DAYS);
    const sums = new Map<number, { up: number; down: number }>();
    for (const { hour, upMs, downMs } of hours) {
      const day = Math.floor(hour / 24);
      const sum = sums.get(day) ?? { up: 0, down: 0 };
      sums.set(day, { up: sum.up + upMs, down: sum.down + downMs });
    }
    const today = Math.floor(nowMs / DAY_MS);
    const days = Array.from({ length: DAYS }, (_, n): Day => {
      const day = today - DAYS + 1 + n;
      const { up, down } = sums.get(day) ?? { up: 0, down: 0 };
      const upPct = up + down === 0 ? null : 100 * up / (up + down);
      return { startMs: day * DAY_MS, upPct };
    });
    const isKnown = days.some(({ upPct }) => upPct !== null);
    return { uptimePct: uptime["90d"], days: isKnown ? days : null };
  }
}
