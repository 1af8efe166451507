/** Starts hbc once more, in the background: without a terminal, in a session of its own. */

/** The variable that tells a copy that it runs in the background. */
export const BACKGROUND = "HBC_BACKGROUND";

/** What the program may do from source; the same as the task `hbc` in deno.json. */
const RUN_FLAGS = ["run", "--no-prompt", "--unstable-net", "-A"];

/**
 * Starts a copy with the same arguments. Returns its process id; the copy outlives this process.
 *
 * @param mainModule URL of the entry file, which is run when there is no compiled program
 */
export function startCopy(args: readonly string[], mainModule: string): number {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...(Deno.build.standalone ? [] : [...RUN_FLAGS, mainModule]), ...args],
    env: { [BACKGROUND]: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  child.unref();
  return child.pid;
}
