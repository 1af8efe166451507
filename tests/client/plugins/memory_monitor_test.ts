import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { System } from "../../../src/client/plugin.ts";
import {
  memoryMonitor,
  parseCim,
  parseMeminfo,
  reclaimableArcKib,
} from "../../../src/client/plugins/memory_monitor.ts";
import { NEVER, realSystem, recorded } from "./real_system.ts";
import { type Recording, replay } from "./recorded_system.ts";

async function collectFrom(system: System) {
  const plugin = await memoryMonitor.create({}, system);
  assert(plugin !== null);
  return await plugin.collect(NEVER);
}

const collect = (recording: Recording) => collectFrom(replay(recording).system);

Deno.test("memory and swap of Linux", async () => {
  assertEquals(
    await collect({ os: "linux", files: { "/proc/meminfo": "linux_meminfo.txt" } }),
    { percent: 75, total_mb: 15921, available_mb: 3980, swap_percent: 25, swap_total_mb: 2048 },
  );
});

Deno.test("the cache of ZFS above its minimum counts as available", async () => {
  assertEquals(reclaimableArcKib(await recorded("linux_arcstats.txt")), 3 * 1024 * 1024);
  assertEquals(reclaimableArcKib(""), 0);
  assertEquals(reclaimableArcKib("size 4 100\nc_min 4 536870912\n"), 0);
  const data = await collect({
    os: "linux",
    files: {
      "/proc/meminfo": "linux_meminfo.txt",
      "/proc/spl/kstat/zfs/arcstats": "linux_arcstats.txt",
    },
  });
  assertEquals([data.percent, data.available_mb], [55.7, 3980 + 3072]);
});

Deno.test("what an old kernel does not estimate is added up, and no swap is no trouble", async () => {
  assertEquals(
    await collect({ os: "linux", files: { "/proc/meminfo": "linux_meminfo_old.txt" } }),
    { percent: 45.9, total_mb: 1002, available_mb: 542, swap_percent: 0, swap_total_mb: 0 },
  );
});

Deno.test("a /proc/meminfo without the memory is an error that says so", () => {
  assertThrows(() => parseMeminfo("MemFree: 12 kB\n"), Error, 'no line "MemTotal"');
});

Deno.test("Windows: memory, and page files added up or missing", async () => {
  const programs = { "powershell.exe": "windows_memory.txt" };
  assertEquals(
    await collect({ os: "windows", programs }),
    { percent: 62.5, total_mb: 16384, available_mb: 6144, swap_percent: 25, swap_total_mb: 4096 },
  );
  const bare = parseCim(JSON.parse(await recorded("windows_memory_no_pagefile.txt")));
  assertEquals([bare.availableKib, bare.swapTotalKib, bare.swapFreeKib], [1048576, 0, 0]);
  assertThrows(() => parseCim({ total: null, free: 1, pages: [] }), Error, "Win32_OperatingSystem");
});

Deno.test("a PowerShell that fails is an error with what it said", async () => {
  const fails = { code: 1, stderr: "\r\nGet-CimInstance : Access denied\r\nAt line:1 char:7\r\n" };
  await assertRejects(
    () => collect({ os: "windows", programs: { "powershell.exe": fails } }),
    Error,
    "ended with exit code 1 and no output: Get-CimInstance : Access denied",
  );
  await assertRejects(
    () => collect({ os: "windows", programs: { "powershell.exe": { stdout: "WARNING: odd" } } }),
    Error,
    'PowerShell printed "WARNING: odd" where JSON was expected',
  );
});

Deno.test("where the runtime tells the memory, it is taken from there", async () => {
  const { total } = Deno.systemMemoryInfo();
  const { total_mb: totalMb } = await collect({ os: "darwin" });
  assertEquals(totalMb, Math.round(total / 1024 / 1024));
});

Deno.test({
  name: "this machine tells its memory",
  ignore: realSystem.os === "other",
  async fn() {
    const { percent, total_mb: totalMb, available_mb: availableMb } = await collectFrom(realSystem);
    assert(typeof percent === "number" && percent > 0 && percent < 100);
    assert(typeof totalMb === "number" && typeof availableMb === "number");
    assert(availableMb > 0 && availableMb < totalMb);
  },
});
