/** Local time as text. Keeps the last second, since most calls ask for the same one again. */

/** Formats epoch milliseconds in the machine's time zone. */
export class LocalTime {
  #second = NaN;
  #date = "";
  #clock = "";

  /** `2026-03-28T12:34:56` */
  iso(atMs: number): string {
    this.#format(atMs);
    return `${this.#date}T${this.#clock}`;
  }

  /** `2026-03-28 12:34:56` */
  spaced(atMs: number): string {
    this.#format(atMs);
    return `${this.#date} ${this.#clock}`;
  }

  #format(atMs: number): void {
    const second = Math.floor(atMs / 1000);
    if (second === this.#second) return;
    this.#second = second;
    const time = new Date(second * 1000);
    const two = (n: number) => String(n).padStart(2, "0");
    this.#date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
    this.#clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  }
}
