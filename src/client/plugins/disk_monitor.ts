/**
 * How full the file systems are, and on Linux how much the disks read and write.
 *
 * Measured are the file systems on this machine's disks, or exactly those that the option `mounts`
 * names. One that does not answer (its disk fails, it is not mounted) is reported, not passed over.
 */

import type { Plugin, PluginData, PluginType, System } from "../plugin.ts";
import { type Usage, usage, usageOf } from "./df.ts";
import { type DiskCounter, parseDiskstats } from "./diskstats.ts";
import { physicalMounts, readMounts } from "./mounts.ts";
import { known, MAX_ENTRIES, Rates, rounded } from "./numbers.ts";
import { namesOption, onlyKnown } from "./options.ts";
import { objectsOf, powerShell, readOptional } from "./outside.ts";

const NAME = "disk_monitor";
const MOUNT_POINTS = "mount points (absolute paths; drives such as C: on Windows)";

export const diskMonitor: PluginType = {
  name: NAME,
  intervalS: 300,
  byDefault: true,
  create(options, system) {
    return Promise.try(() => {
      onlyKnown(NAME, options, ["mounts"]);
      const points = namesOption(NAME, options, "mounts", MOUNT_POINTS);
      const isWrong = (point: string) => !point.startsWith("/") && system.os !== "windows";
      const wrong = points?.find(isWrong);
      if (wrong === undefined) return new DiskMonitor(system, points);
      throw new Error(`${NAME}: "mounts" must be a list of ${MOUNT_POINTS}; "${wrong}" is none`);
    });
  },
};

/** What the plugin does; apart from its type so that a test can give it a clock. */
export class DiskMonitor implements Plugin {
  readonly name = NAME;
  readonly kind = "monitor";
  readonly #system: System;
  readonly #points: readonly string[] | null;
  readonly #rates: Rates<DiskCounter>;

  /** `points` are the mount points to measure, null for those on this machine's disks. */
  constructor(
    system: System,
    points: readonly string[] | null,
    rates: Rates<DiskCounter> = new Rates(),
  ) {
    this.#system = system;
    this.#points = points;
    this.#rates = rates;
  }

  async collect(signal: AbortSignal): Promise<PluginData> {
    const [points, usages] = await this.#usages(signal);
    const partitions = points.slice(0, MAX_ENTRIES).map((point): [string, Usage] => {
      return [
        point,
        usages.get(point) ?? { error: "Nothing is mounted there that tells its size" },
      ];
    });
    return known({
      partitions: Object.fromEntries(partitions),
      left_out: points.length > MAX_ENTRIES ? points.length - MAX_ENTRIES : undefined,
      io: this.#system.os === "linux" ? await this.#io() : undefined,
    });
  }

  /** The mount points to measure, and what is known of them. */
  async #usages(
    signal: AbortSignal,
  ): Promise<[points: readonly string[], usages: ReadonlyMap<string, Usage>]> {
    const system = this.#system;
    if (system.os === "windows") {
      const usages = parseLogicalDisks(await powerShell(system, LOGICAL_DISKS, signal));
      return [this.#points ?? [...usages.keys()], usages];
    }
    const points = this.#points ??
      physicalMounts(await readMounts(system, signal), system.os).map(({ point }) => point);
    return [points, await usageOf(points, system, signal)];
  }

  async #io(): Promise<Record<string, unknown> | undefined> {
    const disks = parseDiskstats(await readOptional(this.#system, "/proc/diskstats"));
    const rate = this.#rates.next(disks);
    if (disks.size === 0) return undefined;
    const entries = [...disks].slice(0, MAX_ENTRIES).map(([disk, counters]) => {
      const busyMsPerS = rate(disk, "busy_ms");
      return [
        disk,
        known({
          ...counters,
          reads_per_s: rate(disk, "reads"),
          writes_per_s: rate(disk, "writes"),
          read_bytes_per_s: rate(disk, "read_bytes"),
          write_bytes_per_s: rate(disk, "write_bytes"),
          busy_percent: busyMsPerS && Math.min(100, rounded(busyMsPerS / 10)),
        }),
      ];
    });
    return Object.fromEntries(entries);
  }
}

/** Local disks (type 3), not network drives, nor discs. */
const LOGICAL_DISKS = "Get-CimInstance Win32_LogicalDisk -Filter 'DriveType=3' | " +
  "Select-Object DeviceID, Size, FreeSpace | ConvertTo-Json -Compress";

/** Reads the answer to `LOGICAL_DISKS`, in bytes; a drive without a medium has no size. */
export function parseLogicalDisks(json: unknown): ReadonlyMap<string, Usage> {
  const usages = new Map<string, Usage>();
  for (const { DeviceID, Size, FreeSpace } of objectsOf(json)) {
    const [totalKib, freeKib] = [Number(Size) / 1024, Number(FreeSpace) / 1024];
    if (typeof DeviceID !== "string" || !(totalKib > 0)) continue;
    usages.set(DeviceID, usage(totalKib, totalKib - freeKib, freeKib));
  }
  return usages;
}
