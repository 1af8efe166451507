/** A JSON value as people write it in the configuration file. For reading alone. Pure. */

/** Lists of plain values up to so many characters stand on one line. */
const ONE_LINE = 70;

/** `value` as YAML, without a line end behind it. Keys with null are as good as left out: shown. */
export function yamlText(value: unknown): string {
  return linesOf(value).join("\n");
}

function linesOf(value: unknown): readonly string[] {
  const short = isNested(value) ? oneLine(value) : scalar(value);
  if (short !== null) return [short];
  if (Array.isArray(value)) {
    return value.flatMap((one) => indented(linesOf(one), "- ", "  "));
  }
  return Object.entries(value as object).flatMap(([key, one]) => {
    const name = `${scalar(key)}:`;
    const lines = linesOf(one);
    const isShort = !isNested(one) || oneLine(one) !== null;
    return isShort ? [`${name} ${lines[0]}`] : [name, ...indented(lines, "  ", "  ")];
  });
}

function indented(lines: readonly string[], first: string, others: string): string[] {
  return lines.map((line, i) => (i === 0 ? first : others) + line);
}

/** Null: it needs lines of its own. */
function oneLine(value: object): string | null {
  if (!Array.isArray(value)) return Object.keys(value).length === 0 ? "{}" : null;
  if (value.some(isNested)) return null;
  const text = `[${value.map(scalar).join(", ")}]`;
  return text.length <= ONE_LINE ? text : null;
}

function isNested(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Texts that would be read as something else stand in quotes. */
function scalar(value: unknown): string {
  if (typeof value !== "string") return String(value);
  const isPlain = /^[\p{L}_./~][\p{L}\p{N}_./@+ -]*$/u.test(value) && !/\s$/.test(value) &&
    !/^(?:true|false|null|yes|no|on|off|~|\.(?:nan|inf)|\.\d.*)$/i.test(value);
  return isPlain ? value : JSON.stringify(value);
}
