/**
 * Reads what a monitoring plugin prints, after the Monitoring Plugins Development Guidelines:
 *
 *   MAIL WARNING - 41 messages wait | queue=41;40;100;0 oldest=12.5s;;60
 *   the slowest receiver is mx.example.org,
 *   its last answer was "451 later" | 'mx.example.org waits'=17
 *   refused=3c;@1:5
 *
 * The first line is for people; performance data follow the first `|`, and the second `|` wherever
 * it stands, up to the end: 'label'=value[unit];[warn];[crit];[min];[max].
 */

/** One value that a plugin has measured. */
export interface PerformanceValue {
  /** As the plugin wrote it, without quotes. */
  readonly label: string;
  readonly value: number;
  /** `s`, `%`, `MB`, `c` for a counter …; "" when there is none. */
  readonly unit: string;
  /** Thresholds: a number, or a range like `10:20`, `~:5` or `@1:2`; null when there is none. */
  readonly warn: number | string | null;
  readonly crit: number | string | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** The output of a plugin, taken apart. */
export interface PluginOutput {
  /** The first line, without performance data. */
  readonly text: string;
  readonly performance: readonly PerformanceValue[];
}

const ITEM = /'((?:[^']|'')+)'=(\S*)|([^\s'=][^\s=]*)=(\S*)|\S+/g;
const NUMBER = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?`;
const PLAIN_NUMBER = new RegExp(`^${NUMBER}$`);
const VALUE = new RegExp(`^(${NUMBER})([^\\d.;]{0,16})$`);
const RANGE = /^[-+\d.eE:~@]{1,64}$/;

/** Reads all of it; malformed performance data are skipped. Never throws. */
export function parsePluginOutput(stdout: string): PluginOutput {
  const [, first = "", rest = ""] = /^([^\n]*)\n?([^]*)$/.exec(stdout) ?? [];
  const [text, performance] = splitAtBar(first);
  const more = splitAtBar(rest)[1];
  return { text: text.trim(), performance: parsePerformance(`${performance} ${more}`) };
}

function splitAtBar(text: string): readonly [string, string] {
  const bar = text.indexOf("|");
  return bar === -1 ? [text, ""] : [text.slice(0, bar), text.slice(bar + 1)];
}

function parsePerformance(text: string): readonly PerformanceValue[] {
  const values: PerformanceValue[] = [];
  for (const [, quoted, afterQuoted, plain, afterPlain] of text.matchAll(ITEM)) {
    const label = quoted?.replaceAll("''", "'") ?? plain;
    const data = afterQuoted ?? afterPlain ?? "";
    const [measured = "", warn = "", crit = "", min = "", max = ""] = data.split(";");
    // A value of "U" could not be determined.
    const [, value, unit = ""] = VALUE.exec(measured) ?? [];
    if (label === undefined || value === undefined) continue;
    values.push({
      label,
      value: Number(value),
      unit,
      warn: toNumber(warn) ?? (RANGE.test(warn) ? warn : null),
      crit: toNumber(crit) ?? (RANGE.test(crit) ? crit : null),
      min: toNumber(min),
      max: toNumber(max),
    });
  }
  return values;
}

function toNumber(text: string): number | null {
  return PLAIN_NUMBER.test(text) ? Number(text) : null;
}
