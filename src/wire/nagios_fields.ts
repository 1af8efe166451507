/**
 * What monitoring plugins found out, as the data of one sample: flat names, so that one threshold
 * for `status_code` judges every check, whatever it is called.
 *
 *   {"load_status_code": 0, "load_status": "OK",
 *    "load_output": "LOAD OK - total load average: 0.09", "load_load1": 0.09,
 *    "load_load1_warn": 5, "load_load1_crit": 10, "load_load1_min": 0}
 *
 * The checks of a sample share what fits one datagram: none can push another out.
 */

import type { PerformanceValue } from "./nagios_output.ts";

/** What each status code means, from 0 to 3. */
export const NAGIOS_STATUS = ["OK", "WARNING", "CRITICAL", "UNKNOWN"] as const;

/** Status of a check that could not look. */
export const NAGIOS_UNKNOWN = 3;

const ALL_OUTPUTS = 10_000;
const ONE_OUTPUT = 1000;
const ALL_PERFORMANCE_BYTES = 25_000;

/** What came of one check. */
export interface CheckOutcome {
  /** Begins the names of its fields. */
  readonly name: string;
  /** 0 to 3. */
  readonly code: number;
  /** For people: one line without performance data. */
  readonly output: string;
  readonly performance: readonly PerformanceValue[];
}

/**
 * The fields of checks, each with a name of its own: at most about 40 kB and what their names take.
 * Longer outputs are cut, and `<name>_left_out` counts the performance values that had no room.
 */
export function checkFields(outcomes: readonly CheckOutcome[]): Record<string, unknown> {
  const fields = new Map<string, unknown>();
  const outputLength = Math.min(ONE_OUTPUT, Math.floor(ALL_OUTPUTS / outcomes.length));
  for (const { name, code, output } of outcomes) {
    fields.set(`${name}_status_code`, code);
    fields.set(`${name}_status`, NAGIOS_STATUS[code]);
    fields.set(`${name}_output`, output.replace(/\p{Cc}/gu, " ").slice(0, outputLength));
  }
  const share = Math.floor(ALL_PERFORMANCE_BYTES / outcomes.length);
  for (const outcome of outcomes) addPerformance(fields, outcome, share);
  return Object.fromEntries(fields);
}

/** Adds what fits into `share` bytes, and the number of values that were left out. */
function addPerformance(
  fields: Map<string, unknown>,
  { name, performance }: CheckOutcome,
  share: number,
): void {
  let bytes = 0;
  for (const [index, { label, ...parts }] of performance.entries()) {
    const plainLabel = label.replace(/[^A-Za-z0-9_./-]/g, "_").slice(0, 128);
    const added = fieldsOf(freeKey(fields, `${name}_${plainLabel}`), parts);
    bytes += new TextEncoder().encode(JSON.stringify(added)).length;
    if (bytes > share) {
      fields.set(freeKey(fields, `${name}_left_out`), performance.length - index);
      return;
    }
    for (const [field, value] of added) fields.set(freeKey(fields, field), value);
  }
}

type Field = readonly [string, number | string];

function fieldsOf(key: string, parts: Omit<PerformanceValue, "label">): readonly Field[] {
  const { value, unit, warn, crit, min, max } = parts;
  const fields: Field[] = [[key, value]];
  if (unit !== "") fields.push([`${key}_unit`, unit]);
  for (const [part, limit] of Object.entries({ warn, crit, min, max })) {
    if (limit !== null) fields.push([`${key}_${part}`, limit]);
  }
  return fields;
}

/** `key`, or `key_2`, `key_3` … where it would hide another field. */
function freeKey(fields: ReadonlyMap<string, unknown>, key: string): string {
  let free = key;
  for (let number = 2; fields.has(free); number++) free = `${key}_${number}`;
  return free;
}
