/**
 * What is to run as a service: the program with its arguments, and what it needs of the machine. The
 * unit of systemd and that of launchd are both made of it. Pure: no file is read here.
 */

/** Stands in every unit that is made here; a unit without it is somebody else's. */
export const MARKER = "Made by hbd unit";

export type ProgramName = "hbd" | "hbc";

export interface Service {
  readonly program: ProgramName;
  /** The absolute path of what is run, and its arguments, without the folder of the state. */
  readonly command: readonly [string, ...string[]];
  /** Run from a source tree: Deno needs a folder of its own for what it downloads. */
  readonly isFromSource: boolean;
  /** For the user who installs it, instead of the machine. */
  readonly isForUser: boolean;
  /** The user it runs as; null: one that the manager makes up, where it can do that. */
  readonly runAs: string | null;
  /** The folder of the server's state, absolute; null: the place that services have it in. */
  readonly stateDir: string | null;
  /** Other folders that it writes to, absolute. */
  readonly writes: readonly string[];
  /** It listens on a port below 1024. */
  readonly hasLowPort: boolean;
  /** It may do what it needs and no more; false: it has to run what its configuration names. */
  readonly isSandboxed: boolean;
}

/** Something stands in the way; the message says what, where, and what to do. */
export class UnitError extends Error {
  override readonly name = "UnitError";
}

/** What the service is for, one line for people. */
export function descriptionOf({ program }: Service): string {
  return program === "hbd" ? "Heartbeat server" : "Heartbeat client";
}
