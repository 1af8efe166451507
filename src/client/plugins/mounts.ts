/**
 * Which file systems are mounted, and which of them lie on a disk of this machine.
 *
 * Only those are measured by default: what is made up by the kernel has no size that matters,
 * images are always full, and asking a network share whose server is gone can hang for hours.
 */

import type { System } from "../plugin.ts";
import { outputOf } from "./outside.ts";

export interface Mount {
  readonly device: string;
  /** Where it is mounted, as a path. */
  readonly point: string;
  readonly type: string;
  /** Separated by commas. */
  readonly options: string;
}

/** File systems on disks whose device is not named below /dev. */
const POOLED = new Set(["zfs", "btrfs", "bcachefs"]);

/** Read-only images: always full, and never anybody's worry. */
const IMAGES = new Set(["squashfs", "iso9660", "udf", "erofs", "cramfs"]);

/** Files that container engines mount one by one from the disk of their host. */
const CONTAINER_FILES = new Set([
  "/dev/termination-log",
  "/etc/hosts",
  "/etc/hostname",
  "/etc/resolv.conf",
]);

/** All that is mounted. Rejects when the system does not tell. */
export async function readMounts(system: System, signal: AbortSignal): Promise<Mount[]> {
  return system.os === "linux"
    ? parseProcMounts(await system.readText("/proc/mounts"))
    : parseBsdMounts(await outputOf(system, ["mount"], signal));
}

/** Reads /proc/mounts, in the format of fstab(5). Lines that are none are left out. */
export function parseProcMounts(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split("\n")) {
    const [device, point, type, options] = line.split(" ").map(unescaped);
    if (device === undefined || point === undefined || type === undefined) continue;
    mounts.push({ device, point, type, options: options ?? "" });
  }
  return mounts;
}

/** Spaces, tabs, line ends and backslashes are written as three octal digits. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => {
    return String.fromCharCode(Number.parseInt(octal, 8));
  });
}

/** Reads the output of `mount` of macOS and the BSDs: `device on /point (type, option, …)`. */
export function parseBsdMounts(text: string): Mount[] {
  return [...text.matchAll(/^(.+?) on (\/.*) \(([^()]*)\)$/gm)].map(
    ([, device = "", point = "", words = ""]) => {
      const [type = "", ...options] = words.split(", ");
      return { device, point, type, options: options.join(",") };
    },
  );
}

/**
 * Those on a disk of this machine, and whatever the root is on; each device once, by the shortest
 * of its mount points; sorted by mount point.
 */
export function physicalMounts(mounts: readonly Mount[], os: System["os"]): Mount[] {
  // What is mounted later on the same point hides what is there.
  const visible = new Map(mounts.map((mount) => [mount.point, mount]));
  const byDevice = new Map<string, Mount>();
  for (const mount of visible.values()) {
    const other = byDevice.get(mount.device);
    const isShorter = other === undefined || mount.point.length < other.point.length;
    if (isPhysical(mount, os) && isShorter) byDevice.set(mount.device, mount);
  }
  return [...byDevice.values()].sort((a, b) => a.point < b.point ? -1 : 1);
}

function isPhysical({ device, point, type, options }: Mount, os: System["os"]): boolean {
  if (point === "/") return true;
  if (IMAGES.has(type) || type.startsWith("fuse.") || CONTAINER_FILES.has(point)) return false;
  if (os === "darwin") {
    // Disk images are mounted read-only. The volumes of the system share the disk with the data.
    if (options.split(",").includes("read-only")) return false;
    if (point.startsWith("/System/Volumes/") && point !== "/System/Volumes/Data") return false;
  }
  return device.startsWith("/dev/") || POOLED.has(type);
}
