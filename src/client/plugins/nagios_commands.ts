/** The option `commands` of nagios_runner: reads it, and looks whether the programs are there. */

import { splitCommand } from "./argv.ts";
import { listOption, type Options, show } from "./option_values.ts";

/** A command that nagios_runner runs. */
export interface Check {
  /** Begins the names of its fields. */
  readonly name: string;
  /** Program first. */
  readonly argv: readonly [string, ...string[]];
}

const WANTS = "{name, command} entries";
const MAX_COMMANDS = 50;
const CHECK_NAME = /^[A-Za-z0-9_.-]{1,64}$/;

/**
 * Reads `commands`: a list of `{name, command}`, the command being one line (`splitCommand()`) or
 * a list of a program and its arguments. Rejects with an Error that names the wrong one.
 */
export async function readChecks(plugin: string, options: Options): Promise<readonly Check[]> {
  const entries = listOption(plugin, options, "commands", WANTS);
  if (entries.length > MAX_COMMANDS) {
    throw new Error(
      `${plugin}: "commands" has ${entries.length} entries; at most ${MAX_COMMANDS} are right`,
    );
  }
  const checks = entries.map((entry) => readCheck(plugin, entry));
  const names = new Set<string>();
  for (const { name, argv } of checks) {
    if (names.has(name)) throw new Error(`${plugin}: two commands are named "${name}"`);
    names.add(name);
    const trouble = await troubleWith(argv[0]);
    if (trouble !== null) throw new Error(`${plugin}: command "${name}": ${trouble}`);
  }
  return checks;
}

function readCheck(plugin: string, entry: unknown): Check {
  if (typeof entry !== "object" || entry === null) {
    throw new Error(`${plugin}: "commands" must be a list of ${WANTS}, not of ${show(entry)}`);
  }
  const { name, command, ...others } = entry as Options;
  if (typeof name !== "string" || !CHECK_NAME.test(name)) {
    throw new Error(
      `${plugin}: the name of a command must be 1 to 64 letters, digits, "_", "." or "-", ` +
        `not ${show(name)}`,
    );
  }
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new Error(
      `${plugin}: command "${name}" has "${other}"; only "name" and "command" are right`,
    );
  }
  return { name, argv: readArgv(plugin, name, command) };
}

function readArgv(plugin: string, name: string, command: unknown): Check["argv"] {
  const words = typeof command === "string" ? splitWords(plugin, name, command) : command;
  if (Array.isArray(words) && words.every((word) => typeof word === "string")) {
    const [program, ...args] = words as readonly string[];
    if (program !== undefined && program !== "") return [program, ...args];
  }
  throw new Error(
    `${plugin}: command "${name}" must be a command line or a list of a program and its ` +
      `arguments, not ${show(command)}`,
  );
}

function splitWords(plugin: string, name: string, command: string): readonly string[] {
  try {
    return splitCommand(command);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${plugin}: command "${name}": ${reason}`);
  }
}

/** Why `program` could not be run; null when it can, or when the system is to find it. */
async function troubleWith(program: string): Promise<string | null> {
  if (!program.includes("/")) return null;
  if (!program.startsWith("/")) {
    return `${program} must be an absolute path, or a name to be found in PATH`;
  }
  try {
    const { isFile, mode } = await Deno.stat(program);
    if (!isFile) return `${program} is not a program`;
    return mode !== null && (mode & 0o111) === 0 ? `${program} is not executable` : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return `there is no ${program}`;
    const reason = error instanceof Error ? error.message : String(error);
    return `${program} cannot be looked at (${reason})`;
  }
}
