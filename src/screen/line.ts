/**
 * One line of the screen, put together from left to right: whatever is added is made harmless, cut
 * to the columns that are left, and styled.
 *
 * After text of which terminals may think otherwise than `widthOf`, the cursor is set to where the
 * next thing begins: so columns stay below each other on all of them. Some give a picture one column
 * and not two, which would leave what stood in the other: such a line is cleared before.
 */

import { printableLine } from "./printable.ts";
import { cut, hasPicture, isCertain, widthOf } from "./width.ts";

/** How something is to be seen; `alarm` is bold and red. */
export type Style = "" | "bold" | "dim" | "red" | "green" | "yellow" | "cyan" | "alarm" | "reverse";

/** Parameters of "Select Graphic Rendition"; the others are colours. */
const ATTRIBUTES: Readonly<Record<Style, string>> = {
  "": "",
  bold: "1",
  dim: "2",
  reverse: "7",
  red: "31",
  green: "32",
  yellow: "33",
  cyan: "36",
  alarm: "1;31",
};

/** What is left of a style without colours. */
const UNCOLOURED: Readonly<Record<Style, string>> = {
  ...ATTRIBUTES,
  red: "",
  green: "",
  yellow: "",
  cyan: "",
  alarm: "1",
};

const CLEAR_REST = "\u001b[K";

export class Line {
  readonly columns: number;
  readonly #codes: Readonly<Record<Style, string>>;
  readonly #isReverse: boolean;
  #text = "";
  #width = 0;
  #isUncertain = false;
  #hasPicture = false;

  /** A reversed line is so in all its columns. */
  constructor(columns: number, colour: boolean, isReverse = false) {
    this.columns = columns;
    this.#codes = colour ? ATTRIBUTES : UNCOLOURED;
    this.#isReverse = isReverse;
  }

  /** Columns that are taken. */
  get width(): number {
    return this.#width;
  }

  /** Adds text, as far as there is room: up to column `end`, counted from 0. */
  add(text: string, style: Style = "", end = this.columns): this {
    const fitting = cut(printableLine(text), Math.min(end, this.columns) - this.#width);
    if (fitting === "") return this;
    const codes = [this.#isReverse ? "7" : "", this.#codes[style]].filter((one) => one !== "");
    this.#place();
    this.#text += codes.length === 0 ? fitting : `\u001b[${codes.join(";")}m${fitting}\u001b[0m`;
    this.#width += widthOf(fitting);
    this.#isUncertain = !isCertain(fitting);
    this.#hasPicture ||= this.#isUncertain && hasPicture(fitting);
    return this;
  }

  /** Goes on at `column`, with blanks up to there. */
  to(column: number): this {
    return this.add(" ".repeat(Math.max(0, Math.min(column, this.columns) - this.#width)));
  }

  /** Adds text so that it ends before `column`. */
  right(text: string, column: number, style: Style = ""): this {
    return this.to(column - widthOf(printableLine(text))).add(text, style, column);
  }

  /** The line with its escape sequences; it clears whatever was there before. */
  toString(): string {
    if (this.#isReverse) this.to(this.columns);
    const before = this.#hasPicture ? CLEAR_REST : "";
    if (this.#width >= this.columns) return before + this.#text;
    this.#place();
    return before + this.#text + CLEAR_REST;
  }

  #place(): void {
    if (this.#isUncertain) this.#text += `\u001b[${this.#width + 1}G`;
    this.#isUncertain = false;
  }
}
