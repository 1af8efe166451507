/** What does not work at the moment. Each trouble is logged when it begins and when it ends. */

import { getLogger } from "@logtape/logtape";

/** A part of the server that does not work at the moment, while the rest goes on. */
export interface Problem {
  /** `journal`, `store`, `beat_log` or `logfile`. */
  readonly part: string;
  readonly message: string;
  /** Since when, epoch milliseconds. */
  readonly sinceMs: number;
}

const log = getLogger(["hbd", "health"]);

export class Health {
  readonly #problems = new Map<string, Problem>();

  /** What does not work now. */
  problems(): readonly Problem[] {
    return [...this.#problems.values()];
  }

  /** `part` fails with `error` since `nowMs`; null: it works (again). */
  report(part: string, error: Error | null, nowMs: number): void {
    const known = this.#problems.get(part);
    if (error === null) {
      if (known === undefined) return;
      this.#problems.delete(part);
      const seconds = Math.round((nowMs - known.sinceMs) / 1000);
      log.info("{part} works again after {seconds} s", { part, seconds });
    } else if (known !== undefined) {
      this.#problems.set(part, { ...known, message: error.message });
    } else {
      this.#problems.set(part, { part, message: error.message, sinceMs: nowMs });
      log.error("{part} fails, the server goes on without it: {message}", {
        part,
        message: error.message,
      });
    }
  }
}
