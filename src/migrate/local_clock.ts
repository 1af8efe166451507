/**
 * Times of day in a log, read back: `2026-03-28 12:34:56` in the zone of the machine that wrote it.
 *
 * When clocks go back in autumn an hour comes twice, and the text is the same. Lines come in order:
 * of the two readings, it is the one that does not run backwards.
 */

const TEXT = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)$/;
const HOUR_MS = 3_600_000;

/** A step back that a log may have without its clock having been changed. */
const JITTER_MS = 10_000;

const MINUTE_MS = 60_000;

export class LocalClock {
  readonly #format: Intl.DateTimeFormat | null;
  /** The last minute that was read, and where it began. */
  #minute = "";
  #minuteMs = NaN;

  /** `zone`: an IANA name; null: that of this machine. Throws a RangeError when there is none such. */
  constructor(zone: string | null) {
    this.#format = zone === null ? null : new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  }

  /** Epoch milliseconds of `text`, which follows a line of `afterMs`; null: it is no such time. */
  read(text: string, afterMs: number): number | null {
    const minute = text.slice(0, 16);
    if (minute !== this.#minute || afterMs - this.#minuteMs > MINUTE_MS + JITTER_MS) {
      const atMs = this.#minuteOf(text, afterMs);
      if (atMs === null) return null;
      this.#minute = minute;
      this.#minuteMs = atMs;
    }
    const seconds = Number(text.slice(17));
    return TEXT.test(text) && seconds < 61 ? this.#minuteMs + seconds * 1000 : null;
  }

  #minuteOf(text: string, afterMs: number): number | null {
    const found = TEXT.exec(text);
    if (found === null) return null;
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = found.slice(1).map(Number);
    const asUtc = Date.UTC(year, month - 1, day, hour, minute);
    const back = new Date(asUtc);
    const isReal = back.getUTCMonth() === month - 1 && back.getUTCDate() === day;
    if (!isReal || hour > 23 || minute > 59) return null;
    let atMs = asUtc - this.#offsetMs(asUtc - this.#offsetMs(asUtc));
    // The earlier of two readings, where there are two.
    const earlier = atMs - HOUR_MS;
    if (earlier + this.#offsetMs(earlier) === asUtc) atMs = earlier;
    const later = atMs + HOUR_MS;
    const isTwice = later + this.#offsetMs(later) === asUtc;
    return isTwice && atMs < afterMs - JITTER_MS ? later : atMs;
  }

  /** How far local time is ahead of UTC at `atMs`. */
  #offsetMs(atMs: number): number {
    if (this.#format === null) return -new Date(atMs).getTimezoneOffset() * MINUTE_MS;
    const parts = new Map(this.#format.formatToParts(atMs).map(({ type, value }) => [type, value]));
    const part = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name));
    const local = Date.UTC(
      part("year"),
      part("month") - 1,
      part("day"),
      part("hour"),
      part("minute"),
      part("second"),
    );
    return local - Math.floor(atMs / 1000) * 1000;
  }
}
