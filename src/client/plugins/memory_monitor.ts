/**
 * How much memory and swap there is and how much is left for programs.
 *
 * Available is what programs can get without swapping: free memory, and caches that are given up
 * when needed. The cache of ZFS (ARC) is one of these, above its minimum, though Linux does not
 * count it. 1 MB is 1024 × 1024 bytes.
 */

import type { PluginData, PluginType, System } from "../plugin.ts";
import { percentOf, rounded } from "./numbers.ts";
import { onlyKnown } from "./options.ts";
import { objectsOf, powerShell, readOptional } from "./outside.ts";

const NAME = "memory_monitor";

export const memoryMonitor: PluginType = {
  name: NAME,
  intervalS: 300,
  byDefault: true,
  create(options, system) {
    return Promise.try(() => {
      onlyKnown(NAME, options);
      if (system.os === "other") return null;
      return {
        name: NAME,
        kind: "monitor",
        collect: async (signal) => dataOf(await memoryOf(system, signal)),
      };
    });
  },
};

/** All in KiB. */
export interface Memory {
  readonly totalKib: number;
  readonly availableKib: number;
  readonly swapTotalKib: number;
  readonly swapFreeKib: number;
}

async function memoryOf(system: System, signal: AbortSignal): Promise<Memory> {
  if (system.os === "linux") {
    const memory = parseMeminfo(await system.readText("/proc/meminfo"));
    const arc = await readOptional(system, "/proc/spl/kstat/zfs/arcstats");
    return { ...memory, availableKib: memory.availableKib + reclaimableArcKib(arc) };
  }
  if (system.os === "windows") return parseCim(await powerShell(system, CIM_COMMAND, signal));
  const { total, available, swapTotal, swapFree } = Deno.systemMemoryInfo();
  const [totalKib, availableKib, swapTotalKib, swapFreeKib] = [
    total / 1024,
    available / 1024,
    swapTotal / 1024,
    swapFree / 1024,
  ];
  return { totalKib, availableKib, swapTotalKib, swapFreeKib };
}

function dataOf({ totalKib, availableKib, swapTotalKib, swapFreeKib }: Memory): PluginData {
  if (totalKib <= 0) throw new Error("The system does not tell how much memory it has");
  const available = Math.min(availableKib, totalKib);
  return {
    percent: percentOf(totalKib - available, totalKib),
    total_mb: rounded(totalKib / 1024, 0),
    available_mb: rounded(available / 1024, 0),
    swap_percent: percentOf(swapTotalKib - swapFreeKib, swapTotalKib),
    swap_total_mb: rounded(swapTotalKib / 1024, 0),
  };
}

/** Reads /proc/meminfo (proc_meminfo(5)). Throws an Error when it does not tell the memory. */
export function parseMeminfo(text: string): Memory {
  const kib = new Map<string, number>();
  for (const [, key = "", value] of text.matchAll(/^([^:\s]+):\s+(\d+)/gm)) {
    kib.set(key, Number(value));
  }
  const totalKib = kib.get("MemTotal");
  if (totalKib === undefined) throw new Error('/proc/meminfo has no line "MemTotal"');
  const sum = (...keys: string[]) => keys.reduce((total, key) => total + (kib.get(key) ?? 0), 0);
  // Before Linux 3.14 there was no estimate of the kernel's own.
  const estimateKib = sum("MemFree", "Buffers", "Cached", "SReclaimable") - sum("Shmem");
  return {
    totalKib,
    availableKib: kib.get("MemAvailable") ?? Math.max(0, estimateKib),
    swapTotalKib: sum("SwapTotal"),
    swapFreeKib: sum("SwapFree"),
  };
}

/** KiB of the ARC above its minimum, from ZFS's arcstats (lines of name, type, value in bytes). */
export function reclaimableArcKib(arcstats: string): number {
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}\\s+\\d+\\s+(\\d+)$`, "m").exec(arcstats)?.[1] ?? 0);
  return Math.max(0, bytes("size") - bytes("c_min")) / 1024;
}

const CIM_COMMAND = "$os = Get-CimInstance Win32_OperatingSystem; " +
  "$pages = @(Get-CimInstance Win32_PageFileUsage | " +
  "Select-Object AllocatedBaseSize, CurrentUsage); " +
  "@{ total = $os.TotalVisibleMemorySize; free = $os.FreePhysicalMemory; pages = $pages }" +
  " | ConvertTo-Json -Compress";

/** Reads what Windows answers to `CIM_COMMAND`: memory in KiB, page files in MiB. */
export function parseCim(json: unknown): Memory {
  const [{ total, free, pages } = {}] = objectsOf(json);
  if (typeof total !== "number" || typeof free !== "number") {
    throw new Error(
      "Win32_OperatingSystem tells neither TotalVisibleMemorySize nor " +
        "FreePhysicalMemory",
    );
  }
  let [swapTotalKib, swapUsedKib] = [0, 0];
  for (const { AllocatedBaseSize, CurrentUsage } of objectsOf(pages)) {
    swapTotalKib += Number(AllocatedBaseSize ?? 0) * 1024;
    swapUsedKib += Number(CurrentUsage ?? 0) * 1024;
  }
  const swapFreeKib = swapTotalKib - swapUsedKib;
  return { totalKib: total, availableKib: free, swapTotalKib, swapFreeKib };
}
