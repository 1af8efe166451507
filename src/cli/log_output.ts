/**
 * Where the log of hbd goes: to standard error. While a screen is shown on the same terminal, lines
 * there would destroy it: then they are shown in it, and come to standard error when it is left.
 */

import { configure, getTextFormatter, type LogRecord } from "@logtape/logtape";
import { printable } from "../screen/printable.ts";

/** Lines kept for the time after the screen. */
const KEPT = 200;

/** Lines of the start that the screen shows, too. */
const EARLY = 20;

/** Shows a line; `isTrouble`: a warning or worse. */
export type ShowLine = (text: string, isTrouble: boolean) => void;

const value = (one: unknown): string => typeof one === "string" ? one : Deno.inspect(one);

const whole = getTextFormatter({ timestamp: "time", category: "·", value });
const messageAlone = getTextFormatter({ value, format: ({ message }) => message });

export class LogOutput {
  readonly #encoder = new TextEncoder();
  #show: ShowLine | null = null;
  /** What was logged before a screen was there; it hides what standard error has got. */
  #early: Parameters<ShowLine>[] = [];
  #kept: string[] = [];

  /** Sends all that is logged here. */
  async configure(verbose: boolean): Promise<void> {
    await configure({
      sinks: { here: (record) => this.#write(record) },
      loggers: [
        { category: "hbd", sinks: ["here"], lowestLevel: verbose ? "debug" : "info" },
        { category: ["logtape", "meta"], sinks: ["here"], lowestLevel: "warning" },
      ],
      reset: true,
    });
  }

  /** From now on lines are shown by `show`. */
  divert(show: ShowLine): void {
    this.#show = show;
    for (const line of this.#early.splice(0)) show(...line);
  }

  /** From now on they are not; those that standard error has not got are written there. */
  restore(): void {
    this.#show = null;
    for (const text of this.#kept.splice(0)) this.#print(text);
  }

  #write(record: LogRecord): void {
    // Names of hosts and answers of other servers are in there.
    const text = printable(whole(record));
    const isTrouble = !["trace", "debug", "info"].includes(record.level);
    const line: Parameters<ShowLine> = [messageAlone(record).trimEnd(), isTrouble];
    if (this.#show === null) {
      this.#early = [...this.#early, line].slice(-EARLY);
      return this.#print(text);
    }
    this.#show(...line);
    // A file or a pipe gets its lines at once.
    if (!Deno.stderr.isTerminal()) return this.#print(text);
    this.#kept.push(text);
    if (this.#kept.length > KEPT) this.#kept.shift();
  }

  #print(text: string): void {
    try {
      Deno.stderr.writeSync(this.#encoder.encode(text));
    } catch {
      // Standard error is closed: nobody reads the log.
    }
  }
}
