/**
 * Runs what the server asks for, if the client's own configuration names it: a name stands for a
 * program with its arguments, no shell is involved, and what the server adds goes only where the
 * configuration says `{args}`.
 *
 * No command runs twice, whatever is repeated and however often the client starts: a command that
 * reboots the machine is asked for again until it is answered. The ids are therefore on disk before
 * anything runs.
 */

import { getLogger } from "@logtape/logtape";
import { runProgram } from "./program.ts";

const log = getLogger(["hbc", "commands"]);

/** Most bytes of output that go back. */
const MAX_OUTPUT_BYTES = 8192;

/** Results that are kept for a repeated question. */
const MAX_RESULTS = 100;

/** Ids that are remembered, also over a restart. */
const MAX_IDS = 1000;

/** Commands that run at the same time; the server asks again for what is passed over. */
const MAX_RUNNING = 8;

const ARGS = "{args}";

/** What a command is answered with. */
export interface CommandResult {
  /** Exit code; null when it could not be run or was killed. */
  readonly exit: number | null;
  /** Both outputs in the order they came, or why there is none. */
  readonly output: string;
}

/** What the configuration allows. */
export interface CommandRules {
  /** Names to programs with their arguments. */
  readonly commands: ReadonlyMap<string, readonly string[]>;
  readonly timeoutS: number;
  /** The file for the ids; null remembers them in memory only. */
  readonly memoryFile: string | null;
}

/** A command that the server asks for. */
export interface Asked {
  readonly id: string;
  readonly cmd: string;
  readonly args: readonly string[];
}

export class Commands {
  readonly #rules: CommandRules;
  readonly #seen: Set<string>;
  readonly #results = new Map<string, CommandResult>();
  readonly #running = new Map<string, AbortController>();

  private constructor(rules: CommandRules, seen: Set<string>) {
    this.#rules = rules;
    this.#seen = seen;
  }

  /** Begins, knowing what earlier clients have run. */
  static async open(rules: CommandRules): Promise<Commands> {
    return new Commands(rules, new Set(await readIds(rules.memoryFile)));
  }

  /** Runs a command, or repeats its result. Null: it is running, or has to be asked for again. */
  async run({ id, cmd, args }: Asked): Promise<CommandResult | null> {
    const before = this.#results.get(id);
    if (before !== undefined) return before;
    if (this.#running.has(id)) return null;
    if (this.#seen.has(id)) {
      return this.#keep(
        id,
        refused("hbc was restarted while or after it ran; it is not run twice"),
      );
    }
    const argv = this.#argvOf(cmd, args);
    if (typeof argv === "string") {
      log.warn("Command {cmd} is refused: {reason}", { cmd, reason: argv });
      return this.#keep(id, refused(argv));
    }
    if (this.#running.size >= MAX_RUNNING) return null;
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      await this.#remember(id);
      log.info("Command {cmd} runs", { cmd });
      const result = await this.#execute(argv, controller);
      log.info("Command {cmd} ended: {exit}", { cmd, exit: result.exit });
      return this.#keep(id, result);
    } finally {
      this.#running.delete(id);
    }
  }

  /** Kills what is running. */
  stop(): void {
    for (const controller of this.#running.values()) {
      controller.abort(new Error("hbc was stopped"));
    }
  }

  /** The program to run, or why none is. */
  #argvOf(cmd: string, args: readonly string[]): readonly string[] | string {
    const argv = this.#rules.commands.get(cmd);
    if (argv === undefined) {
      return `"${cmd}" is not one of the commands in the configuration of this client`;
    }
    const takesArgs = argv.includes(ARGS);
    if (args.length > 0 && !takesArgs) {
      return `"${cmd}" takes no arguments: its list in the configuration has no "${ARGS}"`;
    }
    return argv.flatMap((word) => word === ARGS ? args : [word]);
  }

  async #execute(argv: readonly string[], controller: AbortController): Promise<CommandResult> {
    const { timeoutS } = this.#rules;
    const timer = setTimeout(
      () => controller.abort(new Error(`killed after ${timeoutS} s`)),
      timeoutS * 1000,
    );
    const parts: Uint8Array[] = [];
    try {
      const { code, signal, isTruncated, wasAborted } = await runProgram(argv, {
        signal: controller.signal,
        maxBytes: MAX_OUTPUT_BYTES,
        onOutput: (bytes) => parts.push(bytes),
      });
      const { reason } = controller.signal;
      const notes = [
        ...(isTruncated ? [`(cut after ${MAX_OUTPUT_BYTES} bytes)`] : []),
        ...(wasAborted ? [`(${reason.message})`] : []),
        ...(signal !== null && !wasAborted ? [`(killed by ${signal})`] : []),
      ];
      return {
        exit: wasAborted ? null : code,
        output: [textOf(parts).trimEnd(), ...notes].join("\n").trimStart(),
      };
    } catch (error) {
      return refused(error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(timer);
    }
  }

  #keep(id: string, result: CommandResult): CommandResult {
    this.#results.set(id, result);
    trim(this.#results, MAX_RESULTS);
    return result;
  }

  async #remember(id: string): Promise<void> {
    this.#seen.add(id);
    trim(this.#seen, MAX_IDS);
    const { memoryFile } = this.#rules;
    if (memoryFile === null) return;
    try {
      const half = `${memoryFile}.tmp`;
      await Deno.writeTextFile(half, JSON.stringify({ ids: [...this.#seen] }), { mode: 0o600 });
      await Deno.rename(half, memoryFile);
    } catch (error) {
      log.warn("After a restart it will not be known that a command has run: {error}", { error });
    }
  }
}

function refused(reason: string): CommandResult {
  return { exit: null, output: reason };
}

function textOf(parts: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
}

/** Leaves the newest `limit` of what is in the order it came. */
function trim(kept: Set<string> | Map<string, unknown>, limit: number): void {
  for (const oldest of kept.keys()) {
    if (kept.size <= limit) return;
    kept.delete(oldest);
  }
}

async function readIds(file: string | null): Promise<readonly string[]> {
  if (file === null) return [];
  try {
    const { ids } = JSON.parse(await Deno.readTextFile(file)) as { ids?: unknown };
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  } catch {
    // There was none, or it is damaged: nothing is known then.
    return [];
  }
}
