import { assert, assertEquals, assertRejects } from "@std/assert";
import type { PluginData, System } from "../../../src/client/plugin.ts";
import { parseDf } from "../../../src/client/plugins/df.ts";
import { DiskMonitor, diskMonitor } from "../../../src/client/plugins/disk_monitor.ts";
import { parseDiskstats } from "../../../src/client/plugins/diskstats.ts";
import { Rates } from "../../../src/client/plugins/numbers.ts";
import { NEVER, realSystem, recorded } from "./real_system.ts";
import { replay } from "./recorded_system.ts";

type Partitions = Record<string, Record<string, unknown>>;

const SILENT = { error: "Nothing is mounted there that tells its size" };

const SERVER = {
  os: "linux",
  files: { "/proc/mounts": "linux_mounts_server.txt" },
  programs: { "df -P -k": "linux_df_blocks.txt", "df -P -i": "linux_df_inodes.txt" },
} as const;

async function collect(system: System, options: Record<string, unknown> = {}) {
  const plugin = await diskMonitor.create(options, system);
  assert(plugin !== null);
  return await plugin.collect(NEVER);
}

const partitionsOf = (data: PluginData) => data.partitions as Partitions;

Deno.test("a server: each disk's space and inodes, names with spaces too", async () => {
  const { system, commands } = replay(SERVER);
  assertEquals(await collect(system), {
    partitions: {
      "/": {
        percent: 79,
        total_gb: 97.87,
        free_gb: 19.51,
        free_mb: 19975,
        inodes_percent: 10,
      },
      "/boot/efi": { percent: 1.2, total_gb: 0.5, free_gb: 0.49, free_mb: 505 },
      "/media/anna/Time Capsule 2": {
        percent: 52.5,
        total_gb: 931.51,
        free_gb: 442.9,
        free_mb: 453529,
        inodes_percent: 0.1,
      },
      "/srv/photos": { percent: 100, total_gb: 1862.89, free_gb: 0, free_mb: 0, inodes_percent: 0 },
      "/tank/data": {
        percent: 32.7,
        total_gb: 3597.12,
        free_gb: 2419.74,
        free_mb: 2477817,
        inodes_percent: 0,
      },
    },
  });
  const points = "/ /boot/efi /media/anna/Time Capsule 2 /srv/photos /tank/data";
  assertEquals(commands, [`df -P -k ${points}`, `df -P -i ${points}`]);
});

Deno.test("a container: busybox's df, over-full by what is reserved, without inodes", async () => {
  const { system } = replay({
    os: "linux",
    files: { "/proc/mounts": "linux_mounts_container.txt" },
    programs: {
      "df -P -k": "busybox_df.txt",
      "df -P -i": { code: 1, stderr: "df: unrecognized option: i\n" },
    },
  });
  assertEquals(await collect(system), {
    partitions: {
      "/": { percent: 31.4, total_gb: 58.42, free_gb: 38.02, free_mb: 38937 },
      "/data": { percent: 100, total_gb: 19.56, free_gb: 0, free_mb: 0 },
    },
  });
});

Deno.test("a disk that df cannot ask is reported, the others are measured", async () => {
  const { system } = replay({
    ...SERVER,
    programs: {
      ...SERVER.programs,
      "df -P -k": {
        code: 1,
        stdout: (await recorded("linux_df_blocks.txt")).replace(/^\/dev\/sdb1.*\n/m, ""),
        stderr: "df: /srv/photos: Input/output error\n",
      },
    },
  });
  const partitions = partitionsOf(await collect(system));
  assertEquals(partitions["/srv/photos"], SILENT);
  assertEquals(partitions["/"]?.percent, 79);
});

Deno.test("macOS: blocks and inodes from one table", async () => {
  const { system } = replay({
    os: "darwin",
    programs: { mount: "macos_mount.txt", "df -k -i": "macos_df.txt" },
  });
  assertEquals(await collect(system), {
    partitions: {
      "/": { percent: 7.7, total_gb: 460.43, free_gb: 114.64, free_mb: 117395, inodes_percent: 0 },
      "/System/Volumes/Data": {
        percent: 73.9,
        total_gb: 460.43,
        free_gb: 114.64,
        free_mb: 117395,
        inodes_percent: 0.2,
      },
      "/Volumes/Backup (on shelf)": {
        percent: 50,
        total_gb: 931.19,
        free_gb: 465.59,
        free_mb: 476768,
        inodes_percent: 50,
      },
    },
  });
});

Deno.test("Windows: one drive or several; a drive without a medium has no size", async () => {
  const one = { percent: 75, total_gb: 475.69, free_gb: 118.92, free_mb: 121777 };
  for (const recording of ["windows_one_disk.txt", "windows_disks.txt"]) {
    const { system } = replay({ os: "windows", programs: { "powershell.exe": recording } });
    assertEquals(await collect(system), { partitions: { "C:": one } });
    assertEquals(
      await collect(system, { mounts: ["C:", "E:"] }),
      { partitions: { "C:": one, "E:": SILENT } },
    );
  }
});

Deno.test("the option mounts measures these alone, and says when one is not mounted", async () => {
  const { system, commands } = replay(SERVER);
  const partitions = partitionsOf(await collect(system, { mounts: ["/home/nfs", "/"] }));
  assertEquals(Object.keys(partitions), ["/home/nfs", "/"]);
  assertEquals(partitions["/home/nfs"], SILENT);
  assertEquals(commands[0], "df -P -k /home/nfs /");
});

Deno.test("a mount point must be an absolute path", async () => {
  for (const mounts of [["-h"], "/", [], ["/", 5]]) {
    await assertRejects(
      () => diskMonitor.create({ mounts }, realSystem),
      Error,
      'disk_monitor: "mounts" must be a list of mount points',
    );
  }
});

Deno.test("a table that is none is empty", () => {
  assertEquals(parseDf(""), []);
  assertEquals(parseDf("df: not found\n"), []);
  assertEquals(parseDf("Filesystem 1024-blocks Used Available Capacity Mounted on\n-\n"), []);
});

Deno.test("only whole disks that were used are counted", async () => {
  const disks = parseDiskstats(await recorded("linux_diskstats_before.txt"));
  assertEquals([...disks.keys()], ["nvme0n1", "sdb", "md1", "md12"]);
  assertEquals(disks.get("nvme0n1"), {
    reads: 120_000,
    writes: 340_000,
    read_bytes: 8_000_000 * 512,
    write_bytes: 24_000_000 * 512,
    busy_ms: 410_000,
  });
  assertEquals(parseDiskstats("   8 1 sda1 12 34 56 78\ntorn\n\n").size, 0);
});

Deno.test("rates are those between two samples; a disk that was exchanged has none", async () => {
  const { system } = replay({
    ...SERVER,
    files: {
      ...SERVER.files,
      "/proc/diskstats": ["linux_diskstats_before.txt", "linux_diskstats_after.txt"],
    },
  });
  let nowMs = 1000;
  const plugin = new DiskMonitor(system, null, new Rates(() => nowMs));
  const first = (await plugin.collect(NEVER)).io as Partitions;
  assertEquals(first["nvme0n1"]?.reads_per_s, undefined);
  nowMs = 11_000;
  const second = (await plugin.collect(NEVER)).io as Partitions;
  assertEquals(second["nvme0n1"], {
    reads: 120_100,
    writes: 340_500,
    read_bytes: 8_020_480 * 512,
    write_bytes: 24_040_960 * 512,
    busy_ms: 412_500,
    reads_per_s: 10,
    writes_per_s: 50,
    read_bytes_per_s: 1_048_576,
    write_bytes_per_s: 2_097_152,
    busy_percent: 25,
  });
  assertEquals(second["sdb"]?.reads, 12);
  assertEquals(second["sdb"]?.reads_per_s, undefined);
  assertEquals(second["md1"]?.busy_percent, 0);
});

Deno.test("more partitions than fit a datagram are left out and counted", async () => {
  const points = Array.from({ length: 200 }, (_, index) => `/srv/volume-${index}`);
  const { partitions, left_out: leftOut } = await collect(replay(SERVER).system, {
    mounts: points,
  });
  assertEquals([Object.keys(partitions as Partitions).length, leftOut], [150, 50]);
});

Deno.test("this machine tells how full its root is", async () => {
  const partitions = partitionsOf(await collect(realSystem));
  const root = partitions[Deno.build.os === "windows" ? "C:" : "/"];
  assert(typeof root?.percent === "number" && root.percent > 0 && root.percent <= 100);
  assert(typeof root.total_gb === "number" && root.total_gb > 0);
});

Deno.test({
  name: "this machine has no file system on a folder that is no mount point",
  ignore: Deno.build.os === "windows",
  async fn() {
    const partitions = partitionsOf(await collect(realSystem, { mounts: ["/usr/no/such"] }));
    assertEquals(partitions, { "/usr/no/such": SILENT });
  },
});

const BUSYBOX = "/bin/busybox";

Deno.test({
  name: "the df of busybox agrees with this machine's own",
  ignore: !await Deno.stat(BUSYBOX).then(({ isFile }) => isFile, () => false),
  async fn() {
    const ofBusybox: System = {
      ...realSystem,
      run: (argv, signal) => realSystem.run([BUSYBOX, ...argv], signal),
    };
    const mounts = ["/"];
    const { "/": own } = partitionsOf(await collect(realSystem, { mounts }));
    const { "/": other } = partitionsOf(await collect(ofBusybox, { mounts }));
    // What is free changes from moment to moment.
    assertEquals(Object.keys(other ?? {}), Object.keys(own ?? {}));
    assertEquals(other?.total_gb, own?.total_gb);
  },
});
