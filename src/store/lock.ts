/** One server for each state folder and each journal: two would write into each other's. */

/**
 * Locks `path` until the result is disposed of. Throws an Error in plain words when another process
 * holds it: `what` is in use, and `remedy` says how to do without it.
 */
export async function lock(path: string, what: string, remedy: string): Promise<Disposable> {
  const file = await Deno.open(path, { read: true, write: true, create: true });
  if (!await file.tryLock(true)) {
    file.close();
    const pid = (await Deno.readTextFile(path)).trim() || "unknown";
    throw new Error(
      `${what} is in use by another hbd (process ${pid}): stop that one, or ${remedy}`,
    );
  }
  await file.truncate();
  await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
  return file;
}
