/** What each disk has read and written since the boot: Linux's /proc/diskstats. */

import type { Counters } from "./numbers.ts";

export type DiskCounter = "reads" | "writes" | "read_bytes" | "write_bytes" | "busy_ms";

/** The kernel counts in these, whatever the disk's own sectors are; bytes. */
const SECTOR_BYTES = 512;

/** Made of memory or of files on disks that count already. */
const NO_DISK = /^(?:loop|ram|zram|fd|sr)\d/;

/**
 * Reads /proc/diskstats (the kernel's Documentation/admin-guide/iostats.rst): whole disks only, and
 * only those that were ever used.
 */
export function parseDiskstats(text: string): ReadonlyMap<string, Counters<DiskCounter>> {
  const all = new Map<string, Counters<DiskCounter>>();
  for (const line of text.split("\n")) {
    const [, , name, ...fields] = line.trim().split(/\s+/);
    // Very old kernels tell less of partitions.
    if (name === undefined || fields.length < 11) continue;
    const [reads = 0, , sectorsRead = 0, , writes = 0, , sectorsWritten = 0, , , busyMs = 0] =
      fields.map(Number);
    all.set(name, {
      reads,
      writes,
      read_bytes: sectorsRead * SECTOR_BYTES,
      write_bytes: sectorsWritten * SECTOR_BYTES,
      busy_ms: busyMs,
    });
  }
  return new Map(
    [...all].filter(([name, { reads, writes }]) =>
      reads + writes > 0 && !NO_DISK.test(name) && !isPartition(name, all)
    ),
  );
}

/** `sda1` of `sda`, `nvme0n1p1` of `nvme0n1`; but `md12` is not one of `md1`. */
function isPartition(name: string, disks: ReadonlyMap<string, unknown>): boolean {
  const [, disk = ""] = /^(.*\d)p\d+$/.exec(name) ?? /^(.*\D)\d+$/.exec(name) ?? [];
  return disks.has(disk);
}
