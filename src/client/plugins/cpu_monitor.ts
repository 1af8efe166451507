/**
 * How busy the processors are, the load, the number of processes and the time since the boot.
 *
 * The percentage is that of the time since the previous sample; the first one measures a moment of
 * its own. What a platform does not have (the load on Windows) is left out.
 */

import { cpus } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import type { Plugin, PluginData, PluginType, System } from "../plugin.ts";
import { busyPercent, coresPercent, type CpuSample, parseProcStat, sampleOf } from "./cpu_times.ts";
import { known, rounded } from "./numbers.ts";
import { booleanOption, onlyKnown } from "./options.ts";
import { listOptional, outputOptional, readOptional } from "./outside.ts";

const NAME = "cpu_monitor";

/** The first sample is compared with one taken this long before, milliseconds. */
const FIRST_MS = 200;

export const cpuMonitor: PluginType = {
  name: NAME,
  intervalS: 300,
  byDefault: true,
  create(options, system) {
    return Promise.try(() => {
      onlyKnown(NAME, options, ["per_core"]);
      const perCore = booleanOption(NAME, options, "per_core");
      return system.os === "other" ? null : new CpuMonitor(system, perCore);
    });
  },
};

class CpuMonitor implements Plugin {
  readonly name = NAME;
  readonly kind = "monitor";
  readonly #system: System;
  readonly #perCore: boolean;
  #before: CpuSample | null = null;

  constructor(system: System, perCore: boolean) {
    this.#system = system;
    this.#perCore = perCore;
  }

  async collect(signal: AbortSignal): Promise<PluginData> {
    const system = this.#system;
    let before = this.#before;
    if (before === null) {
      before = await takeSample(system);
      await wait(FIRST_MS, undefined, { signal });
    }
    const after = await takeSample(system);
    this.#before = after;
    const [load1, load5, load15] = await loads(system);
    return known({
      cpu_percent: busyPercent(before.all, after.all),
      load_1min: load1,
      load_5min: load5,
      load_15min: load15,
      process_count: await processCount(system, signal),
      uptime_s: Deno.osUptime(),
      frequency: await frequencyMhz(system),
      cores: this.#perCore ? coresPercent(before, after) : undefined,
    });
  }
}

async function takeSample(system: System): Promise<CpuSample> {
  if (system.os !== "linux") return sampleOf(cpus());
  return parseProcStat(await system.readText("/proc/stat"));
}

async function loads(system: System): Promise<number[]> {
  if (system.os === "windows") return [];
  if (system.os !== "linux") return Deno.loadavg().map((load) => rounded(load, 2));
  return parseLoadavg(await readOptional(system, "/proc/loadavg"));
}

async function processCount(system: System, signal: AbortSignal): Promise<number | undefined> {
  if (system.os === "linux") {
    const names = await listOptional(system, "/proc");
    return names.filter((name) => /^\d+$/.test(name)).length || undefined;
  }
  const argv = system.os === "windows"
    ? ["tasklist", "/NH", "/FO", "CSV"]
    : ["ps", "-A", "-o", "pid="];
  return countLines(await outputOptional(system, argv, signal)) || undefined;
}

/** Mean of the processors, MHz; undefined where the system does not tell. */
async function frequencyMhz(system: System): Promise<number | undefined> {
  if (system.os === "linux") {
    return parseCpuinfoMhz(await readOptional(system, "/proc/cpuinfo")) ??
      await governedMhz(system);
  }
  // Apple's own processors tell no frequency; the runtime makes one up for them.
  if (system.os === "darwin" && Deno.build.arch === "aarch64") return undefined;
  return mean(cpus().map(({ speed }) => speed));
}

/** What the frequency governors say, where /proc/cpuinfo does not (ARM). */
async function governedMhz(system: System): Promise<number | undefined> {
  const folder = "/sys/devices/system/cpu/cpufreq";
  const kilohertz: number[] = [];
  for (const policy of await listOptional(system, folder)) {
    const text = await readOptional(system, `${folder}/${policy}/scaling_cur_freq`);
    if (/^\d+\s*$/.test(text)) kilohertz.push(Number(text));
  }
  return mean(kilohertz.map((each) => each / 1000));
}

/** The three loads in /proc/loadavg; empty when they are not there. */
export function parseLoadavg(text: string): number[] {
  const [, ...loads] = /^(\d+\.\d+) (\d+\.\d+) (\d+\.\d+)/.exec(text) ?? [];
  return loads.map(Number);
}

/** The mean of the frequencies in /proc/cpuinfo, MHz; undefined when it has none. */
export function parseCpuinfoMhz(text: string): number | undefined {
  return mean([...text.matchAll(/^cpu MHz\s*:\s*([\d.]+)$/gm)].map(([, mhz]) => Number(mhz)));
}

/** The number of lines with something in them. */
export function countLines(text: string): number {
  return text.split("\n").filter((line) => line.trim() !== "").length;
}

function mean(values: readonly number[]): number | undefined {
  const sum = values.reduce((total, value) => total + value, 0);
  return sum > 0 ? rounded(sum / values.length, 0) : undefined;
}
