/**
 * `hbc_memory`: resident memory of hbc with all plugins, after an hour's worth of beats and of
 * plugin rounds, and whether it grows after that.
 *
 * Both programs are the real ones. Time is sped up 300 times by hbc's own configuration: a beat every
 * 0.1 s instead of 30 s, each plugin every second instead of 300 s; 120 beats and 12 rounds are an
 * hour. The first hour, 12 s, is spent on starting up, so hbc goes on for nine more. VmRSS of
 * /proc/PID/status is read four times a second. It does not grow when the median of the last quarter is
 * at most 5 % above that of the second quarter.
 *
 * All plugins: those that run by themselves, and ping_monitor, nagios_runner and an exec plugin with
 * something harmless to do. zfs_monitor takes part where there is `zpool`. The programs they start
 * are processes of their own and not counted. The books: the server must have a sample of every
 * plugin for nearly every round, none of them an error, and all beats.
 */

import { join } from "@std/path";
import { type Bench, BENCH_DIR, BenchError, type Figure, median, sleep } from "./harness.ts";
import { residentMb } from "./memory.ts";

const HOURS = 10;
const BEATS_AN_HOUR = 120;
const ROUNDS_AN_HOUR = 12;
const SPEED = 300;
const GROWTH_LIMIT = 0.05;
const SAMPLE_MS = 250;
/** hbc may take this many times as long before the benchmark gives up. */
const PATIENCE = 2;
/** Share of the rounds that must have come in: a busy machine may leave out one or two. */
const ROUNDS_WANTED = 0.95;

const NAME = "bench-client";
const CHECK = "/usr/lib/nagios/plugins/check_load";
const ONCE = ["os_info", "filesystem_info"];
const MONITORS = ["cpu_monitor", "memory_monitor", "disk_monitor", "network_monitor"];
const ALL = [...ONCE, ...MONITORS, "ping_monitor", "nagios_runner", "exec_check"];

interface Reading {
  /** Beats that the server had by then. */
  readonly beats: number;
  readonly rssMb: number;
}

export async function hbcMemory(bench: Bench): Promise<Figure> {
  const scratch = await bench.tempDir();
  const serverConfig = join(scratch, "hbd.yaml");
  Deno.writeTextFileSync(serverConfig, "max_samples: 10000\n");
  const args = ["--http-port", "0", "-c", serverConfig];
  const { port, udpPort } = await bench.hbd({ stateDir: await bench.tempDir(), args });
  const clientConfig = join(scratch, "hbc.json");
  Deno.writeTextFileSync(clientConfig, clientConfigText(udpPort, await bench.tempDir()));
  const entry = join(BENCH_DIR, "../../src/client/main.ts");
  bench.progress(`hbc_memory: ${HOURS} hours' worth of beats, ${SPEED} times as fast`);
  const hbc = bench.start("deno", ["run", "-A", entry, "-c", clientConfig]);

  const readings: Reading[] = [];
  const wanted = HOURS * BEATS_AN_HOUR;
  const limitMs = Date.now() + HOURS * 3_600_000 / SPEED * PATIENCE;
  let beats = 0;
  while (beats < wanted && Date.now() < limitMs && !hbc.hasEnded()) {
    beats = await beatsOf(port);
    if (beats > 0) readings.push({ beats, rssMb: residentMb(hbc.pid).rssMb });
    await sleep(SAMPLE_MS);
  }
  const faults = beats < wanted
    ? [`${beats} beats instead of ${wanted}`]
    : await pluginFaults(port, ROUNDS_AN_HOUR * HOURS * ROUNDS_WANTED);
  await hbc.stop();

  const between = (fromHour: number, toHour: number) =>
    median(
      readings.filter((r) =>
        r.beats > fromHour * BEATS_AN_HOUR && r.beats <= toHour * BEATS_AN_HOUR
      )
        .map(({ rssMb }) => rssMb),
    );
  const second = between(HOURS / 4, HOURS / 2);
  const last = between(HOURS * 3 / 4, Infinity);
  const growth = last / second - 1;
  const all = readings.map(({ rssMb }) => rssMb);
  return {
    name: "hbc_memory",
    measured: `${between(0.9, 1.1).toFixed(0)} MB, then ${signed(growth)}`,
    wanted: `stated, then ≤ +${GROWTH_LIMIT * 100} %`,
    ok: growth <= GROWTH_LIMIT && faults.length === 0,
    notes: [
      `medians of the quarters of ${HOURS} hours' worth: ` +
      [0, 1, 2, 3].map((q) => between(HOURS * q / 4, HOURS * (q + 1) / 4).toFixed(0)).join(", ") +
      ` MB; lowest ${Math.min(...all).toFixed(0)} MB, highest ${Math.max(...all).toFixed(0)} MB`,
      `growth: the last quarter above the second, ${signed(growth)}`,
      `plugins: ${await pluginNames(port)}`,
      ...faults.map((fault) => `DOES NOT COUNT: ${fault}`),
    ],
  };
}

function clientConfigText(udpPort: number, spoolDir: string): string {
  const interval = 3600 / ROUNDS_AN_HOUR / SPEED;
  return JSON.stringify({
    servers: [`127.0.0.1:${udpPort}`],
    name: NAME,
    interval: 3600 / BEATS_AN_HOUR / SPEED,
    boot: true,
    spool_dir: spoolDir,
    plugins: {
      ...Object.fromEntries(MONITORS.map((name) => [name, { interval }])),
      cpu_monitor: { interval, per_core: true },
      zfs_monitor: { interval },
      ping_monitor: { interval, hosts: ["127.0.0.1"], count: 1 },
      nagios_runner: { interval, commands: [{ name: "load", command: [...nagiosCommand()] }] },
      exec_check: { interval, exec: ["echo", '{"answer": 42}'] },
    },
  });
}

/** A real plugin where there is one, else what prints the same. */
function nagiosCommand(): readonly string[] {
  try {
    Deno.statSync(CHECK);
    return [CHECK, "-w", "99,99,99", "-c", "999,999,999"];
  } catch {
    return ["echo", "OK - load average: 0.10|load1=0.100;99.000;999.000;0;"];
  }
}

async function beatsOf(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/api/0/hosts/${NAME}`);
  const body: { readonly total?: number } = await response.json();
  return response.ok ? body.total ?? 0 : 0;
}

interface PluginAnswer {
  readonly data: Readonly<Record<string, unknown>>;
  readonly sample_count: number;
}

async function pluginsOf(port: number): Promise<Readonly<Record<string, PluginAnswer>>> {
  const response = await fetch(`http://127.0.0.1:${port}/api/0/hosts/${NAME}/plugins`);
  if (!response.ok) throw new BenchError(`The plugins were answered with ${response.status}`);
  return (await response.json()).plugins;
}

async function pluginNames(port: number): Promise<string> {
  return Object.entries(await pluginsOf(port)).map(([name, { sample_count }]) =>
    `${name} (${sample_count} samples)`
  ).join(", ");
}

async function pluginFaults(port: number, rounds: number): Promise<string[]> {
  const plugins = await pluginsOf(port);
  return ALL.flatMap((name) => {
    const plugin = plugins[name];
    const wanted = ONCE.includes(name) ? 1 : rounds;
    if (plugin === undefined) return [`no sample of ${name}`];
    if (plugin.data.error !== undefined) return [`${name}: ${plugin.data.error}`];
    return plugin.sample_count >= wanted
      ? []
      : [`${plugin.sample_count} samples of ${name} instead of ${Math.ceil(wanted)}`];
  });
}

function signed(share: number): string {
  return `${share < 0 ? "−" : "+"}${Math.abs(share * 100).toFixed(1)} %`;
}
