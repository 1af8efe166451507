/**
 * A command beside those that run and configure the server: it has a file of its own, says there how
 * it is called and which options it takes, and does its work. `tools.ts` lists them all.
 */

import { type CommandLine, type OptionSpec, UsageError } from "../config/command_line.ts";

/** How a command reaches the world: tests give it something else. */
export interface ToolOutput {
  /** Prints what was asked for, as it is. */
  readonly out: (text: string) => void;
  /** Prints a remark for people, one line or more, to standard error. */
  readonly note: (text: string) => void;
}

export interface Tool {
  readonly name: string;
  /** How it is called, without `hbd`, and what it is for: rows of the help. */
  readonly usage: readonly (readonly [call: string, meaning: string])[];
  /** Every spelling of an option that it takes. */
  readonly options: ReadonlyMap<string, OptionSpec>;
  /** What its options mean: rows of the help, as `  --since TIME` has them. */
  readonly optionHelp: readonly (readonly [option: string, meaning: string])[];
  /**
   * Does it. `words` do not have the name of the command.
   *
   * @returns the exit code
   * @throws {UsageError} when the words or values make no sense
   * @throws {ToolError} when it could not be done; the message is ready to print
   */
  readonly run: (line: CommandLine, output: ToolOutput) => Promise<number>;
}

/** A command could not do what it should; the message says why, and what to do. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

/** An option with the same spelling as its name; `value`: what its value is called. */
export function option(name: string, value?: string): readonly [string, OptionSpec] {
  return [name, value === undefined ? { name } : { name, value }];
}

/** The configuration file, which many commands take. */
export const CONFIG_OPTION: readonly (readonly [string, OptionSpec])[] = [
  ["-c", { name: "--config", value: "FILE" }],
  ["--config", { name: "--config", value: "FILE" }],
];

/** Refuses words from number `limit` on. */
export function refuseFrom(words: readonly string[], limit: number): void {
  if (words.length <= limit) return;
  throw new UsageError(`Too many arguments: "${words[limit]}" has no meaning here`);
}
