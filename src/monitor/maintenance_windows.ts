/**
 * When a planned maintenance takes place: the windows of the configuration as spans of time.
 *
 * Windows are in the local time of their zone. On a day on which clocks change, a window begins
 * with the first moment at or after its time and ends with the last: one that begins in the hour
 * that is left out begins when the clocks leap, and one in the hour that comes twice covers both.
 */

/** A planned time in which hosts may be silent. Either `daily`, `weekly` or `from` and `to`. */
export interface MaintenanceWindow {
  /** Names of hosts, with `*` for any run of characters; empty with no `group`: every host. */
  readonly hosts: readonly string[];
  /** Hosts of this group, beside those named in `hosts`. */
  readonly group: string | null;
  readonly when:
    /** Local times, minutes after midnight; `to` at or before `from` is on the next day. */
    | { readonly kind: "daily"; readonly from: number; readonly to: number }
    /** `days`: 1 is Monday, 7 is Sunday (ISO 8601); the day on which it begins. */
    | {
      readonly kind: "weekly";
      readonly days: readonly number[];
      readonly from: number;
      readonly to: number;
    }
    /** Local times without an offset, as ISO 8601 has them. */
    | { readonly kind: "once"; readonly from: string; readonly to: string };
  /** An IANA time zone. */
  readonly zone: string;
  readonly reason: string;
}

/** A time from `fromMs` until just before `toMs`, epoch milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export const DAY_MS = 86_400_000;

const DAY_MINUTES = 1440;

/** Days by UTC before a moment whose windows may last until then: zones, windows over midnight. */
const DAYS_BEFORE = 3;

/** Spans that are remembered of one window. */
const REMEMBERED = 500;

const EPOCH = new Temporal.PlainDate(1970, 1, 1);

/** The times of one window. Reckoning with zones is slow, so the spans of days are remembered. */
export class WindowTimes {
  readonly #window: MaintenanceWindow;
  readonly #days = new Map<number, Span>();
  readonly #once: Span | null;

  /** Throws a RangeError for a zone or a time that does not exist. */
  constructor(window: MaintenanceWindow) {
    this.#window = window;
    const { when, zone } = window;
    // An unknown zone is told now rather than in the middle of the watch.
    firstMoment(EPOCH.toPlainDateTime(), zone);
    this.#once = when.kind !== "once" ? null : {
      fromMs: firstMoment(Temporal.PlainDateTime.from(when.from), zone),
      toMs: lastMoment(Temporal.PlainDateTime.from(when.to), zone),
    };
  }

  /** Its spans that share a moment with `fromMs` up to `toMs`, by the day on which they begin. */
  between(fromMs: number, toMs: number): readonly Span[] {
    const spans: Span[] = [];
    const add = (span: Span | null): void => {
      if (span === null || span.fromMs >= span.toMs) return;
      if (span.fromMs < toMs && span.toMs > fromMs) spans.push(span);
    };
    if (this.#once !== null) {
      add(this.#once);
      return spans;
    }
    const lastDay = Math.floor(toMs / DAY_MS) + 1;
    for (let day = Math.floor(fromMs / DAY_MS) - DAYS_BEFORE; day <= lastDay; day++) {
      add(this.#ofDay(day));
    }
    return spans;
  }

  /** The end of the span that `atMs` is in; null when it is in none. */
  endAt(atMs: number): number | null {
    let endMs: number | null = null;
    for (const span of this.between(atMs, atMs + 1)) {
      if (span.fromMs <= atMs) endMs = Math.max(endMs ?? span.toMs, span.toMs);
    }
    return endMs;
  }

  /** The span that begins on a local date, days since 1970-01-01; null when none does. */
  #ofDay(day: number): Span | null {
    const { when, zone } = this.#window;
    if (when.kind === "once") return null;
    // 1970-01-01 was a Thursday.
    if (when.kind === "weekly" && !when.days.includes(modulo(day + 3, 7) + 1)) return null;
    let span = this.#days.get(day);
    if (span === undefined) {
      const midnight = EPOCH.add({ days: day }).toPlainDateTime();
      const { from, to } = when;
      const minutes = to > from ? to : to + DAY_MINUTES;
      span = {
        fromMs: firstMoment(midnight.add({ minutes: from }), zone),
        toMs: lastMoment(midnight.add({ minutes }), zone),
      };
      if (this.#days.size >= REMEMBERED) this.#days.clear();
      this.#days.set(day, span);
    }
    return span;
  }
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

/** The first moment at which clocks show `local` or later, epoch milliseconds. */
function firstMoment(local: Temporal.PlainDateTime, zone: string): number {
  const moment = local.toZonedDateTime(zone, { disambiguation: "earlier" });
  // Where clocks leap over it, `earlier` is as long before the leap.
  const isThere = moment.toPlainDateTime().equals(local);
  const leap = isThere ? null : moment.getTimeZoneTransition("next");
  return (leap ?? moment).epochMilliseconds;
}

/** The last moment at which clocks show `local`; of a time left out, as long after the leap. */
function lastMoment(local: Temporal.PlainDateTime, zone: string): number {
  return local.toZonedDateTime(zone, { disambiguation: "later" }).epochMilliseconds;
}
