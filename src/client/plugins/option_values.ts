/**
 * Reads options of plugins from the configuration. Every error names the plugin and the option, and
 * says what would be right.
 */

/** The options of one plugin, as they stand in the configuration. */
export type Options = Readonly<Record<string, unknown>>;

/** What numbers are right for an option, both ends included. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
  readonly byDefault: number;
  /** Whole numbers only. */
  readonly whole?: boolean;
}

/** A number. Throws an Error for anything else. */
export function numberOption(
  plugin: string,
  options: Options,
  key: string,
  range: NumberRange,
): number {
  const value = options[key] ?? range.byDefault;
  const { from, to, whole = false } = range;
  const isRight = typeof value === "number" && value >= from && value <= to &&
    (!whole || Number.isInteger(value));
  if (isRight) return value;
  const wants = `a ${whole ? "whole " : ""}number from ${from} to ${to}`;
  throw new Error(`${plugin}: "${key}" must be ${wants}, not ${show(value)}`);
}

/** A list with at least one item. Throws an Error that says what it should list. */
export function listOption(
  plugin: string,
  options: Options,
  key: string,
  ofWhat: string,
): readonly unknown[] {
  const value = options[key];
  if (Array.isArray(value) && value.length > 0) return value;
  const given = value === undefined ? "it is missing" : `not ${show(value)}`;
  throw new Error(`${plugin}: "${key}" must be a list of ${ofWhat}; ${given}`);
}

/** A wrong value for an error message: its JSON, shortened. */
export function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 200);
}

/** The first line of `text` that is not empty; "" when there is none. */
export function firstLine(text: string): string {
  return /\S.*/.exec(text)?.[0].trim() ?? "";
}
