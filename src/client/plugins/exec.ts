/**
 * exec: a plugin in any language, as a program that prints one JSON object.
 *
 *   plugins:
 *     my_check: {exec: [/usr/local/bin/my_check, --fast], interval: 60}
 *
 *   $ /usr/local/bin/my_check --fast
 *   {"queue_length": 12, "oldest_s": 4.5}
 *
 * What it prints goes on the wire as it is. Anything else is an error that says what came instead.
 */

import type { Plugin, PluginData, PluginType, RunResult, System } from "../plugin.ts";
import { listOption, type Options, show } from "./option_values.ts";
import { onlyKnown } from "./options.ts";

/** What still fits a datagram beside the other fields. */
const MAX_BYTES = 60_000;

/** Datagrams may be 32 deep, and two levels are around this one. */
const MAX_DEPTH = 30;

/** Characters of a wrong output that are shown. */
const SHOWN = 200;

const WANTS = "it must end with code 0 and print one JSON object";

/** Options: `exec`, a program and its arguments; `name`, the plugin's name on the wire. */
export const execPlugin: PluginType = {
  name: "exec",
  intervalS: 300,
  byDefault: false,
  create(options, system) {
    return Promise.try(() => createExec(options, system));
  },
};

function createExec(options: Options, system: System): Plugin {
  const { name } = options;
  if (typeof name !== "string" || !/^[\w.-]{1,64}$/.test(name)) {
    throw new Error(
      `The name of a plugin must be 1 to 64 letters, digits, "_", "-" or ".", not ${show(name)}`,
    );
  }
  onlyKnown(name, options, ["exec"]);
  const argv = readArgv(name, options);
  return {
    name,
    kind: "monitor",
    async collect(signal) {
      signal.throwIfAborted();
      return readObject(name, argv, await run(name, argv, system, signal));
    },
  };
}

function readArgv(name: string, options: Options): readonly string[] {
  const argv = listOption(name, options, "exec", "a program and its arguments");
  if (argv[0] !== "" && argv.every((word) => typeof word === "string")) return argv;
  throw new Error(
    `${name}: "exec" must be a list of a program and its arguments, all of them texts, ` +
      `not ${show(argv)}`,
  );
}

async function run(
  name: string,
  argv: readonly string[],
  system: System,
  signal: AbortSignal,
): Promise<RunResult> {
  try {
    return await system.run(argv, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${name}: ${argv[0]} cannot be run: ${reason}`);
  }
}

function readObject(name: string, argv: readonly string[], result: RunResult): PluginData {
  const { code, signal, stdout, stderr } = result;
  const fault = (what: string) => new Error(`${name}: ${argv[0]} ${what}; ${WANTS}`);
  if (signal !== null || code === null) throw fault(`was ended by ${signal}`);
  if (code !== 0) {
    throw fault(`ended with code ${code} and said ${cut(stderr) || cut(stdout) || "nothing"}`);
  }
  const bytes = new TextEncoder().encode(stdout.trim()).length;
  if (bytes > MAX_BYTES) {
    throw fault(`printed ${bytes} bytes (${cut(stdout)} …), more than ${MAX_BYTES}`);
  }
  if (bytes === 0) throw fault("printed nothing");
  let data: unknown;
  try {
    data = JSON.parse(stdout);
  } catch {
    throw fault(`printed no JSON: ${cut(stdout)}`);
  }
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw fault(`printed JSON that is no object: ${cut(stdout)}`);
  }
  if (isDeeperThan(data, MAX_DEPTH)) {
    throw fault(`printed objects or lists nested more than ${MAX_DEPTH} deep`);
  }
  return data as PluginData;
}

/** The beginning of an output, as one line. */
function cut(text: string): string {
  const trimmed = text.trim();
  return trimmed === "" ? "" : JSON.stringify(trimmed.slice(0, SHOWN));
}

function isDeeperThan(value: object, depth: number): boolean {
  if (depth === 0) return true;
  return Object.values(value).some((inner: unknown) =>
    typeof inner === "object" && inner !== null && isDeeperThan(inner, depth - 1)
  );
}
