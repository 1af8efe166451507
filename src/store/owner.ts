/**
 * Files that root makes in the folder of somebody else. A server that runs as a user of its own could
 * not open what `sudo hbd restore` and `sudo hbd import` leave in its state folder.
 */

import { lchown } from "node:fs/promises";

/**
 * Gives `paths` to whom the folder `dir` belongs to, where root asks; else they are the asker's, as
 * they are. Links are not followed: who may write to the folder must not be given other files.
 */
export async function giveToOwner(dir: string, paths: readonly string[]): Promise<void> {
  if (Deno.uid() !== 0) return;
  const { uid, gid } = await Deno.stat(dir);
  if (uid === null || gid === null || uid === 0) return;
  for (const path of paths) await lchown(path, uid, gid);
}
