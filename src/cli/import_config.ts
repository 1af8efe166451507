/** The part of `hbd import` that turns the old daemon's configuration into ours. */

import { basename, dirname, join, resolve } from "@std/path";
import { readConfigFile } from "../config/yaml_file.ts";
import { convertOldConfig, leftOutLine } from "../migrate/old_config.ts";
import { exists, reasonOf } from "./places.ts";
import { writeWhole } from "./replace_file.ts";
import { ToolError, type ToolOutput } from "./tool.ts";

export interface ConfigImport {
  readonly file: string;
  /** Where it is written; null: standard output. */
  readonly to: string | null;
  readonly isForced: boolean;
}

/** Returns the exit code: 1 when something that matters could not be taken. */
export async function importConfig(
  { file, to, isForced }: ConfigImport,
  { out, note }: ToolOutput,
): Promise<number> {
  const source = await readConfigFile(file, "hbd");
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? null;
  const folder = to === null ? null : dirname(resolve(to));
  const { text, leftOut, changed } = convertOldConfig(source, { file, folder, home });
  if (to === null) out(text);
  else {
    if (!isForced && await exists(to)) {
      throw new ToolError(`${to} is there already: name another file, or add --force`);
    }
    await write(to, text);
    note(`${to} is written. To see what it means: hbd check -c ${to}\n`);
  }
  for (const one of changed) note(`Written otherwise: ${one}\n`);
  for (const one of leftOut) note(`Left out: ${leftOutLine(one)}\n`);
  return leftOut.some(({ matters }) => matters) ? 1 : 0;
}

/** Whole or not at all; there may be secrets in it. */
async function write(to: string, text: string): Promise<void> {
  const path = resolve(to);
  const half = join(dirname(path), `.${basename(path)}.${crypto.randomUUID().slice(0, 8)}.tmp`);
  try {
    {
      using file = await Deno.open(half, { write: true, createNew: true, mode: 0o600 });
      await writeWhole(file, new TextEncoder().encode(text));
      await file.sync();
    }
    await Deno.rename(half, path);
  } catch (error) {
    await Deno.remove(half).catch(() => {});
    throw new ToolError(`Cannot write ${to}: ${reasonOf(error)}`);
  }
}
