/**
 * Makes of `static/` what browsers load: `static/dist/` with one script, the script of the theme,
 * one style sheet and the files of `static/public/`, each under a name with a hash of its content
 * and compressed beside it. `manifest.json` says which file is which:
 *
 *     {"app.js": "app.1f3c0a9b2d.js", "app.css": "app.77b0c1d2e3.css", "favicon.svg": "…"}
 *
 * It is written last and put in place by a rename, so whoever reads it finds all that it names.
 * `--if-stale` does nothing while nothing has changed; `--or-go-on` says what went wrong, and ends
 * well all the same: the server works without it.
 */

import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { minifyCss } from "./minify_css.ts";

const ROOT = join(import.meta.dirname ?? "", "..");

/** All that a browser loads, compressed by gzip, at most, bytes. */
export const MOST_BYTES = 120 * 1024;

/** Files of earlier bundles stay for so long: somebody may be about to read them. */
const OLD_MS = 60_000;

/** Scripts by the name they are asked for, and where they begin. */
const SCRIPTS: readonly (readonly [string, string])[] = [
  ["app.js", "app/main.tsx"],
  ["theme.js", "app/theme.ts"],
  ["status.js", "app/public_status.ts"],
];

/** What a bundle became. */
export interface Bundled {
  /** By the name before the hash: the name in `dist`, bytes, and bytes when compressed. */
  readonly files: ReadonlyMap<string, { name: string; size: number; gzip: number; br: number }>;
  readonly gzipBytes: number;
}

/**
 * Bundles `staticDir` into `staticDir/dist`. Rejects, leaving the last bundle in place, when a
 * script cannot be bundled or all of it is over `mostBytes`.
 */
export async function bundle(
  staticDir: string = join(ROOT, "static"),
  mostBytes: number = MOST_BYTES,
): Promise<Bundled> {
  const dist = join(staticDir, "dist");
  await Deno.mkdir(dist, { recursive: true });
  const parts = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [name, entry] of SCRIPTS) {
    parts.set(name, await bundleScript(join(staticDir, entry), dist));
  }
  parts.set("app.css", new TextEncoder().encode(await joinCss(join(staticDir, "css"))));
  for (const [name, bytes] of await readPublic(join(staticDir, "public"))) parts.set(name, bytes);
  const packed = [...parts].map(([name, bytes]) => pack(name, bytes));
  const gzipBytes = packed.reduce((sum, { gzip }) => sum + gzip.length, 0);
  if (gzipBytes > mostBytes) {
    throw new Error(
      `The web app has ${gzipBytes} bytes compressed, and may have ${mostBytes}: ` +
        packed.map(({ name, gzip }) => `${name} ${gzip.length}`).join(", "),
    );
  }
  for (const { hashed, bytes, gzip, br } of packed) {
    await put(dist, hashed, bytes);
    await put(dist, `${hashed}.gz`, gzip);
    await put(dist, `${hashed}.br`, br);
  }
  const manifest = Object.fromEntries(packed.map(({ name, hashed }) => [name, hashed]));
  await put(dist, "manifest.json", new TextEncoder().encode(`${JSON.stringify(manifest)}\n`));
  await removeOld(dist, new Set(packed.map(({ hashed }) => hashed)));
  return {
    gzipBytes,
    files: new Map(packed.map(({ name, hashed, bytes, gzip, br }) => [
      name,
      { name: hashed, size: bytes.length, gzip: gzip.length, br: br.length },
    ])),
  };
}

/** True when something in `staticDir`, or what the scripts depend on, is newer than its bundle. */
export async function isStale(staticDir: string = join(ROOT, "static")): Promise<boolean> {
  const made = await mtimeMs(join(staticDir, "dist", "manifest.json"));
  if (made === null) return true;
  const others = ["deno.json", "deno.lock", "scripts/bundle.ts", "scripts/minify_css.ts"];
  for (const path of others) {
    if ((await mtimeMs(join(ROOT, path)) ?? 0) > made) return true;
  }
  return await newestMs(staticDir) > made;
}

function pack(name: string, bytes: Uint8Array<ArrayBuffer>) {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  return {
    name,
    hashed: name.replace(/(?=\.[^.]*$)/, `.${hash}`),
    bytes,
    gzip: gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }),
    br: brotliCompressSync(bytes, { params }),
  };
}

async function bundleScript(entry: string, dist: string): Promise<Uint8Array<ArrayBuffer>> {
  const out = join(dist, `.${crypto.randomUUID()}.js`);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--platform", "browser", "--format", "iife", "--minify"],
      ...["--output", out, entry],
    ],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  try {
    if (!success) {
      throw new Error(`Cannot bundle ${entry}:\n${problemIn(new TextDecoder().decode(stderr))}`);
    }
    return await Deno.readFile(out);
  } finally {
    await Deno.remove(out).catch(() => {});
  }
}

/** What is wrong, without what is said each time. */
function problemIn(stderr: string): string {
  const [problem = ""] = stderr.split(/\n\s*Stack backtrace:/);
  return problem.split("\n").filter((line) => !line.includes("is experimental")).join("\n").trim();
}

/** The style sheets in the order of `order.txt`; those it does not name follow by name. */
async function joinCss(dir: string): Promise<string> {
  const there = (await namesIn(dir)).filter((name) => name.endsWith(".css"));
  const order = (await readTextIfThere(join(dir, "order.txt"))).split(/\s+/).filter(Boolean);
  const missing = order.find((name) => !there.includes(name));
  if (missing !== undefined) throw new Error(`css/order.txt names ${missing}, which is not there`);
  const names = new Set([...order, ...there]);
  const texts = await Promise.all([...names].map((name) => Deno.readTextFile(join(dir, name))));
  return minifyCss(texts.join("\n"));
}

async function readPublic(dir: string): Promise<[string, Uint8Array<ArrayBuffer>][]> {
  const names = await namesIn(dir);
  return await Promise.all(names.map(async (name): Promise<[string, Uint8Array<ArrayBuffer>]> => [
    name,
    await Deno.readFile(join(dir, name)),
  ]));
}

/** Writes a file so that nobody ever sees a part of it. */
async function put(dir: string, name: string, bytes: Uint8Array): Promise<void> {
  const draft = join(dir, `.${crypto.randomUUID()}.tmp`);
  await Deno.writeFile(draft, bytes);
  await Deno.rename(draft, join(dir, name));
}

async function removeOld(dist: string, current: ReadonlySet<string>): Promise<void> {
  for (const name of await namesIn(dist)) {
    if (name === "manifest.json" || current.has(name.replace(/\.(?:gz|br)$/, ""))) continue;
    const path = join(dist, name);
    const age = Date.now() - (await mtimeMs(path) ?? Infinity);
    if (age > OLD_MS) await Deno.remove(path).catch(() => {});
  }
}

async function namesIn(dir: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(dir)) if (isFile) names.push(name);
  return names.sort();
}

/** When something below `dir` was changed last, `dist` left out; removing counts as well. */
async function newestMs(dir: string): Promise<number> {
  let newest = await mtimeMs(dir) ?? 0;
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    if (name === "dist") continue;
    const path = join(dir, name);
    newest = Math.max(newest, isDirectory ? await newestMs(path) : await mtimeMs(path) ?? 0);
  }
  return newest;
}

async function mtimeMs(path: string): Promise<number | null> {
  const info = await Deno.stat(path).catch(() => null);
  return info?.mtime?.getTime() ?? null;
}

async function readTextIfThere(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** What a person who waits for it wants to know: a line a file. */
export function sizesText({ files, gzipBytes }: Bundled): string {
  const lines = [...files].map(([name, { size, gzip, br }]) =>
    `${name.padEnd(16)} ${kib(size)}  gzip ${kib(gzip)}  brotli ${kib(br)}`
  );
  return [...lines, `${"together".padEnd(16)} ${" ".repeat(10)}  gzip ${kib(gzipBytes)}`].join(
    "\n",
  );
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`.padStart(10);
}

if (import.meta.main) {
  try {
    const isWanted = !Deno.args.includes("--if-stale") || await isStale();
    // deno-lint-ignore no-console -- a script's output
    if (isWanted) console.error(`Web app bundled\n${sizesText(await bundle())}`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // deno-lint-ignore no-console -- a script's output
    console.error(`The web app is not bundled: ${message}`);
    if (!Deno.args.includes("--or-go-on")) Deno.exit(1);
  }
}
