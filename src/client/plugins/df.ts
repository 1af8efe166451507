/**
 * How full file systems are, asked with `df`.
 *
 * `df` gets the mount points it is to look at: left alone it asks every one, also the share whose
 * server is gone. Its table is read by its header and from both ends, since devices and mount
 * points may have spaces in them. 1 MB is 1024 × 1024 bytes, 1 GB is 1024 MB.
 */

import type { System } from "../plugin.ts";
import { known, percentOf, rounded } from "./numbers.ts";

export interface DfRow {
  readonly device: string;
  readonly point: string;
  /** The numbers between device and mount point; NaN for what `df` prints as `-`. */
  readonly columns: readonly number[];
}

/** What is known of one file system, ready for the wire. */
export type Usage = Readonly<Record<string, unknown>>;

/** The usage of the file systems mounted on `points`; those that cannot be asked are left out. */
export async function usageOf(
  points: readonly string[],
  system: System,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Usage>> {
  if (points.length === 0) return new Map();
  if (system.os !== "linux") {
    // The BSDs have both in one table, and no inodes in the POSIX format.
    const rows = parseDf(await df(["-k", "-i"], points, system, signal));
    return usageByPoint(rows, ({ columns: [, , , , used, free] }) => inodesPercent(used, free));
  }
  const rows = parseDf(await df(["-P", "-k"], points, system, signal));
  const inodes = parseDf(await df(["-P", "-i"], points, system, signal));
  const inodesByPoint = new Map(inodes.map((row) => [row.point, row.columns]));
  return usageByPoint(rows, ({ point }) => {
    const [, used, free] = inodesByPoint.get(point) ?? [];
    return inodesPercent(used, free);
  });
}

/** Its exit code tells only that some of them could not be asked; the others are in the table. */
async function df(
  options: readonly string[],
  points: readonly string[],
  system: System,
  signal: AbortSignal,
): Promise<string> {
  return (await system.run(["df", ...options, ...points], signal)).stdout;
}

/** Usage of a file system, from KiB; its percentage is of what ordinary users may fill. */
export function usage(
  totalKib: number,
  usedKib: number,
  freeKib: number,
  inodes?: number,
): Usage {
  const free = Math.max(0, freeKib);
  return known({
    percent: percentOf(usedKib, usedKib + free),
    total_gb: rounded(totalKib / 1024 ** 2, 2),
    free_gb: rounded(free / 1024 ** 2, 2),
    free_mb: rounded(free / 1024, 0),
    inodes_percent: inodes,
  });
}

/** Reads the table that `df -P -k`, `df -P -i` or (macOS) `df -k -i` prints. */
export function parseDf(text: string): DfRow[] {
  const [header = "", ...lines] = text.split("\n");
  // Behind "Filesystem", before "Mounted on".
  const count = header.trim().split(/\s+/).length - 3;
  if (count < 4) return [];
  const row = new RegExp(`^(.+?)\\s+((?:(?:-?\\d+%?|-)\\s+){${count}})(/.*)$`);
  return lines.flatMap((line) => {
    const [, device, numbers, point] = row.exec(line) ?? [];
    if (device === undefined || numbers === undefined || point === undefined) return [];
    const columns = numbers.trim().split(/\s+/).map(Number.parseFloat);
    return [{ device, point, columns }];
  });
}

function usageByPoint(
  rows: readonly DfRow[],
  inodesOf: (row: DfRow) => number | undefined,
): ReadonlyMap<string, Usage> {
  const usages = new Map<string, Usage>();
  for (const row of rows) {
    const [total = NaN, used = NaN, free = NaN] = row.columns;
    if (!(total > 0) || Number.isNaN(used + free)) continue;
    usages.set(row.point, usage(total, used, free, inodesOf(row)));
  }
  return usages;
}

/** Undefined where a file system counts no inodes (btrfs, FAT). */
function inodesPercent(used = NaN, free = NaN): number | undefined {
  return used + free > 0 ? percentOf(used, used + free) : undefined;
}
