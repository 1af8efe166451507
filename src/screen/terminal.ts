/**
 * The way to the terminal. Never waited for: what a slow terminal (or a pipe nobody reads) cannot
 * take is dropped and counted, so that watching the server never slows it.
 */

/** Text that may wait for a slow reader, in UTF-16 code units. */
const QUEUE_LIMIT = 256 * 1024;

/** Where text goes; `Deno.stdout` in life. */
export interface TextWriter {
  write(bytes: Uint8Array): Promise<number>;
}

export class Terminal {
  readonly #writer: TextWriter;
  readonly #encoder = new TextEncoder();
  #queue = "";
  #dropped = 0;
  #writing: Promise<void> | null = null;

  constructor(writer: TextWriter) {
    this.#writer = writer;
  }

  print(text: string): void {
    if (this.#queue.length + text.length > QUEUE_LIMIT) {
      this.#dropped++;
      return;
    }
    this.#queue += text;
    this.#writing ??= this.#drain();
  }

  /** Settles when everything printed so far is out, or after `limitMs` when nobody takes it. */
  async flushed(limitMs = 200): Promise<void> {
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, limitMs);
    await Promise.race([this.#writing, limit.promise]);
    clearTimeout(timer);
  }

  async #drain(): Promise<void> {
    try {
      while (this.#queue !== "" || this.#dropped > 0) {
        const note = this.#dropped === 0 ? "" : `… ${this.#dropped} outputs not shown …\n`;
        const bytes = this.#encoder.encode(this.#queue + note);
        this.#queue = "";
        this.#dropped = 0;
        for (let done = 0; done < bytes.length;) {
          done += await this.#writer.write(bytes.subarray(done));
        }
      }
    } catch {
      // Nobody is there to read any more (a closed pipe): the server does not need them.
      this.#queue = "";
    } finally {
      this.#writing = null;
    }
  }
}
