/**
 * Which version this is, and of which commit: what `--version` says. From source only the version is
 * known; `scripts/compile/bundle_program.ts` puts a constant with the commit on top of the program
 * that it bundles, so that no file of the source tree changes for it.
 */

import project from "../deno.json" with { type: "json" };

/** Only there in what was bundled for an executable. */
declare const HEARTBEAT_COMMIT: string | undefined;

/** Semantic version of both programs, the same as in deno.json. */
export const VERSION: string = project.version;

/** The commit that the executable was made of, shortened; null from source. */
export const COMMIT: string | null = typeof HEARTBEAT_COMMIT === "string" ? HEARTBEAT_COMMIT : null;

/** The line that `--version` prints: `hbd 0.1.0 (1a2b3c4d5e)`. */
export function versionLine(program: "hbd" | "hbc"): string {
  return `${program} ${VERSION}${COMMIT === null ? "" : ` (${COMMIT})`}\n`;
}
