/**
 * Options of the measuring plugins: those that they know, switches, and lists of names.
 *
 * Every error names the plugin and the option, and says what would be right.
 */

import { listOption, type Options, show } from "./option_values.ts";

/** Keys that mean the same for every plugin; the client itself reads them. */
const COMMON = ["name", "interval", "timeout"];

/** Throws an Error when there is an option that the plugin does not know. */
export function onlyKnown(plugin: string, options: Options, keys: readonly string[] = []): void {
  const strange = Object.keys(options).find((key) => ![...COMMON, ...keys].includes(key));
  if (strange === undefined) return;
  const right = [...keys, "interval", "timeout"].map((key) => `"${key}"`).join(", ");
  throw new Error(`${plugin}: there is no option "${strange}"; its options are ${right}`);
}

/** A yes-or-no option; false when it is not there. Throws an Error for anything else. */
export function booleanOption(plugin: string, options: Options, key: string): boolean {
  const value = options[key] ?? false;
  if (typeof value === "boolean") return value;
  throw new Error(`${plugin}: "${key}" must be true or false, not ${show(value)}`);
}

/** A list of names; null when it is not there. Throws an Error for anything else. */
export function namesOption(
  plugin: string,
  options: Options,
  key: string,
  ofWhat: string,
): readonly string[] | null {
  if ((options[key] ?? null) === null) return null;
  const names = listOption(plugin, options, key, ofWhat);
  const strange = names.find((name) => typeof name !== "string" || name === "");
  if (strange === undefined) return [...new Set(names as readonly string[])];
  throw new Error(`${plugin}: "${key}" must be a list of ${ofWhat}; ${show(strange)} is none`);
}
