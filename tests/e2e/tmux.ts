/**
 * A real terminal for tests: a window of tmux with a shell in it, to type into and to look at. It
 * has a server of its own, which ends with the test.
 */

import { join } from "@std/path";
import { eventually, HBD_COMMAND, literally, pause } from "./hbd.ts";

/** Between two looks at the window. */
const LOOK_MS = 50;

export interface TmuxOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export class Tmux implements AsyncDisposable {
  /** Removed at the end. */
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async open({ columns = 80, rows = 24, env = {} }: TmuxOptions = {}): Promise<Tmux> {
    const tmux = new Tmux(await Deno.makeTempDir({ prefix: "hbd-tmux-" }));
    const variables = { NO_COLOR: "", PS1: "ready>", HISTFILE: "", LANG: "C.UTF-8", ...env };
    try {
      await tmux.#run(
        ...["-f", "/dev/null", "new-session", "-d", "-x", `${columns}`, "-y", `${rows}`],
        ...["env", ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)],
        ...["bash", "--norc", "--noprofile"],
      );
      await tmux.sees(/ready>\s*$/);
    } catch (error) {
      await tmux[Symbol.asyncDispose]();
      throw error;
    }
    return tmux;
  }

  /** Types keys by the names of tmux: `Enter`, `C-c`, `Down`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#run("send-keys", ...keys);
  }

  /** Types a text as it is. */
  async type(text: string): Promise<void> {
    await this.#run("send-keys", "-l", text);
  }

  /** Pastes a text, told as such to a program that asked for it. */
  async paste(text: string): Promise<void> {
    await this.#run("set-buffer", text);
    await this.#run("paste-buffer", "-p");
  }

  /** Types a command line and Enter. */
  async command(words: readonly string[]): Promise<void> {
    await this.type(words.map((word) => /^[\w/.:=-]+$/.test(word) ? word : `'${word}'`).join(" "));
    await this.press("Enter");
  }

  /** Runs hbd in the window, with a state folder of its own. */
  async hbd(...args: readonly string[]): Promise<void> {
    const dir = ["--bind", "127.0.0.1", "--udp-port", "0", "--state-dir", this.stateDir];
    await this.command([...HBD_COMMAND, ...args, ...dir]);
  }

  get stateDir(): string {
    return join(this.dir, "state");
  }

  /** The process of the hbd that `hbd()` runs. */
  async pid(): Promise<number> {
    return Number(await Deno.readTextFile(join(this.stateDir, "hbd.lock")));
  }

  /** Sends a beat to the hbd on `port`. */
  async beat(port: number, payload: unknown): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: "POST",
      body: JSON.stringify(payload),
    });
    await response.body?.cancel();
  }

  /** The port of the screen's header. */
  async port(): Promise<number> {
    const [, port] = await this.sees(/Heartbeat Monitor.*:(\d+)/);
    return Number(port);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#run("resize-window", "-x", `${columns}`, "-y", `${rows}`);
  }

  /** What is seen; with the sequences for colours, if wanted. */
  async text(withColours = false): Promise<string> {
    return await this.#run("capture-pane", "-p", ...(withColours ? ["-e"] : []));
  }

  /** Waits until `wanted` is seen. Returns what was found. */
  async sees(wanted: RegExp | string): Promise<RegExpExecArray> {
    const pattern = typeof wanted === "string" ? new RegExp(literally(wanted)) : wanted;
    return await this.#look((text) => {
      const found = pattern.exec(text);
      if (found === null) throw new Error(`${pattern} is not in:\n${text}`);
      return found;
    });
  }

  /** Waits until `pattern` is not seen any more. */
  async seesNo(pattern: RegExp): Promise<void> {
    await this.#look((text) => {
      if (pattern.test(text)) throw new Error(`${pattern} is still in:\n${text}`);
    });
  }

  /** Waits until the shell is back and the terminal as it was: echo, lines, cursor, one picture. */
  async isRestored(): Promise<void> {
    await this.sees(/ready>\s*$/);
    const flags = "#{alternate_on} #{cursor_flag} #{wrap_flag}";
    const shown = (await this.#run("display-message", "-p", flags)).trim();
    if (shown !== "0 1 1") throw new Error(`Alternate, cursor, wrap are ${shown}, not 0 1 1`);
    await this.command(["stty", "-a"]);
    const [modes] = await this.sees(/ -?icanon[^]* -?echo [^]*ready>\s*$/);
    if (/ -(?:icanon|isig|echo|opost) /.test(modes)) throw new Error(modes);
    await this.command(["clear"]);
  }

  /** Closes the window, as one who closes a terminal. */
  async close(): Promise<void> {
    await this.#run("kill-server");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close().catch(() => {});
    await eventually(() => Deno.remove(this.dir, { recursive: true }), 5000);
  }

  #look<T>(check: (text: string) => T): Promise<T> {
    return eventually(async () => {
      try {
        return check(await this.text());
      } catch (error) {
        await pause(LOOK_MS);
        throw error;
      }
    });
  }

  async #run(...args: readonly string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-u", "-S", join(this.dir, "socket"), ...args],
      env: { TERM: "xterm-256color" },
      stdin: "null",
    }).output();
    if (success) return new TextDecoder().decode(stdout);
    throw new Error(`tmux ${args[0]}: ${new TextDecoder().decode(stderr)}`);
  }
}
