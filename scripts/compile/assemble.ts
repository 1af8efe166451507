/**
 * Makes one executable of a bundled program: `deno compile` appends it to the runtime base of the
 * target (`denort`), which it fetches on first use and keeps in DENO_DIR. Where that is impossible,
 * DENORT_BIN names a base that is there already, and the error says so.
 */

import { join } from "@std/path";
import { fits, systemOf } from "./base.ts";
import type { BundledProgram } from "./bundle_program.ts";
import { type Engine, permissionsOf, type ProgramName, type Target } from "./programs.ts";

export interface AssembleOptions {
  /** Root of the source tree: its deno.json has the unstable features that are used. */
  readonly root: string;
  readonly program: ProgramName;
  readonly bundled: BundledProgram;
  readonly target: Target;
  /** The executable to make. */
  readonly output: string;
  readonly engine: Engine;
  /** Path of a runtime base; null: Deno fetches its own. */
  readonly base: string | null;
}

/** An executable was not made; the message says why, and what to do. */
export class AssembleError extends Error {
  override readonly name = "AssembleError";
}

/** Makes the executable. Returns its size in bytes. Rejects with an AssembleError. */
export async function assemble(options: AssembleOptions): Promise<number> {
  const { root, program, bundled, target, output, engine, base } = options;
  await Deno.remove(output).catch(() => {});
  if (base !== null) await judgeBase(base, target);
  const { DENORT_BIN: _, ...variables } = Deno.env.toObject();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["compile", "--no-check", "--no-prompt", "--no-npm", "--exclude-unused-npm"],
      ...["--config", join(root, "deno.json")],
      // Where `localStorage` and the like would be, whatever the file is renamed to.
      ...["--app-name", program],
      ...["--target", target.triple],
      ...(engine === "v8" ? [] : ["--engine", engine]),
      ...permissionsOf(target),
      ...bundled.includes.flatMap((path) => ["--include", path]),
      ...["--output", output, bundled.entry],
    ],
    cwd: root,
    // A variable that is empty is one that is set to `deno compile`.
    clearEnv: true,
    env: { ...variables, NO_COLOR: "1", ...(base === null ? {} : { DENORT_BIN: base }) },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) {
    throw new AssembleError(reasonOf(new TextDecoder().decode(stderr), target));
  }
  return (await Deno.stat(output)).size;
}

/** Rejects when the base is not for `target`. */
async function judgeBase(base: string, target: Target): Promise<void> {
  const must = `It must be the denort of Deno ${Deno.version.deno} for ${target.triple}`;
  let system: string | null;
  try {
    system = await systemOf(base);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AssembleError(`DENORT_BIN=${base} cannot be read: ${reason}\n  ${must}`);
  }
  if (fits(system, target.triple)) return;
  const what = system === null ? "is no program that is known here" : `is for ${system}`;
  throw new AssembleError(`DENORT_BIN=${base} ${what}\n  ${must}`);
}

/** Why there is no executable, in words that help. */
function reasonOf(stderr: string, target: Target): string {
  const [, url] = /Download (https?:\S+)/.exec(stderr) ?? [];
  if (url === undefined || !stderr.includes("error sending request for url")) {
    return causeOf(stderr);
  }
  return `the runtime base could not be fetched: ${url}\n` +
    "  Bring it here by other ways, unpack it, and name what was in it:\n" +
    `    DENORT_BIN=/path/to/denort deno task compile --target ${target.name}`;
}

/** The innermost cause that `deno compile` gave. */
function causeOf(stderr: string): string {
  const [text = ""] = stderr.split(/\n\s*Stack backtrace:/);
  const causes = [...text.matchAll(/^\s+\d+: (.*)$/gm)].map(([, cause = ""]) => cause);
  return causes.at(-1) ?? text.split("\n").filter((line) => line.trim() !== "").at(-1) ?? text;
}
