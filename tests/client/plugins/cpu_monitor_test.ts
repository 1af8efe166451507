import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { cpus } from "node:os";
import type { PluginData, System } from "../../../src/client/plugin.ts";
import {
  countLines,
  cpuMonitor,
  parseCpuinfoMhz,
  parseLoadavg,
} from "../../../src/client/plugins/cpu_monitor.ts";
import {
  busyPercent,
  coresPercent,
  parseProcStat,
  sampleOf,
} from "../../../src/client/plugins/cpu_times.ts";
import { NEVER, realSystem, recorded } from "./real_system.ts";
import { type Recording, replay } from "./recorded_system.ts";

const TWO_SAMPLES = ["linux_stat_before.txt", "linux_stat_after.txt"];

async function collectFrom(system: System, options: Record<string, unknown> = {}) {
  const plugin = await cpuMonitor.create(options, system);
  assert(plugin !== null);
  return await plugin.collect(NEVER);
}

async function collect(recording: Recording, options = {}): Promise<PluginData> {
  return await collectFrom(replay(recording).system, options);
}

Deno.test("waiting for disks is idle time, and guest time counts once", async () => {
  const before = parseProcStat(await recorded("linux_stat_before.txt"));
  const after = parseProcStat(await recorded("linux_stat_after.txt"));
  assertEquals(busyPercent(before.all, after.all), 30);
});

Deno.test("cores are those online in both samples", async () => {
  const before = parseProcStat(await recorded("linux_stat_before.txt"));
  const after = parseProcStat(await recorded("linux_stat_after.txt"));
  assertEquals([before.cores.size, after.cores.size], [4, 3]);
  assertEquals(coresPercent(before, after), [40, 0, 100]);
});

Deno.test("a kernel with fewer columns is read, one without the sums is an error", () => {
  const before = parseProcStat("cpu  100 0 100 800\n");
  const after = parseProcStat("cpu  150 0 100 850\n");
  assertEquals(busyPercent(before.all, after.all), 50);
  assertThrows(() => parseProcStat("cpu0 1 2 3 4\nbtime 5\n"), Error, 'no line "cpu"');
});

Deno.test("no time between two samples gives no percentage", () => {
  const sample = parseProcStat("cpu  100 0 100 800\n");
  assertEquals(busyPercent(sample.all, sample.all), undefined);
  assertEquals(busyPercent({ busy: 9, total: 20 }, { busy: 1, total: 10 }), undefined);
});

Deno.test("the times that the runtime tells add up to those of all cores", () => {
  const core = (user: number, idle: number) => ({
    model: "",
    speed: 0,
    times: { user, nice: 0, sys: 10, idle, irq: 4 },
  });
  const before = sampleOf([core(0, 0), core(0, 0)]);
  const after = sampleOf([core(50, 50), core(0, 100)]);
  assertEquals(busyPercent(before.all, after.all), 25);
  assertEquals(coresPercent(before, after), [50, 0]);
  assertThrows(() => sampleOf([]), Error, "does not tell the times");
});

Deno.test("the times that the runtime tells of this machine are usable", () => {
  const { all, cores } = sampleOf(cpus());
  assert(cores.size > 0 && all.total > 0 && all.busy <= all.total);
});

Deno.test("loads, frequencies and processes are read, and what is not there is unknown", async () => {
  assertEquals(parseLoadavg("0.18 1.49 12.70 1/93 9034\n"), [0.18, 1.49, 12.7]);
  assertEquals(parseLoadavg(""), []);
  assertEquals(parseCpuinfoMhz(await recorded("linux_cpuinfo.txt")), 2050);
  assertEquals(parseCpuinfoMhz(await recorded("linux_cpuinfo_arm.txt")), undefined);
  assertEquals(countLines(await recorded("macos_ps.txt")), 4);
  assertEquals(countLines(await recorded("windows_tasklist.txt")), 4);
});

Deno.test("the first sample measures a moment of its own, later ones the time in between", async () => {
  const { system } = replay({ os: "linux", files: { "/proc/stat": TWO_SAMPLES } });
  const plugin = await cpuMonitor.create({}, system);
  assertEquals((await plugin?.collect(NEVER))?.cpu_percent, 30);
  // The recording stands still from here on.
  assertEquals((await plugin?.collect(NEVER))?.cpu_percent, undefined);
});

Deno.test("processors without their own frequency have that of their governors", async () => {
  const folder = "/sys/devices/system/cpu/cpufreq";
  const { system } = replay({
    os: "linux",
    files: { "/proc/stat": TWO_SAMPLES, "/proc/cpuinfo": "linux_cpuinfo_arm.txt" },
    folders: { [folder]: ["policy0", "policy4", "boost"], "/proc": ["1", "17", "self", "stat"] },
  });
  const governed: System = {
    ...system,
    readText: (path) =>
      path.endsWith("/scaling_cur_freq") && !path.includes("boost")
        ? Promise.resolve(path.includes("policy4") ? "2400000\n" : "1500000\n")
        : system.readText(path),
  };
  const data = await collectFrom(governed);
  assertEquals([data.frequency, data.process_count], [1950, 2]);
});

Deno.test("a container that has only /proc/stat tells what it can", async () => {
  const data = await collect({ os: "linux", files: { "/proc/stat": TWO_SAMPLES } });
  assertEquals(Object.keys(data), ["cpu_percent", "uptime_s"]);
});

Deno.test("without /proc/stat the plugin says so", async () => {
  const plugin = await cpuMonitor.create({}, replay({ os: "linux" }).system);
  await assertRejects(
    () => plugin?.collect(NEVER) ?? Promise.resolve(),
    Deno.errors.NotFound,
    "/proc/stat",
  );
});

Deno.test("Windows tells no load; macOS and Windows count their processes", async () => {
  const programs = { "tasklist /NH /FO CSV": "windows_tasklist.txt", "ps -A": "macos_ps.txt" };
  const windows = await collect({ os: "windows", programs });
  assertEquals([windows.process_count, windows.load_1min], [4, undefined]);
  const macos = await collect({ os: "darwin", programs });
  assertEquals([macos.process_count, typeof macos.load_1min], [4, "number"]);
});

Deno.test("the wait of the first sample ends when the plugin is stopped", async () => {
  const { system } = replay({ os: "linux", files: { "/proc/stat": TWO_SAMPLES } });
  const plugin = await cpuMonitor.create({}, system);
  const stop = new AbortController();
  const collecting = plugin?.collect(stop.signal) ?? Promise.resolve({});
  stop.abort();
  await assertRejects(() => collecting, Error, "abort");
});

Deno.test({
  name: "this machine tells how busy it is",
  ignore: realSystem.os === "other",
  async fn() {
    const data = await collectFrom(realSystem, { per_core: true });
    const { cpu_percent: percent, cores } = data;
    assert(typeof percent === "number" && percent >= 0 && percent <= 100, `${percent} %`);
    assert(Array.isArray(cores) && cores.length > 0);
    if (Deno.build.os !== "linux") return;
    for (const field of ["load_1min", "load_5min", "load_15min", "process_count", "uptime_s"]) {
      assertEquals(typeof data[field], "number", field);
    }
  },
});

Deno.test("per_core is a switch", async () => {
  await assertRejects(
    () => cpuMonitor.create({ per_core: "yes" }, realSystem),
    Error,
    'cpu_monitor: "per_core" must be true or false, not "yes"',
  );
});
