/** The journal and the times for commands that read the past. */

import { join } from "@std/path";
import { type CommandLine, UsageError } from "../config/command_line.ts";
import { MOMENT_WANTS, parseMoment } from "../config/moment.ts";
import { listJournal } from "../journal/reader.ts";
import { type Places, reasonOf } from "./places.ts";
import { ToolError } from "./tool.ts";

export interface FoundJournal {
  readonly dir: string;
  readonly file: string;
}

/**
 * The journal that is there.
 *
 * @throws {ToolError} when there is none
 */
export async function findJournal({ journal }: Places): Promise<FoundJournal> {
  if (journal === null) {
    throw new ToolError(
      "There is no past to look at: the configuration turns the journal off (journal_enabled)",
    );
  }
  const { dir, file } = journal;
  try {
    const { current, backups } = await listJournal(dir, file);
    if (current !== null || backups.length > 0) return journal;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      throw new ToolError(`Folder ${dir} cannot be read: ${reasonOf(error)}`);
    }
  }
  throw new ToolError(
    `There is no journal ${join(dir, file)}: name the folder of the server's state with ` +
      `--state-dir DIR, and its configuration with -c FILE`,
  );
}

/**
 * The moment that an option gives, epoch milliseconds; null: it is not given.
 *
 * @throws {UsageError} when it is none
 */
export function momentOf({ given }: CommandLine, name: string, nowMs: number): number | null {
  const text = given.get(name);
  if (text === undefined) return null;
  const ms = parseMoment(text, nowMs);
  if (ms === null) throw new UsageError(`${name} must be ${MOMENT_WANTS}: got "${text}"`);
  return ms;
}
