/**
 * A strict reader of the text format of Prometheus, version 0.0.4: throws on whatever a scraper
 * might stumble over.
 */

export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ParsedSample[];
}

export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/;
const VALUE = /^(?:NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
const SUFFIXES: Readonly<Record<string, RegExp>> = { summary: /_(?:sum|count)$/ };

/** Each family by its name, in order, and the comments. */
export function parseMetrics(
  text: string,
): { readonly families: ReadonlyMap<string, Family>; readonly comments: readonly string[] } {
  const families = new Map<string, { type: string; help: string; samples: ParsedSample[] }>();
  const comments: string[] = [];
  const seen = new Set<string>();
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new Error("The last line does not end");
  let current = "";
  for (const line of lines) {
    const fail = (why: string) => new Error(`${why}: ${JSON.stringify(line)}`);
    const [, help, helpText] = /^# HELP (\S+) (.+)$/.exec(line) ?? [];
    const [, typed, type] = /^# TYPE (\S+) (counter|gauge|summary)$/.exec(line) ?? [];
    if (help !== undefined) {
      if (!NAME.test(help)) throw fail("Bad name");
      if (families.has(help)) throw fail("A family in two pieces");
      if (!/^(?:[^\\]|\\[\\n])*$/.test(helpText ?? "")) throw fail("Bad escape");
      families.set(help, { type: "", help: helpText ?? "", samples: [] });
      current = help;
    } else if (typed !== undefined) {
      const family = families.get(typed);
      if (typed !== current || family === undefined) throw fail("TYPE without HELP before it");
      if (family.type !== "" || family.samples.length > 0) throw fail("TYPE twice or too late");
      family.type = type ?? "";
      const isTotal = typed.endsWith("_total");
      if (isTotal !== (type === "counter")) throw fail("_total is for counters, and for all");
    } else if (/^# (?:HELP|TYPE)/.test(line)) {
      throw fail("Bad HELP or TYPE");
    } else if (line.startsWith("# ")) {
      comments.push(line.slice(2));
    } else {
      const [, name = "", labelText, value = ""] = SAMPLE.exec(line) ?? [];
      const family = families.get(current);
      if (family === undefined || family.type === "") throw fail("No sample");
      const base = name.replace(SUFFIXES[family.type] ?? /$^/, "");
      if (base !== current || (family.type === "summary" && base === name)) {
        throw fail(`Not of ${current}`);
      }
      if (!VALUE.test(value)) throw fail("Bad value");
      const labels = labelsOf(labelText ?? "");
      const series = JSON.stringify([name, Object.entries(labels).sort()]);
      if (seen.has(series)) throw fail("A series twice");
      seen.add(series);
      family.samples.push({ name, labels, value: Number(value.replace("Inf", "Infinity")) });
    }
  }
  for (const [name, { type, samples }] of families) {
    if (type === "" || samples.length === 0) throw new Error(`${name} has no type or no sample`);
  }
  return { families, comments };
}

function labelsOf(text: string): Record<string, string> {
  const labels = new Map<string, string>();
  let rest = text;
  while (rest !== "") {
    const [whole = "", name = "", value = ""] = LABEL.exec(rest) ?? [];
    if (whole === "" || labels.has(name)) throw new Error(`Bad labels: ${text}`);
    labels.set(name, value.replace(/\\(.)/g, (_, c) => c === "n" ? "\n" : c));
    rest = rest.slice(whole.length);
  }
  return Object.fromEntries(labels);
}
