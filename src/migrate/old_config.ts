/**
 * Turns the configuration of the UDP daemon that this server replaces into ours. Most of its keys
 * are ours, too, with the same meaning; the rest is written in our way where it can be, or left out
 * with the reason.
 *
 * What is right is what the schema says: a value that it does not take is first put the way it is
 * meant (a number in quotes, `yes`, a path with `~`), and left out when that does not help.
 */

import { dirname, isAbsolute, join, resolve } from "@std/path";
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  Scalar,
} from "yaml";
import { ConfigError } from "../config/load.ts";
import { RULES } from "../config/places.ts";
import { referenceProblems } from "../config/references.ts";
import { checkYamlFile, didYouMean } from "../config/yaml_file.ts";
import { rewriteOldKeys, unsupported } from "./old_keys.ts";

type Path = readonly (string | number)[];

/** Rounds of looking and mending: each mends or removes something. */
const MAX_ROUNDS = 2000;

/** A key that could not be taken. */
export interface LeftOut {
  /** Line in the old file; null: not known. */
  readonly line: number | null;
  readonly key: string;
  readonly reason: string;
  /** False: all is as well without it. */
  readonly matters: boolean;
}

export interface ConvertedConfig {
  /** The new file, valid. */
  readonly text: string;
  readonly leftOut: readonly LeftOut[];
  /** What was written otherwise, for people. */
  readonly changed: readonly string[];
}

export interface ConvertOptions {
  /** Name of the old file, for messages and relative paths. */
  readonly file: string;
  /** Folder in which the new file will stand; null: where the old one does. */
  readonly folder: string | null;
  /** What `~` stands for; null: not known. */
  readonly home: string | null;
}

/** Converts the text of a file. Throws a ConfigError when it is no YAML at all. */
export function convertOldConfig(text: string, options: ConvertOptions): ConvertedConfig {
  return new Converter(text, options).run();
}

class Converter {
  readonly #options: ConvertOptions;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;
  readonly #leftOut: LeftOut[] = [];
  readonly #changed: string[] = [];
  readonly #mended = new Set<string>();

  constructor(text: string, options: ConvertOptions) {
    this.#options = options;
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      stringKeys: true,
    });
    const [error] = this.#document.errors;
    if (error !== undefined) {
      const { line, col } = this.#lines.linePos(error.pos[0]);
      throw new ConfigError(
        `${options.file}:${line}:${col}: Cannot read the YAML: ${error.message}`,
      );
    }
    if (this.#document.contents !== null && !isMap(this.#document.contents)) {
      throw new ConfigError(
        `${options.file}: The configuration must be a mapping, one "key: value" a line`,
      );
    }
  }

  run(): ConvertedConfig {
    this.#takeUnsupported();
    this.#changed.push(...rewriteOldKeys(this.#document));
    for (let round = 0; round < MAX_ROUNDS && this.#mend(); round++);
    this.#movePaths();
    this.#leftOut.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
    const text = this.#text();
    // What is given out must be right: anything else is a mistake of this program.
    const { data, error } = checkYamlFile(text, this.#options.file, RULES);
    const problems = referenceProblems(data);
    if (problems.length > 0) throw error(problems);
    return { text, leftOut: this.#leftOut, changed: this.#changed };
  }

  #takeUnsupported(): void {
    const { contents } = this.#document;
    if (!isMap(contents)) return;
    for (const { key } of [...contents.items]) {
      const name = String(isScalar(key) ? key.value : key);
      const known = unsupported(name);
      if (known !== null) this.#leaveOut([name], known.reason, known.matters);
    }
  }

  /** Mends or removes what is wrong. False: all is right. */
  #mend(): boolean {
    const raw: unknown = this.#document.toJS({ mapAsMap: true, maxAliasCount: -1 });
    const result = RULES.schema.safeParse(raw, { reportInput: true });
    if (result.success) {
      const [problem] = referenceProblems(result.data);
      if (problem === undefined) return false;
      this.#leaveOut(problem.path, problem.text, true);
      return true;
    }
    const [issue] = result.error.issues;
    if (issue === undefined) return false;
    const path = issue.path.map((step) => typeof step === "number" ? step : String(step));
    const texts = path.map(String);
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) {
        const hint = didYouMean(key, RULES.known(texts, raw));
        const near = hint.startsWith("did") ? `, ${hint}` : "";
        this.#leaveOut([...path, key], `hbd knows no such key here${near}`, true);
      }
      return true;
    }
    if (this.#mendValue(path)) return true;
    const wanted = RULES.wrongKey?.(texts, issue) ?? RULES.wanted(texts, raw);
    this.#leaveOut(path, wanted === undefined ? issue.message : `must be ${wanted}`, true);
    return true;
  }

  /** Writes a value the way it is meant. False: it is not known how. */
  #mendValue(path: Path): boolean {
    const key = JSON.stringify(path);
    const value: unknown = this.#document.getIn(path);
    if (this.#mended.has(key) || (typeof value !== "string" && typeof value !== "number")) {
      return false;
    }
    this.#mended.add(key);
    const better = this.#better(value);
    if (better === value) return false;
    this.#document.setIn(path, new Scalar(better));
    this.#changed.push(`${path.join(".")} is written as ${JSON.stringify(better)}`);
    return true;
  }

  #better(value: string | number): unknown {
    if (typeof value === "number") return String(value);
    const text = value.trim();
    if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
    if (/^(?:yes|on|true)$/i.test(text)) return true;
    if (/^(?:no|off|false)$/i.test(text)) return false;
    const { home } = this.#options;
    if (home !== null && /^~(?:\/|$)/.test(text)) return join(home, text.slice(1));
    return text;
  }

  /** Takes out what stands at `path`, or the nearest thing around it that is there. */
  #leaveOut(path: Path, reason: string, matters: boolean): void {
    let at = [...path];
    while (at.length > 1 && !this.#document.hasIn(at)) at = at.slice(0, -1);
    const key = at.join(".");
    // Some reasons begin with the name of the key, without the numbers in it.
    const name = path.filter((step) => !/^\d+$/.test(String(step))).join(".");
    const text = reason.startsWith(`${name} `) ? reason.slice(name.length + 1) : reason;
    const isTold = this.#leftOut.some((one) => key.startsWith(`${one.key}.`) || one.key === key);
    if (!isTold) this.#leftOut.push({ line: this.#lineOf(at), key, reason: text, matters });
    if (at.length === 0) this.#document.contents = null;
    else this.#document.deleteIn(at);
  }

  #lineOf(path: Path): number | null {
    const parent: unknown = path.length === 1
      ? this.#document.contents
      : this.#document.getIn(path.slice(0, -1), true);
    const last = path.at(-1);
    const node: unknown = isMap(parent)
      ? parent.items.find(({ key }) => isScalar(key) && key.value === last)?.key
      : isSeq(parent)
      ? parent.items[Number(last)]
      : null;
    const offset = isNode(node) ? node.range?.[0] : undefined;
    return offset === undefined ? null : this.#lines.linePos(offset).line;
  }

  /** Relative paths count from the folder of the file that they stand in. */
  #movePaths(): void {
    const { file, folder } = this.#options;
    const from = resolve(dirname(file));
    if (folder === null || resolve(folder) === from) return;
    const hasCertPath = typeof this.#document.getIn(["cert_path"]) === "string";
    const keys = ["journal_dir", "beat_log", "logfile", "nsupdate_key"];
    for (const key of [...keys, ...hasCertPath ? ["cert_path"] : ["wss_pem", "wss_key"]]) {
      const value: unknown = this.#document.getIn([key]);
      if (typeof value !== "string" || isAbsolute(value)) continue;
      this.#document.setIn([key], join(from, value));
      this.#changed.push(`${key} is written with its folder: ${join(from, value)}`);
    }
  }

  #text(): string {
    const { file } = this.#options;
    const rest = this.#document.contents === null ? "" : this.#document.toString({ lineWidth: 0 });
    const remarks = [
      `Made by hbd import from ${file}.`,
      ...(this.#changed.length === 0 ? [] : ["", "Written otherwise:"]),
      ...this.#changed.map((text) => `  ${text}`),
      ...(this.#leftOut.length === 0 ? [] : ["", "Left out:"]),
      ...this.#leftOut.map((one) => `  ${leftOutLine(one)}`),
    ];
    // A line end in a name must not become a line of the file.
    const head = remarks.map((text) => `# ${text.replace(/\p{Cc}/gu, " ")}`.trimEnd());
    return `${head.join("\n")}\n\n${rest}`;
  }
}

/** What was left out and why, in one line. */
export function leftOutLine({ line, key, reason }: LeftOut): string {
  return `${line === null ? "" : `line ${line}: `}${key}: ${reason}`;
}
