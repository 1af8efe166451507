/**
 * Durations as people read them (`3d 4h`), and as they write them in requests: a number of seconds,
 * or a text like `90s`, `15m`, `2h`, `1h30m` or `7d`.
 *
 * A text that is a bare number is refused: whoever writes "90" may mean minutes.
 */

const UNITS_S = [86_400, 3600, 60, 1];

const TEXT = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;

/** Longest duration, seconds. */
const MAX_S = 366 * 86_400;

/** What is right, for errors. */
const RIGHT = 'a number of seconds or a text like "90s", "15m", "2h", "1h30m" or "7d", ' +
  "from 1 second to 366 days";

/** A duration in milliseconds, or what is wrong with it in words that follow the name of the field. */
export type ParsedDuration =
  | { readonly ok: true; readonly ms: number }
  | { readonly ok: false; readonly problem: string };

/** Reads a duration of 1 second to 366 days. */
export function parseDuration(value: unknown): ParsedDuration {
  const durationS = typeof value === "number"
    ? value
    : typeof value === "string"
    ? textSeconds(value)
    : NaN;
  if (durationS >= 1 && durationS <= MAX_S) return { ok: true, ms: Math.round(durationS * 1000) };
  const shown = JSON.stringify(value) ?? "nothing";
  const got = shown.length > 40 ? `${shown.slice(0, 40)}…` : shown;
  return { ok: false, problem: `must be ${RIGHT}: got ${got}` };
}

/** The seconds of a text like `1h30m`; NaN for any other. */
export function textSeconds(text: string): number {
  const found = TEXT.exec(text);
  if (found === null) return NaN;
  return UNITS_S.reduce((sum, unitS, i) => sum + unitS * Number(found[i + 1] ?? 0), 0);
}

/** `3d 4h`, `12m 5s`, `0s`: the two largest units. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([n]) => n > 0);
  if (first < 0) return "0s";
  return parts.slice(first, first + 2).filter(([n]) => n > 0).map(([n, unit]) => n + unit).join(
    " ",
  );
}
