/**
 * Looks into an executable that `deno compile` has made, without running it: behind the runtime it
 * carries a description in JSON, then the tree of its files in JSON, then their bytes.
 *
 *     d3n0l4nd <length, u64> {"argv":[],…,"app_name":"hbd",…} … <length> [{"Dir":{"n":"static",
 *     "e":[{"File":{"n":"app.css","o":[0,29000],…}}]}}] <length> <bytes of all files>
 */

import { join } from "@std/path";

/** What is used of the description. */
export interface Description {
  readonly permissions: Readonly<Record<string, readonly string[] | null | boolean>>;
  readonly entrypoint_key: string;
  readonly app_name: string;
  readonly unstable_config: { readonly features: readonly string[] };
  readonly env_vars_from_env_file: Readonly<Record<string, string>>;
}

export interface Executable {
  readonly description: Description;
  /** Path of the program among the files. */
  readonly entry: string;
  /** By path, with `/` between folders. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

type Entry =
  | { readonly Dir: { readonly n: string; readonly e: readonly Entry[] } }
  | { readonly File: { readonly n: string; readonly o: readonly [start: number, length: number] } };

const MAGIC = "d3n0l4nd";

/** Reads an executable whole. Throws where it is not built like that. */
export async function readExecutable(path: string): Promise<Executable> {
  const bytes = await Deno.readFile(path);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const decoder = new TextDecoder();
  const long = (at: number): number => Number(view.getBigUint64(at, true));
  const text = (at: number, length: number): string =>
    decoder.decode(bytes.subarray(at, at + length));

  const start = find(bytes, `{"argv":`, 0);
  if (text(start - 16, 8) !== MAGIC) throw new Error(`${path} has no description`);
  const end = start + long(start - 8);
  const description = JSON.parse(text(start, end - start)) as Description;
  const tree = find(bytes, `[{"`, end);
  const data = tree + long(tree - 8) + 8;
  const files = new Map<string, Uint8Array>();
  const walk = (entries: readonly Entry[], folder: string): void => {
    for (const entry of entries) {
      if ("Dir" in entry) {
        walk(entry.Dir.e, `${folder}${entry.Dir.n}/`);
      } else if ("File" in entry) {
        const [from, length] = entry.File.o;
        files.set(folder + entry.File.n, bytes.subarray(data + from, data + from + length));
      } else {
        throw new Error(`${path} holds something unknown: ${JSON.stringify(entry)}`);
      }
    }
  };
  walk(JSON.parse(text(tree, long(tree - 8))) as readonly Entry[], "");
  return { description, entry: description.entrypoint_key, files };
}

/** Writes the files that an executable carries into `dir`. Returns the path of its program there. */
export async function unpack({ entry, files }: Executable, dir: string): Promise<string> {
  for (const [path, bytes] of files) {
    await Deno.mkdir(join(dir, path, ".."), { recursive: true });
    await Deno.writeFile(join(dir, path), bytes);
  }
  return join(dir, entry);
}

/** Where `needle` is first, from `start` on. */
function find(bytes: Uint8Array, needle: string, start: number): number {
  const wanted = new TextEncoder().encode(needle);
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first, start); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  throw new Error(`There is no ${needle}`);
}
