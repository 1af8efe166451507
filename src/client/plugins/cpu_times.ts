/**
 * How busy processors were between two samples of the times they have counted since the boot.
 *
 * Linux counts in /proc/stat; elsewhere the runtime asks the system (`node:os`).
 */

import type { CpuInfo } from "node:os";
import { percentOf } from "./numbers.ts";

/** Time counted since the boot, in whatever unit the system counts. */
export interface CpuTimes {
  readonly busy: number;
  readonly total: number;
}

export interface CpuSample {
  readonly all: CpuTimes;
  /** By the name of the core; only cores that are online. */
  readonly cores: ReadonlyMap<string, CpuTimes>;
}

/** Reads /proc/stat. Throws an Error when its line of sums is missing. */
export function parseProcStat(text: string): CpuSample {
  let all: CpuTimes | null = null;
  const cores = new Map<string, CpuTimes>();
  for (const [, number, numbers = ""] of text.matchAll(/^cpu(\d*) +([\d ]+)$/gm)) {
    // Guest time (columns 9 and 10) is in user time already; old kernels have fewer columns.
    const times = numbers.trim().split(/ +/).slice(0, 8).map(Number);
    const total = times.reduce((sum, time) => sum + time, 0);
    const [, , , idle = 0, ioWait = 0] = times;
    const sample = { busy: total - idle - ioWait, total };
    if (number) cores.set(number, sample);
    else all = sample;
  }
  if (all === null) throw new Error('/proc/stat has no line "cpu" with the times of all cores');
  return { all, cores };
}

/** A sample of what `cpus()` of node:os tells. Throws an Error when it knows no processor. */
export function sampleOf(cpus: readonly CpuInfo[]): CpuSample {
  if (cpus.length === 0) throw new Error("The system does not tell the times of its processors");
  const cores = new Map(cpus.map(({ times: { user, nice, sys, idle } }, index) => {
    // Interrupts are in system time already.
    const busy = user + nice + sys;
    return [String(index), { busy, total: busy + idle }];
  }));
  let [busy, total] = [0, 0];
  for (const core of cores.values()) {
    busy += core.busy;
    total += core.total;
  }
  return { all: { busy, total }, cores };
}

/** Percent of the time between two samples; undefined when no time has been counted. */
export function busyPercent(before: CpuTimes, after: CpuTimes): number | undefined {
  const total = after.total - before.total;
  return total > 0 ? percentOf(after.busy - before.busy, total) : undefined;
}

/** `busyPercent` of each core that was online in both samples, in the order of the cores. */
export function coresPercent(before: CpuSample, after: CpuSample): number[] {
  const percents: number[] = [];
  for (const [name, times] of after.cores) {
    const was = before.cores.get(name);
    const percent = was && busyPercent(was, times);
    if (percent !== undefined) percents.push(percent);
  }
  return percents;
}
