/**
 * nagios_runner: runs monitoring plugins as Nagios, Icinga and their like do.
 *
 *   {"load_status_code": 0, "load_status": "OK",
 *    "load_output": "LOAD OK - total load average: 0.09", "load_load1": 0.09, "load_load1_warn": 5, "load_load1_crit": 10, "load_load1_min": 0}
 *
 * All commands run in parallel, each with its own time limit, and none hides another: whatever goes
 * wrong with one is its own UNKNOWN. No shell is involved.
 */

import type { PluginData, PluginType, RunResult, System } from "../plugin.ts";
import { type Check, readChecks } from "./nagios_commands.ts";
import { parsePluginOutput, type PerformanceValue } from "./nagios_output.ts";
import { firstLine, numberOption } from "./option_values.ts";
import { onlyKnown } from "./options.ts";
import { runWithin } from "./time_limit.ts";

const NAME = "nagios_runner";
const STATUS = ["OK", "WARNING", "CRITICAL", "UNKNOWN"] as const;
const UNKNOWN = 3;

// The commands share what fits one datagram: characters of output, and bytes of performance data.
const ALL_OUTPUTS = 10_000;
const ONE_OUTPUT = 1000;
const ALL_PERFORMANCE_BYTES = 25_000;

/** What came of one command. */
interface Outcome {
  readonly check: Check;
  /** 0 to 3. */
  readonly code: number;
  readonly output: string;
  readonly performance: readonly PerformanceValue[];
}

/** Runs each of `commands`, for at most `timeout` seconds (default 10). Not on Windows. */
export const nagiosRunner: PluginType = {
  name: NAME,
  intervalS: 300,
  byDefault: false,
  async create(options, system) {
    if (system.os === "windows") return null;
    onlyKnown(NAME, options, ["commands"]);
    const checks = await readChecks(NAME, options);
    const limitS = numberOption(NAME, options, "timeout", { from: 0.1, to: 3600, byDefault: 10 });
    return {
      name: NAME,
      kind: "monitor",
      async collect(signal) {
        const outcomes = checks.map((check) => runCheck(system, check, limitS, signal));
        return toFields(await Promise.all(outcomes));
      },
    };
  },
};

/** Never rejects. */
async function runCheck(
  system: System,
  check: Check,
  limitS: number,
  signal: AbortSignal,
): Promise<Outcome> {
  const unknown = (output: string): Outcome => ({ check, code: UNKNOWN, output, performance: [] });
  let result: RunResult | null;
  try {
    result = await runWithin(system, check.argv, limitS, signal);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return unknown(`${check.argv[0]} cannot be run: ${reason}`);
  }
  if (result === null) {
    return unknown(signal.aborted ? "Stopped before its result" : `No result within ${limitS} s`);
  }
  const { code, signal: killer, stdout, stderr } = result;
  const { text, performance } = parsePluginOutput(stdout);
  const output = stdout.trim() === "" ? firstLine(stderr) : text;
  if (killer !== null || code === null) return unknown(because(`Killed by ${killer}`, output));
  if (STATUS[code] === undefined) {
    return unknown(because(`Exit code ${code}, right are 0 to 3`, output));
  }
  return { check, code, output, performance };
}

function because(trouble: string, output: string): string {
  return output === "" ? trouble : `${trouble}: ${output}`;
}

function toFields(outcomes: readonly Outcome[]): PluginData {
  const fields = new Map<string, unknown>();
  const outputLength = Math.min(ONE_OUTPUT, Math.floor(ALL_OUTPUTS / outcomes.length));
  for (const { check: { name }, code, output } of outcomes) {
    fields.set(`${name}_status_code`, code);
    fields.set(`${name}_status`, STATUS[code]);
    fields.set(`${name}_output`, output.replace(/\p{Cc}/gu, " ").slice(0, outputLength));
  }
  const share = Math.floor(ALL_PERFORMANCE_BYTES / outcomes.length);
  for (const { check, performance } of outcomes) addPerformance(fields, check, performance, share);
  return Object.fromEntries(fields);
}

/** Adds what fits into `share` bytes, and the number of values that were left out. */
function addPerformance(
  fields: Map<string, unknown>,
  { name }: Check,
  values: readonly PerformanceValue[],
  share: number,
): void {
  let bytes = 0;
  for (const [index, { label, ...parts }] of values.entries()) {
    const plainLabel = label.replace(/[^A-Za-z0-9_./-]/g, "_").slice(0, 128);
    const added = fieldsOf(freeKey(fields, `${name}_${plainLabel}`), parts);
    bytes += new TextEncoder().encode(JSON.stringify(added)).length;
    if (bytes > share) {
      fields.set(freeKey(fields, `${name}_left_out`), values.length - index);
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
