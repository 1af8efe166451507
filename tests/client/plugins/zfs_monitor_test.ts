import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { RunResult, System } from "../../../src/client/plugin.ts";
import { zfsMonitor } from "../../../src/client/plugins/zfs_monitor.ts";
import {
  parseKstat,
  parsePoolIostat,
  parsePoolList,
} from "../../../src/client/plugins/zpool_output.ts";
import { NEVER, realSystem, recorded } from "./real_system.ts";

/** A machine with recorded answers of `zpool` and files below /proc/spl/kstat/zfs. */
function zfsSystem(
  answers: Readonly<Record<string, Partial<RunResult>>>,
  files: Readonly<Record<string, string>> = {},
  program = "zpool",
): System {
  const root = "/proc/spl/kstat/zfs/";
  return {
    ...realSystem,
    run([name, command]) {
      const answer = answers[command ?? ""];
      if (name !== program) return Promise.reject(new Deno.errors.NotFound(`No ${name}`));
      if (answer === undefined) return Promise.reject(new Error(`Nobody expected ${command}`));
      return Promise.resolve({ code: 0, signal: null, stdout: "", stderr: "", ...answer });
    },
    readText(path) {
      const text = files[path.slice(root.length)];
      return text === undefined ? Promise.reject(new Error(path)) : Promise.resolve(text);
    },
    readDir(path) {
      const folder = `${path.slice(root.length)}/`;
      const names = Object.keys(files).filter((name) => name.startsWith(folder));
      if (names.length === 0) return Promise.reject(new Error(path));
      return Promise.resolve(names.map((name) => name.slice(folder.length)));
    },
  };
}

async function collect(system: System) {
  const plugin = await zfsMonitor.create({}, system);
  assert(plugin !== null);
  const { pools } = await plugin.collect(NEVER);
  return pools as Record<string, Record<string, unknown>>;
}

Deno.test("several pools are read, with what ZFS does not know left out", async () => {
  const pools = parsePoolList(await recorded("zpool_list.txt"));
  assertEquals(Object.fromEntries(pools), {
    rpool: {
      health: "ONLINE",
      health_ok: true,
      capacity_percent: 41,
      fragmentation_percent: 18,
      dedup_ratio: 1,
      size_bytes: 498216206336,
      allocated_bytes: 204509162496,
      free_bytes: 293707043840,
    },
    tank: {
      health: "DEGRADED",
      health_ok: false,
      capacity_percent: 87,
      fragmentation_percent: 52,
      dedup_ratio: 1.43,
      size_bytes: 15942918602752,
      allocated_bytes: 13870339184394,
      free_bytes: 2072579418358,
    },
    "old data": { health: "FAULTED", health_ok: false },
  });
});

Deno.test("figures of versions that write 45% and 1.00x are read, rounded sizes are left out", async () => {
  const pools = parsePoolList(await recorded("zpool_list_rounded.txt"));
  assertEquals(Object.fromEntries(pools), {
    rpool: {
      health: "ONLINE",
      health_ok: true,
      capacity_percent: 41,
      fragmentation_percent: 18,
      dedup_ratio: 1,
    },
    usb: { health: "ONLINE", health_ok: true, capacity_percent: 3, dedup_ratio: 1 },
  });
});

Deno.test("no pools are no error", async () => {
  assertEquals(parsePoolList("").size, 0);
  assertEquals(parsePoolList("no pools available\n").size, 0);
  assertEquals(parsePoolIostat("no pools available\n").size, 0);
  assertEquals(await collect(zfsSystem({ version: {}, list: {} })), {});
  const told = { code: 1, stderr: "no pools available\n" };
  assertEquals(await collect(zfsSystem({ version: {}, list: told })), {});
});

Deno.test("the kernel's totals are read in both forms, and in no other", async () => {
  assertEquals(parseKstat(await recorded("kstat_pool_io.txt")), {
    reads_total: 8123,
    writes_total: 184020,
    read_bytes_total: 95214592,
    written_bytes_total: 5127421952,
  });
  assertEquals(parseKstat(await recorded("kstat_objset_home.txt")), {
    reads_total: 655,
    writes_total: 699,
    read_bytes_total: 87008,
    written_bytes_total: 1007520,
  });
  const text = await recorded("kstat_objset_home.txt");
  assertEquals(parseKstat(text.slice(0, text.indexOf("nread"))), null);
  assertEquals(parseKstat("nread nwritten reads writes\n1 2"), null);
  assertEquals(parseKstat(""), null);
});

Deno.test("totals come from the pool's own file, else from its datasets, else as rates", async () => {
  const system = zfsSystem({
    version: {},
    list: {
      stdout: "old\tONLINE\t1\t1\t1.00\t3\t2\t1\n" +
        "rpool\tONLINE\t41\t18\t1.00\t3\t2\t1\ntank\tSUSPENDED\t87\t52\t1.00\t3\t2\t1\n",
    },
    iostat: { stdout: await recorded("zpool_iostat.txt") },
  }, {
    "old/io": await recorded("kstat_pool_io.txt"),
    "rpool/state": "ONLINE\n",
    "rpool/objset-0x36": await recorded("kstat_objset_root.txt"),
    "rpool/objset-0x108": await recorded("kstat_objset_home.txt"),
    "rpool/objset-0x109": "gone",
  });
  const { old, rpool, tank } = await collect(system);
  assertEquals([old?.["reads_total"], old?.["written_bytes_total"]], [8123, 5127421952]);
  assertEquals(rpool, {
    health: "ONLINE",
    health_ok: true,
    capacity_percent: 41,
    fragmentation_percent: 18,
    dedup_ratio: 1,
    size_bytes: 3,
    allocated_bytes: 2,
    free_bytes: 1,
    reads_total: 1902345 + 655,
    writes_total: 412301 + 699,
    read_bytes_total: 18023412992 + 87008,
    written_bytes_total: 6123412480 + 1007520,
  });
  assertEquals(tank, {
    health: "SUSPENDED",
    health_ok: false,
    capacity_percent: 87,
    fragmentation_percent: 52,
    dedup_ratio: 1,
    size_bytes: 3,
    allocated_bytes: 2,
    free_bytes: 1,
    reads_per_s: 120,
    writes_per_s: 16,
    read_bytes_per_s: 14875210,
    written_bytes_per_s: 901233,
  });
});

Deno.test("pools are told without I/O when that cannot be had", async () => {
  const list = { stdout: "tank\tONLINE\t1\t-\t1.00\t3\t2\t1\n" };
  const { tank } = await collect(zfsSystem({ version: {}, list, iostat: { code: 1 } }));
  assertEquals(tank, {
    health: "ONLINE",
    health_ok: true,
    capacity_percent: 1,
    dedup_ratio: 1,
    size_bytes: 3,
    allocated_bytes: 2,
    free_bytes: 1,
  });
});

Deno.test("zpool is found where only administrators look", async () => {
  const list = { stdout: "tank\tONLINE\t1\t-\t1.00\t3\t2\t1\n" };
  const answers = { version: {}, list, iostat: {} };
  assertEquals(Object.keys(await collect(zfsSystem(answers, {}, "/usr/sbin/zpool"))), ["tank"]);
});

Deno.test("a machine without zpool has nothing for it", async () => {
  assertEquals(await zfsMonitor.create({}, zfsSystem({}, {}, "/nowhere")), null);
});

Deno.test("an option that it does not know is refused", async () => {
  await assertRejects(
    () => zfsMonitor.create({ pools: ["tank"] }, zfsSystem({ version: {} })),
    Error,
    `zfs_monitor: there is no option "pools"`,
  );
});

Deno.test("a kernel without ZFS, though zpool is there, is an error", async () => {
  const stderr = "The ZFS modules cannot be auto-loaded.\nTry running 'modprobe zfs' as root.\n";
  const answers = { version: { code: 1, stderr }, list: { code: 1, stderr } };
  await assertRejects(
    () => collect(zfsSystem(answers)),
    Error,
    "zfs_monitor: zpool list ended with code 1: The ZFS modules cannot be auto-loaded.",
  );
});

Deno.test("this machine's pools, where it has ZFS", async () => {
  const plugin = await zfsMonitor.create({}, realSystem);
  if (plugin === null) return;
  try {
    const { pools } = await plugin.collect(NEVER);
    for (const facts of Object.values(pools as Record<string, Record<string, unknown>>)) {
      assertMatch(String(facts["health"]), /^[A-Z]+$/);
    }
  } catch (error) {
    assertMatch(String(error), /zpool list ended with code 1: .*ZFS/);
  }
});
