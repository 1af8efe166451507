/**
 * Bytes of a terminal as keys. A key may come in several reads, and several keys in one. A lone
 * Escape is known only when nothing follows it: whoever reads calls `rest()` after a moment.
 */

/** A key that has a name. */
export type NamedKey =
  | "up"
  | "down"
  | "left"
  | "right"
  | "pageup"
  | "pagedown"
  | "home"
  | "end"
  | "enter"
  | "escape"
  | "tab"
  | "backspace"
  | "ctrl-c"
  | "ctrl-l"
  | "ctrl-u"
  | "ctrl-z";

/** What was pressed: a key with a name, or a character. */
export type Key =
  | { readonly kind: "key"; readonly name: NamedKey }
  | { readonly kind: "character"; readonly text: string };

/** Longest escape sequence; what is longer is none of a keyboard. */
const LONGEST = 32;

const CONTROLS: ReadonlyMap<string, NamedKey> = new Map([
  ["\r", "enter"],
  ["\n", "enter"],
  ["\t", "tab"],
  ["\u007f", "backspace"],
  ["\b", "backspace"],
  ["\u0003", "ctrl-c"],
  ["\u000c", "ctrl-l"],
  ["\u0015", "ctrl-u"],
  ["\u001a", "ctrl-z"],
  // As `less` has them.
  ["\u0002", "pageup"],
  ["\u0006", "pagedown"],
]);

/** What follows `ESC [` or `ESC O`, without modifiers. */
const SEQUENCES: ReadonlyMap<string, NamedKey> = new Map([
  ["A", "up"],
  ["B", "down"],
  ["C", "right"],
  ["D", "left"],
  ["H", "home"],
  ["F", "end"],
  ["M", "enter"],
  ["1~", "home"],
  ["7~", "home"],
  ["4~", "end"],
  ["8~", "end"],
  ["5~", "pageup"],
  ["6~", "pagedown"],
]);

/** A whole sequence, its parameters and its end. */
const WHOLE =
  // deno-lint-ignore no-control-regex -- ESC is what it is
  /^\u001b(?:O(?<key>.)|\[(?<parameters>[0-?]*)[ -/]*(?<final>[@-~]))/;

/** What may still become one. */
const BEGUN =
  // deno-lint-ignore no-control-regex -- ESC is what it is
  /^\u001b(?:O|\[[0-?]*[ -/]*)?$/;

export class KeyReader {
  readonly #decoder = new TextDecoder();
  #text = "";

  /** True when the beginning of something waits for its rest. */
  get isWaiting(): boolean {
    return this.#text !== "";
  }

  /** Takes bytes in, and returns the keys that are complete. */
  take(bytes: Uint8Array): readonly Key[] {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    const keys: Key[] = [];
    while (this.#text !== "" && !this.#isBegun()) {
      const key = this.#next();
      if (key !== null) keys.push(key);
    }
    return keys;
  }

  /** Nothing follows: what waited was a lone Escape. */
  rest(): readonly Key[] {
    const isEscape = this.#text.startsWith("\u001b");
    this.#text = "";
    return isEscape ? [{ kind: "key", name: "escape" }] : [];
  }

  #isBegun(): boolean {
    return BEGUN.test(this.#text) && this.#text.length < LONGEST;
  }

  /** The first key; null for what is none. */
  #next(): Key | null {
    if (this.#text.startsWith("\u001b")) return this.#sequence();
    const [character = ""] = this.#text;
    this.#text = this.#text.slice(character.length);
    const name = CONTROLS.get(character);
    if (name !== undefined) return { kind: "key", name };
    return /\p{Cc}/u.test(character) ? null : { kind: "character", text: character };
  }

  #sequence(): Key | null {
    const found = WHOLE.exec(this.#text);
    if (found === null) {
      // Escape, and then something that has nothing to do with it.
      this.#text = this.#text.slice(1);
      return { kind: "key", name: "escape" };
    }
    this.#text = this.#text.slice(found[0].length);
    const { key, parameters = "", final = "" } = found.groups ?? {};
    // A mouse, or an answer to a question.
    if (/^[<=>?]/.test(parameters)) return null;
    // Of "5;2~" (with Shift) only "5~" counts, and of "1;5A" (with Ctrl) only "A".
    const [first = ""] = parameters.split(";");
    const name = SEQUENCES.get(key ?? (final === "~" ? `${first}~` : final));
    return name === undefined ? null : { kind: "key", name };
  }
}
