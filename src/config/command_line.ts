/**
 * Parts the words of a command line from its options: what `hbd` and `hbc` have in common. What the
 * words and values mean is theirs.
 *
 * A loop of its own, because `@std/cli/parse-args` takes "0x10" and "1e3" for numbers and cannot
 * tell a missing value from an empty one or an option given twice from one given once.
 */

import { didYouMean } from "./yaml_file.ts";

/** The command line makes no sense; the message is one line, ready to print. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What a spelling of an option stands for. */
export interface OptionSpec {
  /** Its long name. */
  readonly name: string;
  /** What its value is called, if it takes one. */
  readonly value?: string;
}

/** A command line in its parts; an option without a value is given as "". */
export interface CommandLine {
  readonly words: readonly string[];
  /** By the long names. */
  readonly given: ReadonlyMap<string, string>;
}

/**
 * Splits `args`; behind `--` all are words.
 *
 * @throws {UsageError} for an option that is unknown, given twice, or has no value, or one too many
 */
export function splitCommandLine(
  args: readonly string[],
  options: ReadonlyMap<string, OptionSpec>,
): CommandLine {
  const words: string[] = [];
  const given = new Map<string, string>();
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--") {
      words.push(...rest.splice(0));
      break;
    }
    if (!looksLikeOption(arg)) {
      words.push(arg);
      continue;
    }
    const [, spelling = "", inline] = /^([^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
    const option = options.get(spelling);
    if (option === undefined) {
      const hint = didYouMean(spelling, [...options.keys()]);
      throw new UsageError(`Unknown option "${spelling}": ${hint}`);
    }
    const { name, value } = option;
    if (given.has(name)) throw new UsageError(`Option "${name}" is given twice: keep one of them`);
    if (value === undefined) {
      if (inline !== undefined) throw new UsageError(`Option "${spelling}" takes no value`);
      given.set(name, "");
      continue;
    }
    const next = rest[0];
    const found = inline ?? (next === undefined || looksLikeOption(next) ? "" : rest.shift());
    if (!found) throw new UsageError(`Option "${spelling}" needs a value: ${spelling} ${value}`);
    given.set(name, found);
  }
  return { words, given };
}

/** "-5" is a number that some later check refuses, and "-" alone a word. */
function looksLikeOption(arg: string): boolean {
  return /^-[^\d.]/.test(arg);
}
