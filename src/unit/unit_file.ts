/**
 * The file of a unit on the disk: whether one is there and whose it is, and writing it so that it is
 * there whole or as it was before. A unit that was not made here is never lost by accident.
 */

import { dirname } from "@std/path";
import { MARKER, UnitError } from "./service.ts";

/** What is at the place of a unit: nothing, the same text, an older one, somebody else's unit. */
export type Found = "nothing" | "same" | "ours" | "foreign";

/**
 * Looks at the place of a unit.
 *
 * @param text the text that is to be there
 * @throws {UnitError} when it cannot be read
 */
export async function findUnit(path: string, text: string): Promise<Found> {
  try {
    const there = await Deno.readTextFile(path);
    // Ours all have it; what is removed is compared with nothing.
    if (!there.includes(MARKER)) return "foreign";
    return there === text ? "same" : "ours";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "nothing";
    throw new UnitError(`Cannot read ${path}: ${reasonOf(error)}`);
  }
}

/** Writes a unit that everybody may read. Rejects with a UnitError. */
export async function writeUnit(path: string, text: string): Promise<void> {
  // A name that nobody knows before, for a file that is not there: no link is followed.
  const draft = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  let isMade = false;
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(draft, text, { createNew: true });
    isMade = true;
    // Whatever the umask is.
    await Deno.chmod(draft, 0o644);
    await Deno.rename(draft, path);
  } catch (error) {
    if (isMade) await Deno.remove(draft).catch(() => {});
    throw new UnitError(`Cannot write ${path}: ${reasonOf(error)}`);
  }
}

/** Removes a unit. Rejects with a UnitError. */
export async function removeUnit(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    throw new UnitError(`Cannot remove ${path}: ${reasonOf(error)}`);
  }
}

/**
 * Refuses to touch somebody else's unit.
 *
 * @throws {UnitError} when it is one
 */
export function refuseForeign(found: Found, path: string): void {
  if (found !== "foreign") return;
  throw new UnitError(
    `${path} was not made by hbd ("${MARKER}" is not in it), so it stays as it is. ` +
      "Move it away, or add --force to lose it",
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
