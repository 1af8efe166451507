/**
 * Replaces a file by another text so that it is always there, whole, the old or the new: written
 * beside it, forced to the disk, renamed over it. Owner and mode stay; of a link, the file that it
 * leads to is replaced.
 */

import { basename, dirname, join } from "@std/path";

/** Rejects when the file cannot be replaced; it is then as it was. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const target = await Deno.realPath(path);
  const { mode, uid, gid } = await Deno.stat(target);
  const half = join(dirname(target), `.${basename(target)}.${crypto.randomUUID().slice(0, 8)}.tmp`);
  try {
    // Nobody else reads it before it has the mode of the other.
    const file = await Deno.open(half, { write: true, createNew: true, mode: 0o600 });
    try {
      await writeWhole(file, new TextEncoder().encode(text));
      await file.sync();
    } finally {
      file.close();
    }
    if (Deno.build.os !== "windows") {
      const fresh = await Deno.stat(half);
      if (fresh.uid !== uid || fresh.gid !== gid) await Deno.chown(half, uid, gid);
      if (mode !== null) await Deno.chmod(half, mode & 0o7777);
    }
    await Deno.rename(half, target);
  } catch (error) {
    await Deno.remove(half).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(target));
}

/** Writes all of `bytes`. */
export async function writeWhole(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let n = 0; n < bytes.length;) n += await file.write(bytes.subarray(n));
}

/** So that the new name is on the disk too, where a folder can be opened. */
async function syncFolder(folder: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using handle = await Deno.open(folder);
  await handle.sync().catch(() => {});
}
