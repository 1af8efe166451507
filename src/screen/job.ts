/**
 * The shell's view of this program: whether it is in front, and Ctrl-Z. All that was started for one
 * line of a shell (`npx deno task …` are several processes) is one group, its job.
 */

import { kill } from "node:process";

/** What `/proc/PID/stat` tells of a process. */
interface Process {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** The group that the terminal is for. */
  readonly inFront: number;
}

/** False when a shell runs this program in the background: its terminal is not for it. */
export function isInFront(): boolean {
  if (Deno.build.os === "windows") return true;
  try {
    const { group, inFront } = Deno.build.os === "linux" ? processOf("self") : ownProcess();
    return group === inFront;
  } catch {
    return true;
  }
}

/**
 * Stops the whole job, until the shell lets it go on. Where no shell would do that (the program was
 * started by a window or by ssh) nothing is stopped.
 *
 * `deno task` catches the signal that a terminal sends for Ctrl-Z and goes on, and the shell would
 * never know that its job stands still: so all of it gets the one that cannot be caught.
 */
export function stopJob(): void {
  if (Deno.build.os === "windows") return;
  if (Deno.build.os !== "linux") kill(0, "SIGTSTP");
  else if (hasShell()) kill(0, "SIGSTOP");
}

/** True when who started the job is in the same session, as a shell is. */
function hasShell(): boolean {
  try {
    const own = processOf("self");
    let above = own;
    while (above.group === own.group && above.parent > 0) above = processOf(above.parent);
    return above.group !== own.group && above.session === own.session;
  } catch {
    return false;
  }
}

function processOf(pid: number | "self"): Process {
  const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number);
  const [, parent = 0, group = 0, session = 0, , inFront = 0] = fields;
  return { parent, group, session, inFront };
}

function ownProcess(): Pick<Process, "group" | "inFront"> {
  const args = ["-o", "pgid=,tpgid=", "-p", String(Deno.pid)];
  const { stdout } = new Deno.Command("ps", { args, stderr: "null" }).outputSync();
  const [group = 0, inFront = 0] = new TextDecoder().decode(stdout).trim().split(/\s+/).map(Number);
  return { group, inFront };
}
