/**
 * zfs_monitor: health, space and I/O of the ZFS pools.
 *
 *   {"pools": {"tank": {"health": "ONLINE", "health_ok": true, "capacity_percent": 45,
 *     "fragmentation_percent": 12, "dedup_ratio": 1, "size_bytes": 3985729650688, …,
 *     "reads_total": 1023, "writes_total": 84, "read_bytes_total": 9123840, …}}}
 *
 * I/O totals come from the kernel: those of the pool where it counts them, else the sum over its
 * mounted datasets (which falls when one is unmounted). Systems without either (FreeBSD, macOS)
 * give the mean rates of `zpool iostat` instead. A pool that was never imported is not in the list.
 */

import type { PluginType, System } from "../plugin.ts";
import { firstLine } from "./option_values.ts";
import { onlyKnown } from "./options.ts";
import { listOptional, readOptional } from "./outside.ts";
import { runWithin } from "./time_limit.ts";
import {
  addTotals,
  type IoRates,
  type IoTotals,
  parseKstat,
  parsePoolIostat,
  parsePoolList,
  POOL_COLUMNS,
} from "./zpool_output.ts";

const NAME = "zfs_monitor";

/** The search path of a daemon often ends before the folders of administrators. */
const PROGRAMS = ["zpool", "/sbin/zpool", "/usr/sbin/zpool", "/usr/local/sbin/zpool"];

/** How long `zpool` may take to show that it can be run. */
const PROBE_S = 5;

/** Watches all pools; runs by default where `zpool` can be run. */
export const zfsMonitor: PluginType = {
  name: NAME,
  intervalS: 300,
  byDefault: true,
  async create(options, system) {
    onlyKnown(NAME, options);
    const program = await findZpool(system);
    if (program === null) return null;
    return {
      name: NAME,
      kind: "monitor",
      async collect(signal) {
        const list = [program, "list", "-H", "-p", "-o", POOL_COLUMNS];
        const pools = parsePoolList(await output(system, list, signal));
        const missing: string[] = [];
        const facts = new Map<string, object>();
        for (const [pool, known] of pools) {
          const totals = await ioTotals(system, pool);
          if (totals === null) missing.push(pool);
          facts.set(pool, { ...known, ...totals });
        }
        if (missing.length > 0) {
          const rates = await ioRates(system, program, signal);
          for (const pool of missing) facts.set(pool, { ...facts.get(pool), ...rates.get(pool) });
        }
        return { pools: Object.fromEntries(facts) };
      },
    };
  },
};

async function findZpool(system: System): Promise<string | null> {
  for (const program of PROGRAMS) {
    try {
      // Any answer will do: without the kernel's part the plugin is to say so each time it runs.
      await runWithin(system, [program, "version"], PROBE_S, new AbortController().signal);
      return program;
    } catch {
      // It is not there.
    }
  }
  return null;
}

async function output(
  system: System,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const { code, stdout, stderr } = await system.run(argv, signal);
  if (code === 0) return stdout;
  if (/no pools available/.test(stdout + stderr)) return "";
  const said = firstLine(stderr) || firstLine(stdout) || "it said nothing";
  throw new Error(`${NAME}: ${argv.slice(0, 2).join(" ")} ended with code ${code}: ${said}`);
}

/** Null where the kernel does not tell. */
async function ioTotals(system: System, pool: string): Promise<IoTotals | null> {
  const folder = `/proc/spl/kstat/zfs/${pool}`;
  const ofPool = parseKstat(await readOptional(system, `${folder}/io`));
  if (ofPool !== null) return ofPool;
  let sum: IoTotals | null = null;
  for (const name of await listOptional(system, folder)) {
    if (!name.startsWith("objset-")) continue;
    // A dataset that was unmounted meanwhile has no text, and no totals.
    const totals = parseKstat(await readOptional(system, `${folder}/${name}`));
    if (totals !== null) sum = sum === null ? totals : addTotals(sum, totals);
  }
  return sum;
}

/** Rates are an extra: when they cannot be had the rest is still worth telling. */
async function ioRates(
  system: System,
  program: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, IoRates>> {
  try {
    return parsePoolIostat(await output(system, [program, "iostat", "-H", "-p"], signal));
  } catch (error) {
    if (signal.aborted) throw error;
    return new Map();
  }
}
