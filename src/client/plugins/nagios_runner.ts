/**
 * nagios_runner: runs monitoring plugins as Nagios, Icinga and their like do.
 *
 * All commands run in parallel, each with its own time limit, and none hides another: whatever goes
 * wrong with one is its own UNKNOWN. No shell is involved.
 */

import {
  checkFields,
  type CheckOutcome,
  NAGIOS_STATUS,
  NAGIOS_UNKNOWN,
} from "../../wire/nagios_fields.ts";
import { parsePluginOutput } from "../../wire/nagios_output.ts";
import type { PluginType, RunResult, System } from "../plugin.ts";
import { type Check, readChecks } from "./nagios_commands.ts";
import { firstLine, numberOption } from "./option_values.ts";
import { onlyKnown } from "./options.ts";
import { runWithin } from "./time_limit.ts";

const NAME = "nagios_runner";

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
        return checkFields(await Promise.all(outcomes));
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
): Promise<CheckOutcome> {
  const { name } = check;
  const unknown = (output: string): CheckOutcome => ({
    name,
    code: NAGIOS_UNKNOWN,
    output,
    performance: [],
  });
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
  if (NAGIOS_STATUS[code] === undefined) {
    return unknown(because(`Exit code ${code}, right are 0 to 3`, output));
  }
  return { name, code, output, performance };
}

function because(trouble: string, output: string): string {
  return output === "" ? trouble : `${trouble}: ${output}`;
}
