/**
 * Reads a journal with nothing of the program's own code, so that a figure does not rest on what it
 * measures: files are listed, lines split and parsed here.
 */

import { join } from "@std/path";
import { BenchError } from "./harness.ts";

/** What the benchmarks need of a line. */
export interface JournalLine {
  readonly seq: number;
  readonly timestamp: number;
  readonly host?: string;
  /** Only beats have one. */
  readonly transport?: string;
  /** Only events have one. */
  readonly event?: string;
}

/** Yields every line, file by file. Throws a BenchError at one that is not JSON. */
export async function* journalLines(stateDir: string): AsyncGenerator<JournalLine> {
  for await (const { name } of Deno.readDir(stateDir)) {
    if (!name.startsWith("messages.journal")) continue;
    const file = await Deno.open(join(stateDir, name));
    let rest = "";
    for await (const text of file.readable.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield parse(line);
    }
    if (rest !== "") throw new BenchError(`${name} ends in a torn line: ${rest}`);
  }
}

function parse(line: string): JournalLine {
  try {
    return JSON.parse(line);
  } catch {
    throw new BenchError(`A line of the journal is no JSON: ${line}`);
  }
}
