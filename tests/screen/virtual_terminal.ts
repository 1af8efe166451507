/**
 * A terminal in memory: takes what the screen writes and knows what would be seen. Anything that it
 * does not know is an error, so that nothing from outside gets through unseen.
 */

import { widthOf } from "../../src/screen/width.ts";

/** A sequence, or one of the modes that the screen sets. */
// deno-lint-ignore no-control-regex -- escape sequences begin with ESC
const SEQUENCE = /^\u001b\[(?<parameters>[?\d;]*)(?<final>[A-Za-z])/;

export class VirtualTerminal {
  readonly columns: number;
  readonly rows: number;
  /** Characters written that are seen, and lines that were written to. */
  painted = 0;
  readonly touched = new Set<number>();
  #cells: string[][];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#cells = this.#empty();
  }

  /** What is seen, without blanks at the ends of lines. */
  lines(): readonly string[] {
    return this.#cells.map((row) => row.join("").trimEnd());
  }

  text(): string {
    return this.lines().join("\n");
  }

  write(text: string): void {
    while (text !== "") {
      const found = SEQUENCE.exec(text);
      if (found !== null) {
        this.#obey(found.groups?.parameters ?? "", found.groups?.final ?? "");
        text = text.slice(found[0].length);
        continue;
      }
      // deno-lint-ignore no-control-regex -- these are what must not come
      const [run = ""] = /^[^\u0000-\u001f\u007f-\u009f]*/.exec(text) ?? [];
      if (run === "") {
        throw new Error(`Raw control character: ${JSON.stringify(text.slice(0, 20))}`);
      }
      for (const { segment } of new Intl.Segmenter().segment(run)) this.#put(segment);
      text = text.slice(run.length);
    }
  }

  #put(segment: string): void {
    const width = widthOf(segment);
    if (this.#column + width > this.columns || this.#row >= this.rows) {
      throw new Error(`${JSON.stringify(segment)} at ${this.#row}, ${this.#column} is outside`);
    }
    this.painted++;
    this.touched.add(this.#row);
    const row = this.#cells[this.#row] ?? [];
    row[this.#column] = segment;
    for (let more = 1; more < width; more++) row[this.#column + more] = "";
    this.#column += width;
  }

  #obey(parameters: string, final: string): void {
    const [first = 1, second = 1] = parameters.split(";").map(Number);
    switch (final) {
      case "H":
        this.#row = (first || 1) - 1;
        this.#column = second - 1;
        break;
      case "G":
        this.#column = first - 1;
        break;
      case "K":
        this.#cells[this.#row]?.fill(" ", this.#column);
        break;
      case "J":
        this.#cells = this.#empty();
        break;
      case "m":
        break;
      case "h":
      case "l":
        if (!parameters.startsWith("?")) throw new Error(`Mode ${parameters}`);
        break;
      default:
        throw new Error(`Sequence ${parameters}${final}`);
    }
  }

  #empty(): string[][] {
    return Array.from({ length: this.rows }, () => Array<string>(this.columns).fill(" "));
  }
}
