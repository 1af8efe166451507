/**
 * `hbd backup FILE`: all that the server knows in one file, whether it runs or not. From this
 * machine it reads the state folder itself; with `--url` the server sends the backup.
 *
 * The file is written beside its place, forced to the disk and renamed: it is there whole, or as it
 * was before. Only its owner may read it, because sessions and keys are in it.
 */

import { ConfigError } from "../config/load.ts";
import { VERSION } from "../version.ts";
import { basename, dirname, join, resolve } from "@std/path";
import { backupStream } from "../backup/pack.ts";
import { BackupError, unpackBackup } from "../backup/unpack.ts";
import { type CommandLine, UsageError } from "../config/command_line.ts";
import { exists, PLACE_OPTIONS, placesOf, reasonOf } from "./places.ts";
import { option, refuseFrom, type Tool, ToolError, type ToolOutput } from "./tool.ts";

type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>;

export const backup: Tool = {
  name: "backup",
  usage: [[
    "backup FILE",
    "write store and journal into FILE, also while hbd runs",
  ]],
  options: new Map([...PLACE_OPTIONS, option("--url", "URL"), option("--token", "TOKEN")]),
  optionHelp: [
    ["--url URL", "from the server at this address"],
    ["--token TOKEN", "with --url, an admin's API key, or the command_token (or HBD_TOKEN)"],
  ],
  async run(line, output) {
    refuseFrom(line.words, 1);
    const [file = ""] = line.words;
    if (file === "") throw new UsageError("backup needs the file to write: hbd backup FILE");
    const path = resolve(file);
    const half = join(dirname(path), `.${basename(path)}.${crypto.randomUUID().slice(0, 8)}.tmp`);
    using made = new DisposableStack();
    try {
      const bytes = await writeFile(await source(line, made), half);
      await tryOut(half);
      await Deno.rename(half, path);
      await syncFolder(dirname(path));
      told(output, path, bytes);
      return 0;
    } catch (error) {
      await Deno.remove(half).catch(() => {});
      if (error instanceof BackupError) {
        throw new ToolError(`The backup that was made ${error.message}: try again`);
      }
      if (error instanceof ToolError || error instanceof UsageError) throw error;
      if (error instanceof ConfigError) throw error;
      throw new ToolError(`No backup was made: ${reasonOf(error)}`, { cause: error });
    }
  },
};

/** `made`: what is made on the way, and goes at the end. */
async function source(line: CommandLine, made: DisposableStack): Promise<Bytes> {
  const url = line.given.get("--url");
  const token = line.given.get("--token");
  if (url !== undefined) {
    for (const other of ["--state-dir", "--config"]) {
      if (line.given.has(other)) throw new UsageError(`Option "${other}" does not go with "--url"`);
    }
    return await fromServer(url, token ?? (Deno.env.get("HBD_TOKEN") || null));
  }
  if (token !== undefined) throw new UsageError('Option "--token" goes with "--url" only');
  const { stateDir, journal, storeFile } = await placesOf(line);
  if (!await exists(storeFile)) {
    throw new ToolError(
      `State folder ${stateDir} has no store (hbd.kv): name the right one with --state-dir DIR`,
    );
  }
  const place = journal !== null && await exists(journal.dir) ? journal : null;
  const job = { stateDir, journal: place, version: VERSION, nowMs: Date.now() };
  return backupStream(job, made);
}

async function fromServer(url: string, token: string | null): Promise<Bytes> {
  let target: URL;
  try {
    target = new URL("api/0/backup", url.endsWith("/") ? url : `${url}/`);
  } catch {
    throw new UsageError(`URL must be the address of a server, say http://nas:50004: got "${url}"`);
  }
  const headers: Record<string, string> = token === null
    ? {}
    : { authorization: `Bearer ${token}` };
  const response = await fetch(target, { method: "POST", headers });
  if (response.ok && response.body !== null) return response.body;
  const text = await response.text();
  const [, message = text.slice(0, 200)] = /"message":"([^"]+)"/.exec(text) ?? [];
  throw new ToolError(`${target.origin} gave no backup (${response.status}): ${message}`);
}

/** Returns how many bytes there are. */
async function writeFile(bytes: Bytes, path: string): Promise<number> {
  using file = await Deno.open(path, { createNew: true, write: true, mode: 0o600 });
  let length = 0;
  for await (const chunk of bytes) {
    for (let n = 0; n < chunk.length;) n += await file.write(chunk.subarray(n));
    length += chunk.length;
  }
  await file.sync();
  return length;
}

/** A backup that cannot be read back is none. What comes over the network may have been cut. */
async function tryOut(path: string): Promise<void> {
  const file = await Deno.open(path, { read: true });
  await unpackBackup(file.readable, dirname(path), { isTrial: true });
}

function told({ note }: ToolOutput, path: string, bytes: number): void {
  const size = bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  note(
    `${path} (${size}) has the store and the journal. It holds secrets, and not the ` +
      `configuration file: keep that beside it.\nTo bring it back: hbd restore ${path} --state-dir DIR\n`,
  );
}

async function syncFolder(folder: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using handle = await Deno.open(folder);
  await handle.sync().catch(() => {});
}
