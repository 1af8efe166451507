/**
 * Numbers and times as people read them. Pure: the same input gives the same text, whatever the
 * page; only the viewer's time zone and the language of numbers are the browser's.
 */

const UNITS: readonly (readonly [string, number])[] = [["d", 86_400], ["h", 3600], ["min", 60]];

/** `8 s`, `3 min`, `2 h 5 min`, `4 d 3 h`: the two largest units. `-` when it is not known. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  let rest = Math.max(0, seconds);
  if (rest < 10 && !Number.isInteger(rest)) return `${Math.round(rest * 10) / 10} s`;
  rest = Math.round(rest);
  for (const [at, [unit, size]] of UNITS.entries()) {
    if (rest < size) continue;
    const [smaller, smallerSize] = UNITS[at + 1] ?? ["s", 1];
    const whole = Math.floor(rest / size);
    const left = Math.floor((rest - whole * size) / smallerSize);
    return left === 0 || unit === "min" && whole >= 10
      ? `${whole} ${unit}`
      : `${whole} ${unit} ${left} ${smaller}`;
  }
  return `${rest} s`;
}

/** How long ago that was: whole seconds, so that it does not flicker. */
export function ago(thenS: number | null | undefined, nowS: number): string {
  if (thenS === null || thenS === undefined) return "never";
  return duration(Math.max(0, Math.floor(nowS - thenS)));
}

/** `12,345`. */
export function count(value: number): string {
  return value.toLocaleString();
}

/** `99.95 %`; 100 % only when it is all of it. */
export function percent(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const digits = value >= 100 || value === 0 ? 0 : value > 99 ? 2 : 1;
  const step = 10 ** digits;
  return `${(Math.floor(value * step) / step).toFixed(digits)} %`;
}

/** `0.8 ms`, `12 ms`, `1.2 s`. */
export function milliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

/** A number of any size with at most four digits that matter: `1.234`, `12.3 k`, `4.5 M`. */
export function amount(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${trimmed(value / 1e9)} G`;
  if (size >= 1e6) return `${trimmed(value / 1e6)} M`;
  if (size >= 1e4) return `${trimmed(value / 1e3)} k`;
  return trimmed(value);
}

/** `1.5 GiB`. */
export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let [size, at] = [value, 0];
  while (Math.abs(size) >= 1024 && at < units.length - 1) {
    size /= 1024;
    at++;
  }
  return `${at === 0 ? size : trimmed(size)} ${units[at]}`;
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(value !== 0 && Math.abs(value) >= 1000 ? 4 : 3)));
}

/** `14:03:12` of today, otherwise with the date. */
export function clockTime(timeS: number, nowS: number): string {
  const [time, now] = [new Date(timeS * 1000), new Date(nowS * 1000)];
  const clock = time.toLocaleTimeString(undefined, { hour12: false });
  if (time.toDateString() === now.toDateString()) return clock;
  const date = time.toLocaleDateString(undefined, { month: "short", day: "numeric" });
  const year = time.getFullYear() === now.getFullYear() ? "" : ` ${time.getFullYear()}`;
  return `${date}${year}, ${clock}`;
}

/** The whole of it, for who hovers: `2026-03-28 12:34:56.123 +01:00`. */
export function exactTime(timeS: number): string {
  const time = new Date(timeS * 1000);
  const pad = (value: number, digits = 2) => String(Math.abs(value)).padStart(digits, "0");
  const offset = -time.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${pad(Math.trunc(offset / 60))}:${pad(offset % 60)}`;
  return `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())} ` +
    `${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}.` +
    `${pad(time.getMilliseconds(), 3)} ${zone}`;
}

/** One word for many: `1 host`, `3 hosts`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
