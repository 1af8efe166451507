/** The times at which a beat is expected, in the viewer's zone and in that of the calendar. Pure. */

/** One of the next times. */
export interface Due {
  /** Epoch seconds. */
  readonly at: number;
  /** `Tue, Mar 29, 03:00` in the viewer's zone. */
  readonly here: string;
  /** The same in the calendar's own zone; null where it reads the same. */
  readonly there: string | null;
}

/** `next` (epoch seconds) in words. A zone that the browser does not know is left out. */
export function dueTimes(next: readonly number[], tz: string, hereTz?: string): readonly Due[] {
  const [here, there] = [formatOf(hereTz), formatOf(tz)];
  const texts = next.map((at) => ({
    at,
    here: here?.format(at * 1000) ?? "",
    there: there?.format(at * 1000) ?? null,
  }));
  // Two zones may agree on some of them only: then both columns are of use for all.
  const isSame = texts.every((one) => one.there === null || one.there === one.here);
  return texts.map((one) => isSame ? { ...one, there: null } : one);
}

function formatOf(timeZone: string | undefined): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat(undefined, {
      weekday: "short",
      month: "short",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
      ...(timeZone !== undefined && { timeZone }),
    });
  } catch {
    return null;
  }
}
