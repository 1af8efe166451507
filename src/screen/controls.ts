/**
 * What the user has set by keys: the host that is open, the filter, how far things are scrolled.
 * Moves are noted as they come and put right by the views, which know how much there is.
 */

import type { Key, NamedKey } from "./keys.ts";

/** A key, which is no text from elsewhere. */
type Pressed = Exclude<Key, { readonly kind: "paste" }>;

/** What is to be done besides drawing anew. */
export type Wish = "quit" | "suspend" | "repaint" | null;

/** A move within a list: so many places, or to one of its ends. */
export type Move = { readonly pages: number } | { readonly places: number } | "first" | "last";

/** Characters of a filter. */
const FILTER = 100;

const MOVES: Partial<Record<NamedKey, Move>> = {
  up: { places: -1 },
  down: { places: 1 },
  pageup: { pages: -1 },
  pagedown: { pages: 1 },
  home: "first",
  end: "last",
};

export class Controls {
  /** Part of names and addresses; empty: all are shown. */
  filter = "";
  isTyping = false;
  isHelp = false;
  /** First line of the help that is shown. */
  helpTop = 0;
  /** The host that was opened; null: the table. */
  opened: string | null = null;
  /** The host that is marked; null: whichever is first. */
  marked: string | null = null;
  /** Columns of the names in the table: as many as there was need for once. */
  nameWidth = 0;
  /** The same for names and addresses in the log. */
  readonly logWidths = { name: 0, from: 0 };
  /** First row of the table that is shown. */
  tableTop = 0;
  /** What is marked is to be opened with the next picture. */
  isOpening = false;
  /** Which pane the arrows move. */
  pane: "table" | "log" = "table";
  /** The log stands still. */
  isPaused = false;
  /** Number of the entry that is shown last; null: the latest. */
  logEnd: number | null = null;
  /** Moves of the pane or the help that nobody has made yet. */
  moves: Move[] = [];

  /** Takes a key in; `hasTable` tells whether there are several hosts, `last` is the last entry. */
  press(key: Key, hasTable: boolean, last: number): Wish {
    if (key.kind === "paste") {
      if (this.isTyping && !this.isHelp) this.#extend(key.text.trim().split(/[\r\n]/)[0] ?? "");
      return null;
    }
    if (key.kind === "key") {
      if (key.name === "ctrl-c") return "quit";
      if (key.name === "ctrl-z") return "suspend";
      if (key.name === "ctrl-l") return "repaint";
    }
    if (this.isHelp) return this.#pressInHelp(key);
    if (this.isTyping) {
      this.#type(key);
      return null;
    }
    return key.kind === "key" ? this.#named(key.name, hasTable) : this.#letter(
      key.text,
      hasTable,
      last,
    );
  }

  #pressInHelp(key: Pressed): Wish {
    const move = key.kind === "key" ? MOVES[key.name] : undefined;
    if (move === undefined) {
      this.isHelp = false;
      this.moves = [];
    } else this.moves.push(move);
    return null;
  }

  #extend(text: string): void {
    this.filter = (this.filter + text).slice(0, FILTER);
    this.marked = null;
  }

  #type(key: Pressed): void {
    if (key.kind === "character") return this.#extend(key.text);
    switch (key.name) {
      case "enter":
      case "tab":
        this.isTyping = false;
        break;
      case "escape":
        this.isTyping = false;
        this.filter = "";
        break;
      case "backspace":
        this.filter = [...this.filter].slice(0, -1).join("");
        break;
      case "ctrl-u":
        this.filter = "";
        break;
      default: {
        const move = MOVES[key.name];
        if (move !== undefined) this.moves.push(move);
      }
    }
  }

  #named(name: NamedKey, hasTable: boolean): Wish {
    const move = MOVES[name];
    if (move !== undefined) this.moves.push(move);
    else if (name === "escape" || name === "left" || name === "backspace") this.#back();
    else if (name === "tab" && hasTable && this.opened === null) {
      this.pane = this.pane === "table" ? "log" : "table";
    } else if ((name === "enter" || name === "right") && hasTable && this.opened === null) {
      this.isOpening = this.pane === "table";
    }
    return null;
  }

  #letter(letter: string, hasTable: boolean, last: number): Wish {
    switch (letter) {
      case "q":
      case "Q":
        return "quit";
      case "?":
      case "h":
        this.isHelp = true;
        this.helpTop = 0;
        this.moves = [];
        break;
      case "/":
        if (!hasTable) break;
        this.opened = null;
        this.pane = "table";
        this.isTyping = true;
        break;
      case "p":
        this.isPaused = !this.isPaused;
        this.logEnd = this.isPaused ? this.logEnd ?? last : null;
        break;
      case "k":
        this.moves.push({ places: -1 });
        break;
      case "j":
        this.moves.push({ places: 1 });
        break;
      case " ":
        this.moves.push({ pages: 1 });
        break;
      case "g":
        this.moves.push("first");
        break;
      case "G":
        this.moves.push("last");
    }
    return null;
  }

  #back(): void {
    if (this.opened !== null) this.opened = null;
    else if (this.pane === "log") this.pane = "table";
    else this.filter = "";
    if (!this.isPaused) this.logEnd = null;
  }
}

/** Where a move within `length` places leads from place `from`; a page has `page` of them. */
export function moved(from: number, move: Move, page: number, length: number): number {
  const to = move === "first"
    ? 0
    : move === "last"
    ? length - 1
    : "pages" in move
    ? from + move.pages * Math.max(1, page - 1)
    : from + move.places;
  return Math.max(0, Math.min(length - 1, to));
}
