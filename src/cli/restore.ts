/**
 * `hbd restore FILE`: brings a backup back into a state folder that no server uses. All of it is
 * checked before anything is put in its place; what was there before is moved aside, not removed.
 */

import { basename, dirname, join, resolve } from "@std/path";
import { BackupError, unpackBackup, type Unpacked } from "../backup/unpack.ts";
import { UsageError } from "../config/command_line.ts";
import { listJournal } from "../journal/reader.ts";
import { printableLine } from "../screen/printable.ts";
import { lock } from "../store/lock.ts";
import { giveToOwner } from "../store/owner.ts";
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
    const { stateDir } = places;
    if (!await exists(path)) throw new ToolError(`There is no file ${path}`);
    let aside: Aside | null = null;
    try {
      await using stack = new AsyncDisposableStack();
      await lockAll(places, stack);
      await removeLeftovers(stateDir);
      const isForced = line.given.has("--force");
      refuseState(places, await stateFiles(places, targetOf(places, null)), isForced);
      const dir = await Deno.makeTempDir({ dir: stateDir, prefix: LEFTOVER });
      stack.defer(() => Deno.remove(dir, { recursive: true }));
      const opened = await Deno.open(path, { read: true });
      const unpacked = await unpackBackup(opened.readable, dir);
      const target = targetOf(places, unpacked.manifest.journal_file);
      const old = await stateFiles(places, target);
      refuseState(places, old, isForced);
      if (old.length > 0) {
        aside = new Aside();
        await aside.move(old);
      }
      await putInPlace(unpacked, places, target);
      out(report(unpacked, path, places, aside));
      return 0;
    } catch (error) {
      if (error instanceof ToolError) throw error;
      if (error instanceof BackupError) throw new ToolError(`${path} ${error.message}`);
      const hint = aside === null
        ? ""
        : `. What was there before is in ${aside.folders.join(", ")}`;
      throw new ToolError(reasonOf(error) + hint, { cause: error });
    }
  },
};

/** The folder in which a backup is unpacked. */
const LEFTOVER = ".restore-";

/** Where the journal of a backup is put. */
interface Target {
  readonly dir: string;
  readonly file: string;
}

/** Without a journal in the configuration, it is called as it was. */
function targetOf({ journal, stateDir }: Places, named: string | null): Target {
  return journal ?? { dir: stateDir, file: named ?? "messages.journal" };
}

/** No server may use the state, nor the journal, which may be elsewhere. */
async function lockAll(
  { stateDir, journal }: Places,
  stack: AsyncDisposableStack,
): Promise<void> {
  await Deno.mkdir(stateDir, { recursive: true, mode: 0o700 });
  const state = join(stateDir, "hbd.lock");
  const remedy = "name another folder with --state-dir";
  stack.use(await lock(state, `State folder ${stateDir}`, remedy));
  await giveToOwner(stateDir, [state]);
  // Who has the state has the journal in it, too.
  if (journal === null || journal.dir === stateDir) return;
  const { dir, file } = journal;
  await Deno.mkdir(dir, { recursive: true });
  const path = join(dir, `hbd.${file}.lock`);
  const other = "name a configuration with another journal_dir";
  stack.use(await lock(path, `Journal ${join(dir, file)}`, other));
  await giveToOwner(dir, [path]);
}

/** What a restore that was killed has left behind: nobody else is at it, the folder is locked. */
async function removeLeftovers(stateDir: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(stateDir)) {
    if (!isDirectory || !name.startsWith(LEFTOVER)) continue;
    await Deno.remove(join(stateDir, name), { recursive: true });
  }
}

/** The files of a state that is there: the store's and the journal's. */
async function stateFiles({ storeFile }: Places, target: Target): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of [storeFile, `${storeFile}-wal`, `${storeFile}-shm`]) {
    if (await exists(path)) files.push(path);
  }
  const { current, backups } = await listJournal(target.dir, target.file);
  return [...files, ...(current === null ? [] : [current]), ...backups];
}

function refuseState({ stateDir }: Places, old: readonly string[], isForced: boolean): void {
  if (old.length === 0 || isForced) return;
  const other = old.find((path) => dirname(path) !== stateDir);
  const what = other === undefined
    ? `State folder ${stateDir} is not empty: name another with --state-dir, or`
    : `There is a journal, ${other}: name a configuration with another journal_dir, or`;
  throw new ToolError(`${what} add --force to have what is there moved aside`);
}

/** Where what was there before is moved to, in its own folder: nothing goes to another disk. */
class Aside {
  readonly #name: string;
  readonly #folders = new Map<string, string>();

  constructor() {
    const stamp = new Date().toISOString().replace(/\.\d+Z$/, "").replaceAll(":", "");
    this.#name = `before-restore-${stamp}`;
  }

  /** The folders that were made. */
  get folders(): readonly string[] {
    return [...this.#folders.values()];
  }

  async move(files: readonly string[]): Promise<void> {
    for (const path of files) {
      const dir = dirname(path);
      const folder = this.#folders.get(dir) ?? await this.#make(dir);
      await Deno.rename(path, join(folder, basename(path)));
    }
  }

  /** A new one: two restores in the same second must not lose what the first moved aside. */
  async #make(dir: string): Promise<string> {
    for (let n = 1;; n++) {
      const folder = join(dir, n === 1 ? this.#name : `${this.#name}-${n}`);
      try {
        await Deno.mkdir(folder, { mode: 0o700 });
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
        continue;
      }
      await giveToOwner(dir, [folder]);
      this.#folders.set(dir, folder);
      return folder;
    }
  }
}

async function putInPlace(
  { store, journal }: Unpacked,
  { stateDir, storeFile }: Places,
  { dir, file }: Target,
): Promise<void> {
  for (const [n, path] of journal.entries()) {
    await move(path, join(dir, n === 0 ? file : `${file}.${n}`), dir);
  }
  // Last: without it, a server that is started too early reads its state from the journal.
  await move(store, storeFile, stateDir);
  for (const folder of new Set([dir, stateDir])) {
    if (Deno.build.os === "windows") continue;
    using handle = await Deno.open(folder);
    await handle.sync().catch(() => {});
  }
}

/** Moves a file into the folder `dir`, whose owner gets it; to another disk it is copied. */
async function move(from: string, to: string, dir: string): Promise<void> {
  await giveToOwner(dir, [from]);
  try {
    await Deno.rename(from, to);
  } catch (error) {
    const isOtherDisk = error instanceof Error && "code" in error && error.code === "EXDEV";
    if (!isOtherDisk) throw error;
    await Deno.copyFile(from, to);
    await giveToOwner(dir, [to]);
    using file = await Deno.open(to, { read: true, write: true });
    await file.sync();
  }
}

function report(
  { manifest, journal }: Unpacked,
  path: string,
  { stateDir, journal: place }: Places,
  aside: Aside | null,
): string {
  const { made, host, program } = manifest;
  const files = journal.length === 1 ? "1 file" : `${journal.length} files`;
  return [
    `${path}, made ${printableLine(made)} on ${printableLine(host)} by hbd ${
      printableLine(program)
    }, is right.`,
    `State folder ${stateDir} has its store now, and ${files} of its journal` +
    `${place === null || place.dir === stateDir ? "" : ` in ${place.dir}`}.`,
    ...(aside === null
      ? []
      : [`What was there before is in ${aside.folders.join(", ")}: remove it when all is well.`]),
    "",
  ].join("\n");
}
