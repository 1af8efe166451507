/**
 * The files of the web app, from `static/dist` (made by `scripts/bundle.ts`), held in memory: no
 * path that anybody asks for ever reaches the disk. It is found relative to this module, from source
 * and, as `static/dist` beside the program, inside an executable.
 *
 * Names carry a hash of the content, so a browser that has one never asks again. When the manifest
 * changes under a running server, the new files are taken up with the next page; those before them
 * stay for the pages that are open.
 */

import { getLogger } from "@logtape/logtape";
import { basename, join } from "@std/path";
import { bestEncoding, type Encoding, ENCODINGS } from "./accept_encoding.ts";

const log = getLogger(["hbd", "web"]);

/** The manifest is looked at this often at most. */
const LOOK_MS = 1000;

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  ico: "image/x-icon",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
  webmanifest: "application/manifest+json",
  woff2: "font/woff2",
};

const SUFFIX: Readonly<Record<Encoding, string>> = { br: ".br", gzip: ".gz" };

type Bytes = Uint8Array<ArrayBuffer>;

interface Asset {
  readonly type: string;
  readonly plain: Bytes;
  readonly packed: ReadonlyMap<Encoding, Bytes>;
}

export interface AssetsOptions {
  /** Where the bundle is. @default {static/dist of this program} */
  readonly dir?: string;
  /** @default {Date.now} */
  readonly nowMs?: () => number;
}

export class Assets {
  readonly #dir: string;
  readonly #nowMs: () => number;
  /** By the name with the hash, those of the bundle before this one too. */
  #files: ReadonlyMap<string, Asset> = new Map();
  /** The name with the hash by the name without. */
  #names: ReadonlyMap<string, string> = new Map();
  #current: ReadonlyMap<string, Asset> = new Map();
  /** Of the manifest that was read; null: none was. */
  #mtimeMs: number | null = null;
  #lookedMs: number;

  private constructor({ dir, nowMs = Date.now }: AssetsOptions) {
    this.#dir = dir ?? bundleDir(import.meta.filename ?? "");
    this.#nowMs = nowMs;
    this.#lookedMs = nowMs();
  }

  /** Reads all files. Where there are none, pages do without them, and the log says so. */
  static async load(options: AssetsOptions = {}): Promise<Assets> {
    const assets = new Assets(options);
    if (!await assets.#read()) {
      log.warn(
        "The web app is not there, pages are shown without it. From source, " +
          "{task} makes it",
        { task: "deno task bundle" },
      );
    }
    return assets;
  }

  /** The path of a file, `app.js` say, as a page names it; null: there is none. */
  path(name: string): string | null {
    const hashed = this.#names.get(name);
    return hashed === undefined ? null : `/assets/${hashed}`;
  }

  /** Takes up a new bundle, if there is one. To be awaited before a page is made. */
  async refresh(): Promise<void> {
    const nowMs = this.#nowMs();
    if (Math.abs(nowMs - this.#lookedMs) < LOOK_MS) return;
    this.#lookedMs = nowMs;
    if (await this.#manifestMs() !== this.#mtimeMs) await this.#read();
  }

  /** Answers a GET or HEAD of `/assets/<name>`. */
  answer(request: Request): Response {
    const path = new URL(request.url).pathname;
    const name = path.slice("/assets/".length);
    const asset = this.#files.get(name);
    if (asset === undefined) {
      return new Response("There is no such file\n", {
        status: 404,
        headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" },
      });
    }
    const wanted = bestEncoding(request.headers.get("accept-encoding"));
    const packed = wanted === null ? undefined : asset.packed.get(wanted);
    const encoding = packed === undefined ? null : wanted;
    const bytes = packed ?? asset.plain;
    const etag = `"${name}${encoding === null ? "" : `-${encoding}`}"`;
    const headers = new Headers({
      "cache-control": "public, max-age=31536000, immutable",
      etag,
      vary: "accept-encoding",
      "x-content-type-options": "nosniff",
    });
    if (isKnown(request.headers.get("if-none-match"), etag)) {
      return new Response(null, { status: 304, headers });
    }
    headers.set("content-type", asset.type);
    headers.set("content-length", String(bytes.length));
    if (encoding !== null) headers.set("content-encoding", encoding);
    return new Response(request.method === "HEAD" ? null : bytes, { headers });
  }

  async #manifestMs(): Promise<number | null> {
    try {
      return (await Deno.stat(join(this.#dir, "manifest.json"))).mtime?.getTime() ?? null;
    } catch {
      return null;
    }
  }

  /** True when the bundle was read whole; otherwise the one before stays. */
  async #read(): Promise<boolean> {
    try {
      const mtimeMs = await this.#manifestMs();
      const text = await Deno.readTextFile(join(this.#dir, "manifest.json"));
      const names = new Map(Object.entries(JSON.parse(text) as Record<string, string>));
      const current = new Map(
        await Promise.all(
          [...names.values()].map(async (hashed) =>
            [hashed, await readAsset(this.#dir, hashed)] as const
          ),
        ),
      );
      this.#files = new Map([...this.#current, ...current]);
      this.#current = current;
      this.#names = names;
      this.#mtimeMs = mtimeMs;
      return true;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        log.warn("Cannot read the web app in {dir}: {error}", { dir: this.#dir, error });
      }
      return false;
    }
  }
}

/**
 * Where the web app is: in the source tree, or beside the program where all of it is one file, as
 * `scripts/compile.ts` makes it.
 *
 * @param file the file that this runs from
 */
function bundleDir(file: string): string {
  const root = basename(file) === "assets.ts" ? join(file, "..", "..", "..") : join(file, "..");
  return join(root, "static", "dist");
}

async function readAsset(dir: string, name: string): Promise<Asset> {
  const packed = new Map<Encoding, Bytes>();
  for (const encoding of ENCODINGS) {
    packed.set(encoding, await Deno.readFile(join(dir, name + SUFFIX[encoding])));
  }
  const ending = name.slice(name.lastIndexOf(".") + 1);
  const type = TYPES[ending] ?? "application/octet-stream";
  return { type, plain: await Deno.readFile(join(dir, name)), packed };
}

function isKnown(header: string | null, etag: string): boolean {
  if (header === null) return false;
  return header.trim() === "*" ||
    header.split(",").some((known) => known.trim().replace(/^W\//, "") === etag);
}
