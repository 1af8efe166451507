import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import project from "../../../deno.json" with { type: "json" };
import type { System } from "../../../src/client/plugin.ts";
import { osInfo, parseOsRelease, parseSwVers } from "../../../src/client/plugins/os_info.ts";
import { NEVER, realSystem, recorded } from "./real_system.ts";
import { replay } from "./recorded_system.ts";

async function collect(system: System) {
  const plugin = await osInfo.create({}, system);
  assert(plugin !== null);
  assertEquals([plugin.name, plugin.kind], ["os_info", "info"]);
  return await plugin.collect(NEVER);
}

Deno.test("a distribution has the name it shows to people", async () => {
  assertEquals(
    parseOsRelease(await recorded("os_release_debian.txt")),
    "Debian GNU/Linux 12 (bookworm)",
  );
});

Deno.test("a distribution without one has its name and version, quotes and escapes removed", async () => {
  assertEquals(parseOsRelease(await recorded("os_release_odd.txt")), "Shop \\$ Till 4.2");
  assertEquals(parseOsRelease('NAME="Shop \\$ Till"'), "Shop $ Till");
  assertEquals(parseOsRelease("ID=alpine\r\nVERSION_ID=3.19\r\n"), "alpine 3.19");
  assertEquals(parseOsRelease(""), undefined);
});

Deno.test("macOS has its name and version", async () => {
  assertEquals(parseSwVers(await recorded("macos_sw_vers.txt")), "macOS 14.5");
  assertEquals(parseSwVers("ProductName: Mac OS X"), "Mac OS X");
  assertEquals(parseSwVers("sw_vers: not found"), undefined);
});

Deno.test("Linux tells the second of its boot, and /usr/lib where /etc has no os-release", async () => {
  const { system } = replay({
    os: "linux",
    files: {
      "/proc/stat": "linux_stat_before.txt",
      "/usr/lib/os-release": "os_release_debian.txt",
    },
  });
  const { distribution, boot_time } = await collect(system);
  assertEquals([distribution, boot_time], ["Debian GNU/Linux 12 (bookworm)", 1_785_830_400]);
});

Deno.test("Windows has its caption, and its boot is reckoned from the time it is up", async () => {
  const { system } = replay({
    os: "windows",
    programs: { "powershell.exe": "windows_operating_system.txt" },
  });
  const { os, distribution, boot_time } = await collect(system);
  assertEquals([os, distribution], ["windows", "Microsoft Windows 11 Pro"]);
  assert(typeof boot_time === "number" && boot_time > 0 && boot_time <= 1_785_900_000);
});

Deno.test("a machine that does not name its distribution tells the rest", async () => {
  const data = await collect(replay({ os: "darwin" }).system);
  assertEquals([data.os, data.distribution], ["darwin", undefined]);
  assertEquals(data.hbc_version, project.version);
});

Deno.test("this machine tells what it is", async () => {
  const data = await collect(realSystem);
  assertEquals(data.os, Deno.build.os);
  assertEquals(data.hostname, Deno.hostname());
  assertEquals(data.arch, Deno.build.arch);
  assertMatch(String(data.kernel), /^\d+\.\d+/);
  const { boot_time: bootTime } = data;
  assert(typeof bootTime === "number" && bootTime < Date.now() / 1000);
});

Deno.test("an option that the plugin does not know is refused", async () => {
  await assertRejects(
    () => osInfo.create({ nmae: "x" }, realSystem),
    Error,
    'os_info: there is no option "nmae"; its options are "interval", "timeout"',
  );
});
