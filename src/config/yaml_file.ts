/**
 * Reads a configuration file in YAML (of which JSON is a part) by any schema: what the server's and
 * the client's configuration have in common.
 *
 * Whoever edits the file should need one attempt, not ten: all problems are reported at once, each
 * with file, line, column and key, what was found and what would be right. Which keys there are and
 * what they want comes with the schema.
 */

import { closestString } from "@std/text/closest-string";
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
} from "yaml";
import type { core, ZodType } from "zod";
import { complaintOf } from "./keys.ts";
import { ConfigError } from "./read_file.ts";

export { ConfigError, readConfigFile } from "./read_file.ts";

/** Resolving them takes time that grows with the square of their number. */
const MAX_ALIASES = 5000;
const MAX_PROBLEMS = 50;
/**
 * Problems to look up: finding the place of each takes time, and one more tells that there are
 * more.
 */
const ENOUGH = MAX_PROBLEMS + 1;
const MAX_SHOWN_CHARS = 60;

/** What a file must be, and how to say so. `root` is the file as it was read, unchecked. */
export interface FileRules<T> {
  readonly schema: ZodType<T>;
  /** The keys that may stand at `path`, for a hint on an unknown one. */
  known(path: readonly string[], root: unknown): readonly string[];
  /** What a right value at `path` is, to follow "must be". */
  wanted(path: readonly string[], root: unknown): string | undefined;
  /** Whether a text at `path` must not be shown. */
  isSecret?(path: readonly string[], root: unknown): boolean;
  /** A complaint about the last key of `path`, where not its value but the key itself is wrong. */
  wrongKey?(path: readonly string[], issue: core.$ZodIssue): string | null;
}

/** What is the matter with a key. */
export interface KeyProblem {
  readonly path: readonly string[];
  /** With the name of the key. */
  readonly text: string;
}

/** A file that its schema has nothing against. */
export interface CheckedFile<T> {
  readonly data: T;
  /** What to throw when there is more to complain about. */
  error(problems: readonly KeyProblem[]): ConfigError;
}

interface Problem {
  readonly offset: number;
  readonly text: string;
}

/**
 * Turns the text of a configuration file into what its schema makes of it.
 *
 * @throws {ConfigError} naming every problem
 */
export function parseYamlFile<T>(text: string, fileName: string, rules: FileRules<T>): T {
  return checkYamlFile(text, fileName, rules).data;
}

/**
 * The same for files with which more can be wrong than a schema knows.
 *
 * @throws {ConfigError} naming every problem
 */
export function checkYamlFile<T>(
  text: string,
  fileName: string,
  rules: FileRules<T>,
): CheckedFile<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: false, // quadratic for many hosts, and the message does not name the key
  });
  const fail = (problems: readonly Problem[]): ConfigError => {
    const inOrder = problems.toSorted((a, b) => a.offset - b.offset);
    const shown = inOrder.slice(0, MAX_PROBLEMS).map(({ offset, text }) => {
      const { line, col } = lines.linePos(offset);
      return `${fileName}:${line}:${col}: ${text}`;
    });
    const more = problems.length > MAX_PROBLEMS ? ["… and more"] : [];
    return new ConfigError([...shown, ...more].join("\n"));
  };

  const broken = syntaxProblems(document);
  if (broken.length > 0) throw fail(broken);
  // Aliases of aliases do no harm: they stay references, and the schema looks a few levels deep.
  const raw: unknown = document.toJS({ mapAsMap: true, maxAliasCount: -1 });
  const result = rules.schema.safeParse(raw, { reportInput: true });
  const problems = [
    ...duplicateKeys(document),
    ...(result.error?.issues ?? []).slice(0, ENOUGH)
      .flatMap((issue) => explain(issue, document, rules, raw)),
  ];
  if (problems.length > 0 || !result.success) throw fail(problems);
  return {
    data: result.data,
    error: (problems) =>
      fail(
        problems.slice(0, ENOUGH).map(({ path, text }) => ({
          offset: offsetOf(document, path, "value"),
          text,
        })),
      ),
  };
}

/** Ends a complaint about an unknown word: the nearest known one, or all of them. */
export function didYouMean(word: string, known: readonly string[]): string {
  const bare = word.replace(/^-+/, "");
  // A stand-in that is half the word away from it: a known word farther than that is not meant.
  const halfWay = word.slice(0, Math.ceil(word.length / 2));
  const nearest = closestString(word, [...known, halfWay]);
  const meant = nearest === halfWay ? known.find((name) => name.endsWith(bare)) : nearest;
  return bare.length > 1 && meant !== undefined
    ? `did you mean "${meant}"?`
    : `known are ${known.join(", ")}`;
}

function syntaxProblems(document: Document.Parsed): readonly Problem[] {
  const problems = [...document.errors, ...document.warnings].map((error) => ({
    offset: error.pos[0],
    text: error.code === "MULTIPLE_DOCS"
      ? `A second document ("---") starts here: a configuration is a single one`
      : error.code === "NON_STRING_KEY"
      ? "A key must be a plain word"
      : `Cannot read the YAML: ${error.message}`,
  }));
  const anchors = new Set<string>();
  let aliases = 0;
  visit(document, {
    Value(_, { anchor }) {
      if (anchor !== undefined) anchors.add(anchor);
    },
    Alias(_, alias) {
      aliases += 1;
      if (anchors.has(alias.source)) return;
      const text =
        `Alias "*${alias.source}" stands for nothing: define "&${alias.source}" above it`;
      problems.push({ offset: alias.range?.[0] ?? 0, text });
    },
  });
  if (aliases > MAX_ALIASES) {
    problems.push({ offset: 0, text: `Too many aliases: at most ${MAX_ALIASES} are allowed` });
  }
  return problems;
}

function duplicateKeys(document: Document.Parsed): readonly Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          const text = `Key ${shown(key.value)} is given twice: keep one of them`;
          problems.push({ offset: key.range?.[0] ?? 0, text });
        }
        seen.add(key.value);
      }
    },
  });
  return problems;
}

function explain<T>(
  issue: core.$ZodIssue,
  document: Document.Parsed,
  rules: FileRules<T>,
  root: unknown,
): readonly Problem[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const where = path.length === 0 ? "" : ` in ${path.join(".")}`;
    return issue.keys.slice(0, ENOUGH).map((key) => ({
      offset: offsetOf(document, [...path, key], "key"),
      text: `Unknown key ${shown(key)}${where}: ${didYouMean(key, rules.known(path, root))}`,
    }));
  }
  const wrongKey = rules.wrongKey?.(path, issue) ?? null;
  if (wrongKey !== null) {
    const text = `${wrongKey}: got ${shown(path.at(-1))}`;
    return [{ offset: offsetOf(document, path, "key"), text }];
  }
  const name = path.join(".") || "The configuration";
  const offset = offsetOf(document, path, "value");
  const complaint = complaintOf(issue);
  if (complaint !== null) return [{ offset, text: `${name} ${complaint}` }];
  if (issue.code === "invalid_union" && "options" in issue) {
    const { discriminator = "", input, options = [] } = issue;
    return [{ offset, text: wrongType(name, discriminator, input, options) }];
  }
  const got = rules.isSecret?.(path, root) ? kindOf(issue.input) : shown(issue.input);
  return [{ offset, text: `${name} must be ${rules.wanted(path, root)}: got ${got}` }];
}

/** What can be said of a secret. */
function kindOf(value: unknown): string {
  if (typeof value === "string") return `a text of ${value.length} characters`;
  if (typeof value === "number") return "a number";
  return shown(value);
}

/** Of mappings whose keys depend on one of them. */
function wrongType(name: string, key: string, input: unknown, options: readonly unknown[]): string {
  const types = options.map(String);
  const isMapping = typeof input === "object" && input !== null;
  const type = isMapping ? new Map(Object.entries(input)).get(key) : undefined;
  const hint = typeof type === "string" ? didYouMean(type, types) : "";
  const near = hint.startsWith("did you mean") ? `, ${hint}` : "";
  return `${name} must be one of ${types.join(", ")}: got ${shown(type)}${near}`;
}

/** Where the entry at `path` starts, or the last part of it that is there. */
function offsetOf(
  document: Document.Parsed,
  path: readonly string[],
  part: "key" | "value",
): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const [depth, step] of path.entries()) {
    const map = isAlias(node) ? node.resolve(document) : node;
    if (isSeq(map)) {
      node = map.items[Number(step)];
      if (isNode(node)) offset = node.range?.[0] ?? offset;
      continue;
    }
    if (!isMap(map)) break;
    const pair = map.items.find(({ key }) => isScalar(key) && key.value === step);
    if (pair === undefined) break;
    const { key, value } = pair;
    node = value;
    const target = part === "key" && depth === path.length - 1 ? key : value;
    if (isNode(target)) offset = target.range?.[0] ?? offset;
  }
  return offset;
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length <= MAX_SHOWN_CHARS ? text : `${text.slice(0, MAX_SHOWN_CHARS)}…`;
}
