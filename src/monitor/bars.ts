/**
 * The bar of each host: what became of its last 60 intervals, a letter each. Sixteen bytes a host:
 * two bits a letter in a ring, and a byte that says how far it has come.
 *
 * Also how much deaf time each bar has taken in: what has been added since is a gap that nobody is
 * to blame for.
 */

/** Letters by their code. */
const LETTERS = ["o", "l", "m", "d"] as const;
export type BarLetter = (typeof LETTERS)[number];

/** Intervals shown. */
export const BAR_LENGTH = 60;

const BYTES = 16;
const POSITION = 15;

/** A bar as the store keeps it. */
export interface BarRecord {
  /**
   * Its sixteen bytes, a character each: an array of bytes is an object with a buffer of its own,
   * and a hundred thousand of them take a start half a second.
   */
  readonly letters: string;
  /** The server's deaf time that it has taken in, milliseconds. */
  readonly deafMs: number;
}

export class Bars {
  #bytes = new Uint8Array(0);
  #deafMs = new Float64Array(0);

  /** Adds a letter `times` times. `row` must have been added. */
  push(row: number, letter: BarLetter, times = 1): void {
    const code = LETTERS.indexOf(letter);
    for (let n = Math.min(times, BAR_LENGTH); n > 0; n--) this.#push(row * BYTES, code);
  }

  /**
   * The server's deaf time has come to `deafMs`: returns by how much it has grown since the last
   * letter of `row`; 0 when there is none yet.
   */
  takeDeaf(row: number, deafMs: number): number {
    const before = this.#deafMs[row] ?? 0;
    if (before === deafMs) return 0;
    this.#deafMs[row] = deafMs;
    return this.#bytes[row * BYTES + POSITION] === 0 ? 0 : Math.max(0, deafMs - before);
  }

  /** The letters of `row`, the oldest first. */
  text(row: number): string {
    const position = this.#bytes[row * BYTES + POSITION] ?? 0;
    const length = Math.min(position, BAR_LENGTH);
    const oldest = position - length;
    let text = "";
    for (let n = 0; n < length; n++) {
      const at = (oldest + n) % BAR_LENGTH;
      const code = ((this.#bytes[row * BYTES + (at >> 2)] ?? 0) >> 2 * (at & 3)) & 3;
      text += LETTERS[code] ?? "";
    }
    return text;
  }

  /** Null: there is nothing in it. */
  record(row: number): BarRecord | null {
    const first = row * BYTES;
    if ((this.#bytes[first + POSITION] ?? 0) === 0) return null;
    const letters = String.fromCharCode(...this.#bytes.subarray(first, first + BYTES));
    return { letters, deafMs: this.#deafMs[row] ?? 0 };
  }

  restore(row: number, { letters, deafMs }: BarRecord): void {
    for (let n = 0; n < BYTES; n++) this.#bytes[row * BYTES + n] = letters.charCodeAt(n);
    this.#deafMs[row] = deafMs;
  }

  /** Forgets what is known of `row`. */
  clear(row: number): void {
    this.#bytes.fill(0, row * BYTES, (row + 1) * BYTES);
    this.#deafMs[row] = 0;
  }

  /** Makes room for `capacity` rows. */
  grow(capacity: number): void {
    const bytes = new Uint8Array(capacity * BYTES);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    const deafMs = new Float64Array(capacity);
    deafMs.set(this.#deafMs);
    this.#deafMs = deafMs;
  }

  /**
   * The position counts the letters up to 60, and from there goes round: it says both how many
   * there are and where the next one belongs.
   */
  #push(first: number, code: number): void {
    const position = this.#bytes[first + POSITION] ?? 0;
    const at = position % BAR_LENGTH;
    const byte = first + (at >> 2);
    const shift = 2 * (at & 3);
    this.#bytes[byte] = ((this.#bytes[byte] ?? 0) & ~(3 << shift)) | (code << shift);
    this.#bytes[first + POSITION] = position === 2 * BAR_LENGTH - 1 ? BAR_LENGTH : position + 1;
  }
}
