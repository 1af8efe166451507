/**
 * SHA-256 sums in the format of `sha256sum`, which checks them with `sha256sum -c SHA256SUMS`:
 *
 *     7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069  hbd-0.1.0-linux-x64
 */

import { createHash } from "node:crypto";
import { join } from "@std/path";

/** The name of the file. */
export const SUMS = "SHA256SUMS";

/** Writes the sums of all files in `dir` that `isWanted`, by name. Returns how many there are. */
export async function writeSums(
  dir: string,
  isWanted: (name: string) => boolean,
): Promise<number> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(dir)) {
    if (isFile && isWanted(name)) names.push(name);
  }
  const lines: string[] = [];
  for (const name of names.sort()) lines.push(`${await sha256(join(dir, name))}  ${name}\n`);
  const draft = join(dir, `.${SUMS}.tmp`);
  await Deno.writeTextFile(draft, lines.join(""));
  await Deno.rename(draft, join(dir, SUMS));
  return lines.length;
}

/** The SHA-256 of a file of any size, in hexadecimal digits. */
export async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  // The stream closes the file.
  const file = await Deno.open(path);
  for await (const part of file.readable) hash.update(part);
  return hash.digest("hex");
}
