/**
 * Bytes of a terminal as keys. A key may come in several reads, and several keys in one. A lone
 * Escape is known only when nothing follows it: whoever reads calls `rest()` after a moment.
 *
 * What is pasted comes between two sequences and is one text: its letters are no keys, or a text
 * with a `q` in it would stop the server.
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

/** What was pressed: a key with a name, or a character; or what was pasted, the beginning of it. */
export type Key =
  | { readonly kind: "key"; readonly name: NamedKey }
  | { readonly kind: "character"; readonly text: string }
  | { readonly kind: "paste"; readonly text: string };

/** Before and after what is pasted, once a terminal was asked for it (DEC mode 2004). */
const PASTE = "\u001b[200~";
const PASTE_END = "\u001b[201~";

/** Characters of a paste that are kept. */
const PASTED = 1000;

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
  /** What has come of a paste; null: there is none. */
  #pasted: string | null = null;

  /** True when the beginning of a key waits for its rest. */
  get isWaiting(): boolean {
    return this.#text !== "" && this.#pasted === null;
  }

  /** Takes bytes in, and returns the keys that are complete. */
  take(bytes: Uint8Array): readonly Key[] {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    const keys: Key[] = [];
    while (this.#text !== "" && !this.#isBegun()) {
      const key = this.#pasted === null ? this.#next() : this.#paste(this.#pasted);
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
    if (this.#pasted !== null) return PASTE_END.startsWith(this.#text) && this.#text !== PASTE_END;
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
    if (found[0] === PASTE) {
      this.#pasted = "";
      return null;
    }
    const { key, parameters = "", final = "" } = found.groups ?? {};
    // A mouse, or an answer to a question.
    if (/^[<=>?]/.test(parameters)) return null;
    // Of "5;2~" (with Shift) only "5~" counts, and of "1;5A" (with Ctrl) only "A".
    const [first = ""] = parameters.split(";");
    const name = SEQUENCES.get(key ?? (final === "~" ? `${first}~` : final));
    return name === undefined ? null : { kind: "key", name };
  }

  /** What was pasted, once its end is there; null: more is to come. */
  #paste(before: string): Key | null {
    const end = this.#text.indexOf(PASTE_END);
    const length = end >= 0 ? end : this.#text.length - begunEnd(this.#text);
    const text = (before + this.#text.slice(0, length)).slice(0, PASTED);
    this.#pasted = end >= 0 ? null : text;
    this.#text = this.#text.slice(end >= 0 ? end + PASTE_END.length : length);
    return end >= 0 ? { kind: "paste", text } : null;
  }
}

/** Characters at the end of `text` that may be the beginning of the end of a paste. */
function begunEnd(text: string): number {
  let length = PASTE_END.length - 1;
  while (!text.endsWith(PASTE_END.slice(0, length))) length--;
  return length;
}
