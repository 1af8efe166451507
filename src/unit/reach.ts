/**
 * Which files and folders a service could not use where they are: it does not see the homes of
 * people and has a `/tmp` of its own, and the user that systemd makes up for it owns nothing. Better
 * told before it is installed than by a service that does not start.
 */

import { dirname } from "@std/path";
import type { Service } from "./service.ts";

/** A file or folder that the service needs. */
export interface Need {
  /** What it is, to stand before the path: `The configuration`. */
  readonly what: string;
  /** Absolute. */
  readonly path: string;
  readonly use: "read" | "run" | "write";
}

const OTHERS_READ = 0o004;
const OTHERS_ENTER = 0o001;

/** One line for each that a service of systemd could not use; empty: all is well. */
export async function outOfReach(
  service: Service,
  needs: readonly Need[],
): Promise<readonly string[]> {
  const problems = await Promise.all(needs.map((need) => problemOf(service, need)));
  return problems.filter((problem) => problem !== null);
}

async function problemOf(service: Service, { what, path, use }: Need): Promise<string | null> {
  const said = `${what} ${path}`;
  let real: string;
  try {
    real = await Deno.realPath(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return `${said} is not there`;
    return `${said} cannot be looked at: ${error instanceof Error ? error.message : error}`;
  }
  // systemd takes no such unit, however it is written.
  if (use === "run" && /["'\\]/.test(path)) {
    return `${said} has a quote or a backslash in its path, which systemd does not run: move it`;
  }
  if (service.isForUser || !service.isSandboxed) return null;
  for (const place of [path, real]) {
    const hidden = hiddenBy(service, place);
    if (hidden !== null) return `${said} is hidden from the service (${hidden}): move it`;
  }
  // Whether a user who is there already may use it is not known here.
  if (service.runAs !== null) return null;
  if (use === "write") {
    return `${said} cannot be written to by the user that systemd makes up for the service: ` +
      "leave it out, or add --run-as USER and give the folder to that user";
  }
  const closed = await closedPart(path, use) ?? await closedPart(real, use);
  if (closed === null) return null;
  return `${said} cannot be read by the user that systemd makes up for the service, as ` +
    `${closed} is closed to others: open it (chmod o+rX), or add --run-as USER`;
}

function hiddenBy({ program }: Service, path: string): string | null {
  const isBelow = (dir: string) => path === dir || path.startsWith(`${dir}/`);
  if (["/tmp", "/var/tmp"].some(isBelow)) return "PrivateTmp";
  if (program === "hbd" && ["/home", "/root", "/run/user"].some(isBelow)) return "ProtectHome";
  return null;
}

/** The part of a path that is closed to others, from the top; null: none is. */
async function closedPart(path: string, use: "read" | "run"): Promise<string | null> {
  const parts = [path];
  for (let dir = dirname(path); dir !== parts[0]; dir = dirname(dir)) parts.unshift(dir);
  for (const part of parts) {
    const { mode } = await Deno.stat(part);
    if (mode === null) return null;
    const needed = part !== path ? OTHERS_ENTER : use === "run" ? OTHERS_ENTER : OTHERS_READ;
    if ((mode & needed) === 0) return part;
  }
  return null;
}
