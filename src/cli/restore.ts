/**
 * `hbd restore FILE`: brings a backup back into a state folder that no server uses. All of it is
 * checked before anything is put in its place; what was there before is moved aside, not removed.
 */

import { join, resolve } from "@std/path";
import { BackupError, unpackBackup, type Unpacked } from "../backup/unpack.ts";
import { UsageError } from "../config/command_line.ts";
import { listJournal } from "../journal/reader.ts";
import { lock } from "../store/lock.ts";
import { exists, PLACE_OPTIONS, type Places, placesOf, reasonOf } from "./places.ts";
import { option, refuseFrom, type Tool, ToolError } from "./tool.ts";

export const restore: Tool = {
  name: "restore",
  usage: [["restore FILE", "bring a backup back into a state folder; hbd must not run"]],
  options: new Map([...PLACE_OPTIONS, option("--force")]),
  optionHelp: [["--force", "also where there is a state; it is moved aside"]],
  async run(line, { out }) {
    refuseFrom(line.words, 1);
    const [file = ""] = line.words;
    if (file === "") throw new UsageError("restore needs the backup: hbd restore FILE");
    const places = await placesOf(line);
    const path = resolve(file);
    await using stack = new AsyncDisposableStack();
    const { stateDir } = places;
    if (!await exists(path)) throw new ToolError(`There is no file ${path}`);
    try {
      await Deno.mkdir(stateDir, { recursive: true, mode: 0o700 });
      stack.use(
        await lock(
          join(stateDir, "hbd.lock"),
          `State folder ${stateDir}`,
          "name another folder with --state-dir",
        ),
      );
      const old = await stateFiles(places);
      if (old.length > 0 && !line.given.has("--force")) {
        throw new ToolError(
          `State folder ${stateDir} is not empty: name another with --state-dir, or add ` +
            `--force to have what is there moved aside`,
        );
      }
      const dir = await Deno.makeTempDir({ dir: stateDir, prefix: ".restore-" });
      stack.defer(() => Deno.remove(dir, { recursive: true }));
      const opened = await Deno.open(path, { read: true });
      const unpacked = await unpackBackup(opened.readable, dir);
      const aside = old.length === 0 ? null : await moveAside(old, stateDir);
      await putInPlace(unpacked, places);
      out(report(unpacked, path, places, aside));
      return 0;
    } catch (error) {
      if (error instanceof ToolError) throw error;
      if (error instanceof BackupError) throw new ToolError(`${path} ${error.message}`);
      throw new ToolError(reasonOf(error), { cause: error });
    }
  },
};

/** The files of a state that is there: the store's and the journal's. */
async function stateFiles({ storeFile, journal, stateDir }: Places): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of [storeFile, `${storeFile}-wal`, `${storeFile}-shm`]) {
    if (await exists(path)) files.push(path);
  }
  const { dir, file } = journal ?? { dir: stateDir, file: "messages.journal" };
  if (!await exists(dir)) return files;
  const { current, backups } = await listJournal(dir, file);
  return [...files, ...(current === null ? [] : [current]), ...backups];
}

/** Returns the folder that they are in now. Where the journal is elsewhere, they stay there. */
async function moveAside(files: readonly string[], stateDir: string): Promise<string> {
  const stamp = new Date().toISOString().replace(/\.\d+Z$/, "").replaceAll(":", "");
  const name = `before-restore-${stamp}`;
  for (const path of files) {
    const folder = join(path, "..", name);
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    await Deno.rename(path, join(folder, path.slice(join(path, "..").length + 1)));
  }
  return join(stateDir, name);
}

async function putInPlace(
  { manifest, store, journal }: Unpacked,
  { stateDir, storeFile, journal: place }: Places,
): Promise<void> {
  const dir = place?.dir ?? stateDir;
  const file = place?.file ?? manifest.journal_file ?? "messages.journal";
  if (place !== null && dir !== stateDir) await Deno.mkdir(dir, { recursive: true });
  for (const [n, path] of journal.entries()) {
    await move(path, join(dir, n === 0 ? file : `${file}.${n}`));
  }
  // Last: without it, a server that is started too early reads its state from the journal.
  await Deno.rename(store, storeFile);
  for (const folder of new Set([dir, stateDir])) {
    if (Deno.build.os === "windows") continue;
    using handle = await Deno.open(folder);
    await handle.sync().catch(() => {});
  }
}

/** Where the journal is on another disk, it is copied. */
async function move(from: string, to: string): Promise<void> {
  try {
    await Deno.rename(from, to);
  } catch (error) {
    const isOtherDisk = error instanceof Error && "code" in error && error.code === "EXDEV";
    if (!isOtherDisk) throw error;
    await Deno.copyFile(from, to);
  }
}

function report(
  { manifest, journal }: Unpacked,
  path: string,
  { stateDir, journal: place }: Places,
  aside: string | null,
): string {
  const files = journal.length === 1 ? "1 file" : `${journal.length} files`;
  return [
    `${path}, made ${manifest.made} on ${manifest.host} by hbd ${manifest.program}, is right.`,
    `State folder ${stateDir} has its store now, and ${files} of its journal` +
    `${place === null || place.dir === stateDir ? "" : ` in ${place.dir}`}.`,
    ...(aside === null
      ? []
      : [`What was there before is in ${aside}: remove it when all is well.`]),
    "",
  ].join("\n");
}
