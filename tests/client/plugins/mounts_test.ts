import { assert, assertEquals, assertRejects } from "@std/assert";
import type { System } from "../../../src/client/plugin.ts";
import { filesystemInfo } from "../../../src/client/plugins/filesystem_info.ts";
import {
  parseBsdMounts,
  parseProcMounts,
  physicalMounts,
} from "../../../src/client/plugins/mounts.ts";
import { NEVER, realSystem, recorded } from "./real_system.ts";
import { type Recording, replay } from "./recorded_system.ts";

type Filesystems = Record<string, Record<string, string>>;

async function collectFrom(system: System): Promise<Filesystems> {
  const plugin = await filesystemInfo.create({}, system);
  assert(plugin !== null);
  assertEquals([plugin.name, plugin.kind], ["filesystem_info", "info"]);
  const { filesystems } = await plugin.collect(NEVER);
  return filesystems as Filesystems;
}

const collect = (recording: Recording) => collectFrom(replay(recording).system);

async function pointsOf(recording: string, os: System["os"]): Promise<string[]> {
  const parse = os === "linux" ? parseProcMounts : parseBsdMounts;
  return physicalMounts(parse(await recorded(recording)), os).map(({ point }) => point);
}

Deno.test("a server: disks once each; no kernel's own, no image, no share, no container", async () => {
  assertEquals(await pointsOf("linux_mounts_server.txt", "linux"), [
    "/",
    "/boot/efi",
    "/media/anna/Time Capsule 2",
    "/srv/photos",
    "/tank/data",
  ]);
});

Deno.test("a container: its root and its volumes, not the files its engine mounts", async () => {
  assertEquals(await pointsOf("linux_mounts_container.txt", "linux"), ["/", "/data"]);
});

Deno.test("macOS: its root and data, and disks, but not the system's volumes and images", async () => {
  assertEquals(await pointsOf("macos_mount.txt", "darwin"), [
    "/",
    "/System/Volumes/Data",
    "/Volumes/Backup (on shelf)",
  ]);
});

Deno.test("what is mounted over something else hides it", () => {
  const mounts = parseProcMounts(
    "rootfs / rootfs rw 0 0\n/dev/sda1 / ext4 rw 0 0\n" +
      "/dev/sdb1 /mnt xfs rw 0 0\nnas:/x /mnt nfs rw 0 0\n",
  );
  assertEquals(physicalMounts(mounts, "linux").map(({ device }) => device), ["/dev/sda1"]);
});

Deno.test("spaces, tabs, digits and backslashes in names are told apart", () => {
  const [mount] = parseProcMounts("/dev/sda1 /a\\040b\\011c\\1340402 ext4 rw 0 0");
  assertEquals(mount?.point, "/a b\tc\\0402");
});

Deno.test("lines that are no mounts are left out", async () => {
  assertEquals(parseProcMounts("\n\ntorn line\n"), []);
  assertEquals(parseBsdMounts("mount: permission denied\n"), []);
  assertEquals(parseBsdMounts(await recorded("macos_sw_vers.txt")), []);
});

Deno.test("filesystem_info tells device, type and options", async () => {
  const linux = await collect({
    os: "linux",
    files: { "/proc/mounts": "linux_mounts_server.txt" },
  });
  assertEquals(linux["/"], {
    device: "/dev/mapper/vg0-root",
    type: "ext4",
    options: "rw,relatime,errors=remount-ro",
  });
  assertEquals(linux["/tank/data"]?.type, "zfs");
  const macos = await collect({ os: "darwin", programs: { mount: "macos_mount.txt" } });
  assertEquals(macos["/System/Volumes/Data"], {
    device: "/dev/disk3s5",
    type: "apfs",
    options: "local,journaled,nobrowse,protect,root data",
  });
});

Deno.test("filesystem_info has nothing for Windows, and says when it cannot know", async () => {
  assertEquals(await filesystemInfo.create({}, replay({ os: "windows" }).system), null);
  await assertRejects(() => collect({ os: "linux" }), Deno.errors.NotFound, "/proc/mounts");
  await assertRejects(
    () => collect({ os: "darwin", programs: { mount: { code: 1, stderr: "mount: denied\n" } } }),
    Error,
    "mount ended with exit code 1 and no output: mount: denied",
  );
});

Deno.test({
  name: "this machine has its root mounted",
  ignore: !["linux", "darwin"].includes(realSystem.os),
  async fn() {
    const filesystems = await collectFrom(realSystem);
    assert(filesystems["/"]?.type, "no type of /");
  },
});
