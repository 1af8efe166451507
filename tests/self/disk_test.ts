/** How much room a disk needs, and that small changes near a limit bring no alerts. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { diskLevel, DiskPart, systemFreeSpace } from "../../src/self/disk.ts";

const MIB = 1024 ** 2;
const GIB = 1024 * MIB;

Deno.test("a large disk is nearly full below 1 GiB, and full below 200 MiB", () => {
  const large = (freeBytes: number) => diskLevel({ freeBytes, totalBytes: 1000 * GIB }, "OK");
  assertEquals(large(GIB), "OK");
  assertEquals(large(GIB - 1), "WARNING");
  assertEquals(large(200 * MIB), "WARNING");
  assertEquals(large(200 * MIB - 1), "CRITICAL");
  assertEquals(large(0), "CRITICAL");
});

Deno.test("a small disk is nearly full below 10 %, and full below 2 %", () => {
  const small = (freeBytes: number) => diskLevel({ freeBytes, totalBytes: GIB }, "OK");
  assertEquals(small(0.1 * GIB), "OK");
  assertEquals(small(0.1 * GIB - 1), "WARNING");
  assertEquals(small(0.02 * GIB), "WARNING");
  assertEquals(small(0.02 * GIB - 1), "CRITICAL");
});

Deno.test("a level is left only with a fifth more room than its limit", () => {
  const from = (before: "WARNING" | "CRITICAL", freeMib: number) =>
    diskLevel({ freeBytes: freeMib * MIB, totalBytes: 1000 * GIB }, before);
  assertEquals(from("WARNING", 1228), "WARNING");
  assertEquals(from("WARNING", 1229), "OK");
  assertEquals(from("WARNING", 199), "CRITICAL");
  assertEquals(from("CRITICAL", 239), "CRITICAL");
  assertEquals(from("CRITICAL", 240), "WARNING");
  assertEquals(from("CRITICAL", 1228), "WARNING");
  assertEquals(from("CRITICAL", 1229), "OK");
});

Deno.test("free space that goes up and down at the limit is told of once", () => {
  const disk = new DiskPart();
  const levels = [1025, 1023, 1025, 1020, 1030, 1100, 1023].map((free) => {
    disk.measured("/", { freeBytes: free * MIB, totalBytes: 1000 * GIB });
    return disk.judge()?.level;
  });
  assertEquals(levels, ["OK", ...Array(6).fill("WARNING")]);
});

Deno.test("of several disks those that are full are named, with what is free", () => {
  const disk = new DiskPart();
  assertEquals(disk.judge(), null);
  disk.measured("/var/lib/hbd", { freeBytes: 12.34 * GIB, totalBytes: 40 * GIB });
  assertEquals(disk.judge(), {
    part: "disk",
    level: "OK",
    message: "/var/lib/hbd has 12.3 GiB of 40 GiB free (30 %)",
  });
  disk.measured("/journal", { freeBytes: 150.5 * MIB, totalBytes: 100 * GIB });
  assertEquals(disk.judge(), {
    part: "disk",
    level: "CRITICAL",
    message: "/journal has 150 MiB of 100 GiB free (0 %)",
  });
});

Deno.test("a file system without a size is never full", () => {
  assertEquals(diskLevel({ freeBytes: 0, totalBytes: 0 }, "OK"), "OK");
});

Deno.test("the system tells the free space of a folder, as df does", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const { freeBytes, totalBytes } = await systemFreeSpace(dir);
    const df = await new Deno.Command("df", { args: ["-B1", "--output=size,avail", dir] }).output();
    const [, line = ""] = new TextDecoder().decode(df.stdout).split("\n");
    const [size = NaN, avail = NaN] = line.trim().split(/\s+/).map(Number);
    assertEquals(totalBytes, size);
    // Others write to the same disk meanwhile.
    assert(Math.abs(freeBytes - avail) < totalBytes * 0.05 + GIB, `${freeBytes} and ${avail}`);
  } finally {
    await Deno.remove(dir);
  }
  await assertRejects(() => systemFreeSpace(`${dir}/is/no/more`));
});
