/**
 * The terminal that the screen is on: raw keys, its size, a picture of its own. However the program
 * ends (but for SIGKILL), the terminal is left as it was found.
 */

import { isInFront, stopJob } from "./job.ts";

/** Columns and rows. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** A second picture, no cursor, no wrapping of lines that are too long, pastes told from keys. */
const ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[?2004h\u001b[2J";
const LEAVE = "\u001b[?2026l\u001b[0m\u001b[?2004l\u001b[?7h\u001b[?25h\u001b[?1049l";

const FALLBACK: Size = { columns: 80, rows: 24 };

/** How often it is looked whether a program that was stopped is in front again. */
const BACK_MS = 200;

/**
 * True when a screen can be shown: keys come from a terminal that can place its cursor, and it is
 * this program that they are meant for.
 */
export function canShowScreen(env: (name: string) => string | undefined): boolean {
  return Deno.stdin.isTerminal() && Deno.stdout.isTerminal() &&
    isCapable(env("TERM"), Deno.build.os) && isInFront();
}

/** True when a terminal of this type can place its cursor; Windows names no type. */
function isCapable(term: string | undefined, os: typeof Deno.build.os): boolean {
  return os === "windows" || !["", "dumb", "unknown"].includes(term ?? "");
}

export class Tty {
  readonly #encoder = new TextEncoder();
  readonly #leaveAtExit = (): void => this.close();
  #isOpen = false;

  /** Takes the terminal over, also once more. Throws when it is gone. */
  open(): void {
    // First of all: in the background this is what stops the program until it is in front again.
    Deno.stdin.setRaw(true);
    globalThis.addEventListener("unload", this.#leaveAtExit);
    this.#isOpen = true;
    this.#writeNow(ENTER);
  }

  /** Gives the terminal back, at once. Does nothing when that is done. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    globalThis.removeEventListener("unload", this.#leaveAtExit);
    this.#writeNow(LEAVE);
    try {
      Deno.stdin.setRaw(false);
    } catch {
      // It is gone.
    }
  }

  /** The size as it is now. */
  size(): Size {
    try {
      const { columns, rows } = Deno.consoleSize();
      // Some say 0 when they do not know.
      return columns > 0 && rows > 0 ? { columns, rows } : FALLBACK;
    } catch {
      return FALLBACK;
    }
  }

  /** True when nobody is at the other end any more. */
  isLost(): boolean {
    try {
      Deno.consoleSize();
      return false;
    } catch {
      return true;
    }
  }

  /** Writes without being in the way of others. Rejects when the terminal is gone. */
  async write(text: string): Promise<void> {
    const bytes = this.#encoder.encode(text);
    for (let done = 0; done < bytes.length;) done += await Deno.stdout.write(bytes.subarray(done));
  }

  /** Waits for keys; null: the terminal is gone. */
  async read(into: Uint8Array): Promise<number | null> {
    try {
      return await Deno.stdin.read(into);
    } catch {
      return null;
    }
  }

  /**
   * Stops the program as Ctrl-Z does, and settles when it is in front again: a shell may have let it
   * go on in the background. Nobody must read keys meanwhile.
   */
  async suspend(): Promise<void> {
    this.close();
    stopJob();
    do {
      await new Promise((resolve) => setTimeout(resolve, BACK_MS));
    } while (!isInFront());
    this.open();
  }

  /** For the ends of a picture, which must be out before anything else is. */
  #writeNow(text: string): void {
    const bytes = this.#encoder.encode(text);
    try {
      Deno.stdout.writeSync(bytes);
    } catch {
      // A picture that is being written holds standard output, or the terminal is gone.
      writeToTerminal(bytes);
    }
  }
}

function writeToTerminal(bytes: Uint8Array): void {
  try {
    using terminal = Deno.openSync("/dev/tty", { write: true });
    terminal.writeSync(bytes);
  } catch {
    // There is none, or not any more.
  }
}
