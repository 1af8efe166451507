/**
 * Makes of one program the folder that goes into its executable, and that Deno can run as it is:
 *
 *     dist/build/hbd/hbd.js               the program with all that it imports
 *                    udp_worker.js        each of its Workers, the same way
 *                    static/dist/…        the web app
 *
 * Nothing outside of that folder is needed at run time, so what is tested there is what is shipped.
 * On top of each script stands a constant with the commit, which `src/version.ts` looks for.
 */

import { basename, join } from "@std/path";
import type { Program } from "./programs.ts";

export interface BundleOptions {
  /** Root of the source tree. */
  readonly root: string;
  /** The folder to make; what was there before is removed. */
  readonly outDir: string;
  /** What `--version` says beside the version; null: nothing. */
  readonly commit: string | null;
}

/** What is in the folder. */
export interface BundledProgram {
  /** The program. */
  readonly entry: string;
  /** What goes into the executable beside it: scripts of Workers and folders. */
  readonly includes: readonly string[];
  /** Size of the program, bytes. */
  readonly size: number;
  readonly workers: readonly string[];
  /** Files of the web app. */
  readonly assets: number;
}

/** A program cannot be bundled; the message says why. */
export class BundleError extends Error {
  override readonly name = "BundleError";
}

/** A module beside the one that names it, which Workers are made of. */
const BESIDE = /new URL\(\s*"\.\/([\w-]+)\.ts"\s*,\s*import\.meta\.url\s*\)/g;

/** Bundles `program`. Rejects with a BundleError when there is something wrong with it. */
export async function bundleProgram(
  program: Program,
  { root, outDir, commit }: BundleOptions,
): Promise<BundledProgram> {
  await Deno.remove(outDir, { recursive: true }).catch(() => {});
  await Deno.mkdir(outDir, { recursive: true });
  const head = commit === null ? "" : `const HEARTBEAT_COMMIT = ${JSON.stringify(commit)};\n`;
  const sources = await sourcesByName(join(root, "src"));
  const scripts = [program.entry];
  const files: string[] = [];
  // A Worker may have Workers of its own: the list grows while it is gone through.
  for (const script of scripts) {
    const isEntry = script === program.entry;
    const name = isEntry ? program.name : basename(script).replace(/\.ts$/, "");
    const file = join(outDir, `${name}.js`);
    await runBundle(script, file, root, program.isMinified);
    const text = (await Deno.readTextFile(file)).replaceAll(BESIDE, (_, beside: string) => {
      const source = sources.get(beside);
      if (source === undefined) {
        throw new BundleError(`${script} needs ${beside}.ts, which src/ has not just once`);
      }
      if (!scripts.includes(source)) scripts.push(source);
      return `new URL("./${beside}.js", import.meta.url)`;
    });
    await Deno.writeTextFile(file, head + text);
    files.push(file);
  }
  const [entry = "", ...workers] = files;
  const assets = program.hasWebApp
    ? await copyWebApp(join(root, "static", "dist"), join(outDir, "static", "dist"))
    : 0;
  return {
    entry,
    includes: [...workers, ...(program.hasWebApp ? [join(outDir, "static", "dist")] : [])],
    size: (await Deno.stat(entry)).size,
    workers: workers.map((file) => basename(file)),
    assets,
  };
}

async function runBundle(
  entry: string,
  out: string,
  root: string,
  isMinified: boolean,
): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--platform", "deno", ...(isMinified ? ["--minify"] : [])],
      ...["--output", out, entry],
    ],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const [problem = ""] = new TextDecoder().decode(stderr).split(/\n\s*Stack backtrace:/);
  throw new BundleError(`Cannot bundle ${entry}:\n${problem.trim()}`);
}

/** Sources by file name without ending; those of which there are several are left out. */
async function sourcesByName(dir: string): Promise<Map<string, string>> {
  const found = new Map<string, string[]>();
  const look = async (folder: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory) await look(path);
      else if (name.endsWith(".ts")) {
        const key = name.slice(0, -".ts".length);
        found.set(key, [...(found.get(key) ?? []), path]);
      }
    }
  };
  await look(dir);
  return new Map(
    [...found].flatMap(([name, paths]) => paths.length === 1 ? [[name, paths[0] ?? ""]] : []),
  );
}

/** Copies what the manifest names; the folder may hold files of earlier bundles. */
async function copyWebApp(from: string, to: string): Promise<number> {
  await Deno.mkdir(to, { recursive: true });
  const text = await Deno.readTextFile(join(from, "manifest.json")).catch(() => {
    throw new BundleError(`The web app is not in ${from}: "deno task bundle" makes it`);
  });
  const manifest = JSON.parse(text);
  const hashed = Object.values(manifest as Readonly<Record<string, string>>);
  const names = [
    ...hashed.flatMap((name) => [name, `${name}.br`, `${name}.gz`]),
    "manifest.json",
  ];
  for (const name of names) await Deno.copyFile(join(from, name), join(to, name));
  return names.length;
}
