/** The command line of `deno task compile`. Only syntax is judged here. */

import { type OptionSpec, splitCommandLine, UsageError } from "../../src/config/command_line.ts";
import {
  type Engine,
  type Program,
  PROGRAMS,
  type Target,
  targetHere,
  TARGETS,
} from "./programs.ts";

const NAMES = TARGETS.map(({ name }) => name).join(",");

export const USAGE: string = `Usage: deno task compile [options]

  --only hbd|hbc     one of the two programs (default: both)
  --target NAMES     systems, with commas between them (default: all of them):
                     ${NAMES}; "here" is this one
  --out DIR          where to put them (default: dist)
  --commit TEXT      what --version says beside the version (default: the commit of the checkout)
  --engine quickjs   another JavaScript engine for hbc: smaller, slower, an experiment of Deno's
  --help             this help

Environment:
  DENORT_BIN         the runtime base to use instead of the one that Deno fetches; it is that of one
                     system, so give --target too
`;

export interface CompileOptions {
  readonly programs: readonly Program[];
  readonly targets: readonly Target[];
  readonly out: string;
  /** Null: look at the checkout. */
  readonly commit: string | null;
  readonly engine: Engine;
  readonly help: boolean;
}

const OPTIONS: ReadonlyMap<string, OptionSpec> = new Map([
  ["--only", { name: "--only", value: "hbd|hbc" }],
  ["--target", { name: "--target", value: "NAMES" }],
  ["--out", { name: "--out", value: "DIR" }],
  ["--commit", { name: "--commit", value: "TEXT" }],
  ["--engine", { name: "--engine", value: "ENGINE" }],
  ["--help", { name: "--help" }],
  ["-h", { name: "--help" }],
]);

/**
 * Reads the command line.
 *
 * @throws {UsageError} for whatever is unknown
 */
export function readOptions(args: readonly string[]): CompileOptions {
  const { words, given } = splitCommandLine(args, OPTIONS);
  if (words.length > 0) throw new UsageError(`"${words[0]}" has no meaning here`);
  return {
    programs: programsOf(given.get("--only")),
    targets: targetsOf(given.get("--target")),
    out: given.get("--out") ?? "dist",
    commit: given.get("--commit") ?? null,
    engine: engineOf(given.get("--engine") ?? "v8"),
    help: given.has("--help"),
  };
}

function engineOf(name: string): Engine {
  if (name === "v8" || name === "quickjs") return name;
  throw new UsageError(`--engine must be v8 or quickjs: got "${name}"`);
}

function programsOf(only: string | undefined): readonly Program[] {
  if (only === undefined) return PROGRAMS;
  const program = PROGRAMS.find(({ name }) => name === only);
  if (program === undefined) throw new UsageError(`--only must be hbd or hbc: got "${only}"`);
  return [program];
}

function targetsOf(given: string | undefined): readonly Target[] {
  if (given === undefined) return TARGETS;
  return [...new Set(given.split(","))].map((name) => {
    const target = name === "here" ? targetHere() : TARGETS.find((known) => known.name === name);
    if (target) return target;
    if (name === "here") {
      throw new UsageError(`Nothing is made for ${Deno.build.target}: there are ${NAMES}`);
    }
    throw new UsageError(`--target must be of ${NAMES}, here: got "${name}"`);
  });
}
