/** Which of the files are to be read, and from where on: what was imported before is left out. */

import type { Identified, ImportRecord } from "./identity.ts";
import { LocalClock } from "./local_clock.ts";
import { LineError, readLogLine } from "./log_line.ts";
import { LogSource } from "./source.ts";

/** It cannot be done; the message says why, and what to do. */
export class ImportError extends Error {
  override readonly name = "ImportError";
}

/** See `ImportOptions`. */
export interface WantedOptions {
  readonly zone: string | null;
  readonly nowMs: number;
  readonly isForced: boolean;
}

/** A file of which something is to be read. */
export interface Wanted {
  readonly source: LogSource;
  readonly file: Identified;
  /** Epoch milliseconds. */
  readonly startMs: number;
}

/** What of the files is new. Throws an ImportError when one is no log, or is to be refused. */
export function wantedOf(
  found: readonly Identified[],
  records: readonly ImportRecord[],
  { zone, nowMs, isForced }: WantedOptions,
): readonly Wanted[] {
  const wanted: Wanted[] = [];
  for (const file of found) {
    const isSame = ({ sha256, bytes }: Pick<Identified, "sha256" | "bytes">) =>
      sha256 === file.sha256 && bytes === file.bytes;
    if (file.known?.bytes === file.bytes || wanted.some((one) => isSame(one.file))) continue;
    if (file.bytes === 0) continue;
    const startMs = firstTime(file.first, new LocalClock(zone));
    const endMs = firstTime(file.last.toReversed(), new LocalClock(zone));
    if (startMs === null || endMs === null) {
      throw new ImportError(
        `${file.path} is none of the logs that are known (see docs/MIGRATE.md): its line is ` +
          JSON.stringify((file.first[0] ?? "").slice(0, 80)),
      );
    }
    const other = records.find((one) =>
      one !== file.known && one.fromMs < endMs && one.toMs > startMs &&
      !(file.known !== null && one.sha256 === file.known.sha256)
    );
    if (other !== undefined && !isForced) {
      throw new ImportError(
        `${file.path} goes from ${iso(startMs)} to ${iso(endMs)}, and of that time ${other.name} ` +
          `was imported already (${iso(other.fromMs)} to ${iso(other.toMs)}). If its beats are ` +
          `others, add --force`,
      );
    }
    const skip = file.known?.bytes ?? 0;
    const source = new LogSource(file.path, new LocalClock(zone), skip, nowMs);
    wanted.push({ source, file, startMs });
  }
  return wanted;
}

/** The time of the first of some lines that can be read. */
function firstTime(lines: readonly string[], clock: LocalClock): number | null {
  for (const line of lines) {
    try {
      return readLogLine(line, clock, -Infinity).atMs;
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
    }
  }
  return null;
}

/** As the report has times. */
export function iso(atMs: number): string {
  return Number.isFinite(atMs) ? new Date(atMs).toISOString().slice(0, 19) + "Z" : "?";
}
