/**
 * Judges the room on the disks that state and journal are on. A disk near a limit must not bring
 * an alert with every file that comes and goes: a level is left only when there is clearly more
 * room than its limit.
 */

import { statfs } from "node:fs/promises";
import { isWorse, type Level } from "../monitor/level.ts";
import { listed, type Verdict } from "./verdict.ts";

const MIB = 1024 ** 2;

/** The smaller figure counts: neither is a large disk full at 10 %, nor a small one at 1 GiB. */
const LIMITS = [
  { level: "CRITICAL", share: 0.02, bytes: 200 * MIB },
  { level: "WARNING", share: 0.1, bytes: 1024 * MIB },
] as const;

/** There must be this many times the limit before its level is left. */
const HYSTERESIS = 1.2;

/** The room on a file system. */
export interface Space {
  /** What is left for us: not what only root may use. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Looks at the file system of a path; rejects where there is none. */
export type FreeSpace = (path: string) => Promise<Space>;

/** Asks the system. */
export const systemFreeSpace: FreeSpace = async (path) => {
  const { bsize, bavail, blocks } = await statfs(path);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
};

/** How bad it is, where it was `before`. A file system that tells no size is never full. */
export function diskLevel({ freeBytes, totalBytes }: Space, before: Level): Level {
  if (totalBytes <= 0) return "OK";
  for (const { level, share, bytes } of LIMITS) {
    const limit = Math.min(totalBytes * share, bytes);
    const wasBelow = !isWorse(level, before);
    if (freeBytes < (wasBelow ? limit * HYSTERESIS : limit)) return level;
  }
  return "OK";
}

/** Remembers what it said of each path. */
export class DiskPart {
  readonly #spaces = new Map<string, { readonly space: Space; readonly level: Level }>();

  /** Judges the file system of `path` anew. */
  measured(path: string, space: Space): void {
    const before = this.#spaces.get(path)?.level ?? "OK";
    this.#spaces.set(path, { space, level: diskLevel(space, before) });
  }

  /** The worst of all, by what was measured last; null when nothing was. */
  judge(): Verdict | null {
    if (this.#spaces.size === 0) return null;
    const all = [...this.#spaces].map(([path, seen]) => ({ path, ...seen }));
    const worst = all.reduce((a, b) => isWorse(b.level, a.level) ? b : a).level;
    const full = worst === "OK" ? all : all.filter(({ level }) => level !== "OK");
    const told = full.map(({ path, space }) => `${path} has ${roomText(space)}`);
    return { part: "disk", level: worst, message: listed(told) };
  }
}

/** `850 MiB of 40 GiB free (2 %)`. */
function roomText({ freeBytes, totalBytes }: Space): string {
  const share = totalBytes > 0 ? ` (${Math.floor((freeBytes / totalBytes) * 100)} %)` : "";
  return `${sizeText(freeBytes)} of ${sizeText(totalBytes)} free${share}`;
}

function sizeText(bytes: number): string {
  const gib = bytes / (1024 * MIB);
  return gib >= 1 ? `${Math.round(gib * 10) / 10} GiB` : `${Math.floor(bytes / MIB)} MiB`;
}
