/**
 * What is to be written so that the terminal shows some lines: those of them that have changed
 * since the last time, each at its place. A terminal that knows how shows them all at once.
 */

/** From here on nothing is shown until the end (DEC mode 2026); others pass over it. */
const BEGIN = "\u001b[?2026h";
const END = "\u001b[?2026l";

const CLEAR = "\u001b[0m\u001b[2J";

export class Painter {
  /** What stands there; null: not known. */
  #shown: readonly string[] | null = null;

  /** The terminal may show anything now: all lines are painted the next time. */
  forget(): void {
    this.#shown = null;
  }

  /** What is to be written to show `lines`, one for each row; empty when nothing has changed. */
  paint(lines: readonly string[]): string {
    const shown = this.#shown?.length === lines.length ? this.#shown : null;
    this.#shown = lines;
    let text = shown === null ? CLEAR : "";
    for (const [at, line] of lines.entries()) {
      if (shown?.[at] !== line) text += `\u001b[${at + 1};1H${line}`;
    }
    return text === "" ? "" : BEGIN + text + END;
  }
}
