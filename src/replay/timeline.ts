/**
 * When the journal begins, and when hosts went down in it: what stands along the slider with which
 * one looks back. The latest are found, as far back as it can be looked in a moment.
 */

import { replay } from "../journal/reader.ts";
import { searchJournal } from "../journal/search.ts";
import type { Timeline } from "../web/view_history.ts";
import type { JournalFiles } from "./rebuilder.ts";

/** Marks at most: more could not be told apart. */
const MOST_MARKS = 200;

/** Events looked at, at most, and how much is read for them. */
const MOST_EVENTS = 5000;
const READ_BYTES = 128 * 1024 * 1024;

/** The timeline of the journal, of hosts that `maySee` lets through. */
export async function timelineOf(
  { dir, file }: JournalFiles,
  maySee: (host: string, seq: number) => boolean,
  nowMs: number,
): Promise<Timeline> {
  const sinceMs = await firstMs({ dir, file });
  const { matches, complete } = await searchJournal(dir, file, {
    text: "down",
    limit: MOST_EVENTS,
    readBytes: READ_BYTES,
    accepts: (match) =>
      match.kind === "event" && match.event === "down" &&
      match.hosts.some((host) => maySee(host, match.seq)),
  });
  const stepMs = Math.max(1, (nowMs - (sinceMs ?? nowMs)) / MOST_MARKS);
  const downs: { readonly atMs: number; hosts: number }[] = [];
  for (const { atMs } of matches.toReversed()) {
    const last = downs.at(-1);
    if (last !== undefined && Math.abs(atMs - last.atMs) < stepMs) last.hosts++;
    else downs.push({ atMs, hosts: 1 });
  }
  return { sinceMs, downs, isComplete: complete && matches.length < MOST_EVENTS };
}

/** Time of the first record. */
async function firstMs({ dir, file }: JournalFiles): Promise<number | null> {
  const reading = replay(dir, file, 0, { onProblem: () => {}, onTorn: () => {} });
  for await (const [record] of reading) if (record !== undefined) return record.atMs;
  return null;
}
