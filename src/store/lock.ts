/** One server for each state folder: two would write into each other's journal. */

import { join } from "@std/path";

/** Locks the folder, until the result is disposed of. Throws an Error in plain words when it is taken. */
export async function lockStateDir(dir: string): Promise<Disposable> {
  const path = join(dir, "hbd.lock");
  const file = await Deno.open(path, { read: true, write: true, create: true });
  if (!await file.tryLock(true)) {
    file.close();
    const pid = (await Deno.readTextFile(path)).trim();
    throw new Error(
      `State folder ${dir} is in use by another hbd (process ${pid || "unknown"}): ` +
        `stop that one, or give this one its own with --state-dir`,
    );
  }
  await file.truncate();
  await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
  return file;
}
