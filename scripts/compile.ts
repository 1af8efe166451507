/**
 * `deno task compile`: makes the executables of hbd and hbc for every system, and their sums.
 *
 *     dist/hbd-0.1.0-linux-x64   dist/hbc-0.1.0-windows-x64.exe   …   dist/SHA256SUMS
 *
 * Each program is bundled once into `dist/build/` and then appended to the runtime base of each
 * system. What cannot be made is told with the reason, the others are made all the same, and the
 * exit code is 1 in the end. Nothing outside of `dist/` changes.
 */

import { basename, join, resolve } from "@std/path";
import project from "../deno.json" with { type: "json" };
import { UsageError } from "../src/config/command_line.ts";
import { assemble, AssembleError } from "./compile/assemble.ts";
import { type BundledProgram, BundleError, bundleProgram } from "./compile/bundle_program.ts";
import { commitOf } from "./compile/commit.ts";
import { type CompileOptions, readOptions, USAGE } from "./compile/options.ts";
import { fileName, type Program } from "./compile/programs.ts";
import { SUMS, writeSums } from "./compile/sums.ts";

const ROOT = resolve(import.meta.dirname ?? "", "..");

/** Makes what is asked for and says each step. Returns the exit code: 0 all made, 1 not all. */
export async function compile(
  { programs, targets, out, commit: told, engine }: CompileOptions,
  say: (line: string) => void,
): Promise<0 | 1> {
  const dir = resolve(out);
  const base = Deno.env.get("DENORT_BIN") || null;
  const commit = told ?? await commitOf(ROOT);
  await Deno.mkdir(dir, { recursive: true });
  say(`Heartbeat ${project.version}, ${commit ?? "of no known commit"}, Deno ${Deno.version.deno}`);
  if (base !== null) {
    say(`runtime  ${base} (DENORT_BIN) instead of the one that Deno fetches`);
    if (/^deno(\.exe)?$/.test(basename(base))) {
      say(
        "         It is all of Deno, not its denort: what is made of it can be looked at, not run",
      );
    }
  }
  const failed: string[] = [];
  for (const program of programs) {
    const bundled = await tryStep(() => bundleOne(program, dir, commit, say));
    if (bundled instanceof Error) {
      say(`FAILED   ${program.name}: ${bundled.message}`);
      failed.push(program.name);
      continue;
    }
    for (const target of targets) {
      const name = fileName(program.name, project.version, target);
      say(`compile  ${name}`);
      const size = await tryStep(() =>
        assemble({
          ...{ root: ROOT, program: program.name, bundled, target, base },
          output: join(dir, name),
          // The server wants the speed, and its Workers.
          engine: program.name === "hbc" ? engine : "v8",
        })
      );
      if (size instanceof Error) {
        say(`FAILED   ${name}: ${size.message}`);
        failed.push(name);
      } else {
        say(`         ${mib(size)}`);
      }
    }
  }
  const isOurs = (name: string) => /^hb[cd]-/.test(name) && name.includes(`-${project.version}-`);
  const count = await writeSums(dir, isOurs);
  say(`sums     ${join(dir, SUMS)}: ${count} ${count === 1 ? "file" : "files"}`);
  if (failed.length === 0) return 0;
  say(`Not made: ${failed.join(", ")}`);
  return 1;
}

async function bundleOne(
  program: Program,
  dir: string,
  commit: string | null,
  say: (line: string) => void,
): Promise<BundledProgram> {
  const outDir = join(dir, "build", program.name);
  say(`bundle   ${program.entry} into ${outDir}`);
  const bundled = await bundleProgram(program, { root: ROOT, outDir, commit });
  const { size, workers, assets } = bundled;
  const parts = [
    `${program.name}.js ${mib(size)}`,
    ...workers,
    ...(assets > 0 ? [`${assets} files of the web app`] : []),
  ];
  say(`         ${parts.join(", ")}`);
  return bundled;
}

/** What `step` gives, or the error that says why it could not. */
async function tryStep<T>(step: () => Promise<T>): Promise<T | BundleError | AssembleError> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof BundleError || error instanceof AssembleError) return error;
    throw error;
  }
}

function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

if (import.meta.main) {
  // deno-lint-ignore no-console -- a script's output
  const say = (line: string) => console.log(line);
  try {
    const options = readOptions(Deno.args);
    if (options.help) say(USAGE);
    else Deno.exit(await compile(options, say));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    say(`${error.message}\n\n${USAGE}`);
    Deno.exit(2);
  }
}
