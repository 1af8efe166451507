/**
 * Asks for a password on a terminal without showing it. The terminal is as it was before when this
 * ends, however it ends: by Enter, Ctrl-C, Ctrl-D or a signal.
 */

const MAX_INPUT_BYTES = 65_536;

/** What was typed will not do; the message says why, ready to print. */
export class PasswordError extends Error {
  override readonly name = "PasswordError";
}

/** Whoever was asked did not want to answer. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

/**
 * Asks a question on the terminal and settles with what was typed.
 *
 * @param prompt written to standard error, so that standard output can go to a file
 * @throws {Cancelled} for Ctrl-C, Ctrl-D on an empty line, and the end of the input
 */
export async function askHidden(prompt: string): Promise<string> {
  write(prompt);
  const ended = Promise.withResolvers<null>();
  const onSignal = () => ended.resolve(null);
  const signals = Deno.build.os === "windows" ? [] : ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  Deno.stdin.setRaw(true);
  try {
    const line = new TypedLine();
    const decoder = new TextDecoder();
    const chunk = new Uint8Array(4096);
    while (true) {
      const read = await Promise.race([Deno.stdin.read(chunk), ended.promise]);
      if (read === null) throw new Cancelled("Cancelled");
      const text = decoder.decode(chunk.subarray(0, read), { stream: true });
      const typed = line.take(text);
      if (typed === "cancelled") throw new Cancelled("Cancelled");
      if (typed !== null) return typed.line;
    }
  } finally {
    Deno.stdin.setRaw(false);
    for (const signal of signals) Deno.removeSignalListener(signal, onSignal);
    write("\n");
  }
}

/** What is typed, until Enter. */
export class TypedLine {
  #chars: string[] = [];

  /** Takes what came from a terminal in raw mode; null: there is more to come. */
  take(text: string): { readonly line: string } | "cancelled" | null {
    // Arrows and other keys that are no characters.
    // deno-lint-ignore no-control-regex -- that is how they begin
    for (const char of text.replace(/\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O.)/g, "")) {
      switch (char) {
        case "\r":
        case "\n":
          return { line: this.#chars.join("") };
        case "\x03":
          return "cancelled";
        case "\x04":
          if (this.#chars.length === 0) return "cancelled";
          break;
        case "\x7f":
        case "\b":
          this.#chars.pop();
          break;
        case "\x15":
          this.#chars = [];
          break;
        default:
          if (!/\p{Cc}/u.test(char)) this.#chars.push(char);
      }
    }
    return null;
  }
}

/** The first line of standard input, where that is no terminal. */
export async function firstLine(): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const chunk = new Uint8Array(4096);
  let text = "";
  try {
    while (!text.includes("\n") && text.length < MAX_INPUT_BYTES) {
      const read = await Deno.stdin.read(chunk);
      text += read === null ? decoder.decode() : decoder.decode(chunk.subarray(0, read), {
        stream: true,
      });
      if (read === null) break;
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new PasswordError("The password on standard input must be UTF-8 text");
  }
  return text.split(/\r?\n/)[0] ?? "";
}

function write(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}
