/**
 * The machine that a unit is installed on: where its files are, who asks, and the programs of the
 * service manager. Tests give it a folder in place of `/` and programs that write down what they are
 * asked.
 */

import { UnitError } from "./service.ts";

export interface Machine {
  /** In place of `/`, without a slash at the end; "" is the machine itself. */
  readonly root: string;
  /** The home of who asks, absolute. */
  readonly home: string;
  /** Who asks; 0 may do everything; null where there are no such numbers. */
  readonly uid: number | null;
  /** Where programs are looked for, instead of PATH. */
  readonly searchPath?: string;
  /** Takes one line for people. */
  readonly say: (line: string) => void;
}

/** Says a step and runs it. Rejects with a UnitError when it fails. */
export async function step(
  machine: Machine,
  program: string,
  ...args: readonly string[]
): Promise<void> {
  machine.say(`run      ${[program, ...args].join(" ")}`);
  const { code, text } = await run(machine, program, ...args);
  if (code === 0) return;
  throw new UnitError(
    `"${[program, ...args].join(" ")}" failed with exit code ${code}: ${text || "it said nothing"}`,
  );
}

/**
 * Runs a program and waits for its end; `text` is the error it wrote, else its output. Rejects with
 * a UnitError when there is no such program.
 */
export async function run(
  { searchPath }: Machine,
  program: string,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly text: string }> {
  try {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args: [...args],
      env: { ...(searchPath === undefined ? {} : { PATH: searchPath }), LC_ALL: "C" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const [error, output] = [stderr, stdout].map((bytes) => new TextDecoder().decode(bytes).trim());
    return { code, text: error || output || "" };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UnitError(`There is no program "${program}" here, so nothing was changed`);
  }
}
