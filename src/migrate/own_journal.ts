/**
 * Whether a file is the journal of the very state that it is to be read into, or a copy of it: what
 * it tells is in the state already, and would count twice.
 */

import { parseLine } from "../journal/line.ts";
import { replay } from "../journal/reader.ts";
import type { Identified } from "./identity.ts";
import { ImportError } from "./wanted.ts";

/** Where the journal of the state is. */
interface Place {
  readonly dir: string;
  readonly file: string;
}

/** Rejects with an ImportError when the journal at `place` has the first or last lines of a file. */
export async function refuseOwnJournal(files: readonly Identified[], place: Place): Promise<void> {
  for (const { path, first, last } of files) {
    for (const line of [first.find(isOwnLine), last.findLast(isOwnLine)]) {
      if (line === undefined || !await hasLine(place, line)) continue;
      throw new ImportError(
        `${path} is the journal of this state, or a part of it: what it tells is there already, ` +
          "and would count twice. To import it all the same, add --force",
      );
    }
  }
}

function isOwnLine(line: string): boolean {
  try {
    parseLine(line);
    return true;
  } catch {
    return false;
  }
}

async function hasLine({ dir, file }: Place, line: string): Promise<boolean> {
  const { seq, atMs } = parseLine(line);
  try {
    const reading = replay(dir, file, seq - 1, { onProblem: () => {}, onTorn: () => {} });
    for await (const [record] of reading) return record?.seq === seq && record.atMs === atMs;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return false;
}
