/**
 * What becomes of a failure: how long the record waits, or its whole domain, and who hears of it.
 *
 * A refused name waits alone. Where the server, the key or the program fails, all names of the
 * domain would fare alike: they wait together, and one of them tries for all.
 */

import { getLogger } from "@logtape/logtape";
import { type DnsBook, RECORD_TYPES } from "./book.ts";
import { NsupdateError } from "./nsupdate.ts";
import type { Entry } from "./state.ts";
import { aheadMs, LONGEST_RETRY_MS, Trials } from "./trials.ts";

const log = getLogger(["hbd", "dns"]);

/**
 * Updates of `name` have failed three times or for a minute; null: it works. `name` is one in the
 * DNS, or a domain when the trouble is not with one name alone.
 */
export type OnTrouble = (name: string, error: string | null) => void;

export class Failures {
  readonly #book: DnsBook;
  readonly #nowMs: () => number;
  readonly #random: () => number;
  readonly #onTrouble: OnTrouble;
  /** Failures that are not of one name alone, by domain. */
  readonly #domains = new Map<string, Trials>();

  /** `nowMs`: epoch milliseconds; `random`: 0 to 1. */
  constructor(
    book: DnsBook,
    nowMs: () => number,
    random: () => number,
    onTrouble: OnTrouble,
  ) {
    this.#book = book;
    this.#nowMs = nowMs;
    this.#random = random;
    this.#onTrouble = onTrouble;
  }

  /** Why `entry` has failed last, or its domain; null when neither did. */
  errorOf({ trials, domain }: Entry): string | null {
    return trials.error ?? this.#domain(domain).error;
  }

  /** Milliseconds that `entry` has to wait for what has failed. */
  waitMs({ trials, domain }: Entry, nowMs: number): number {
    return Math.max(
      aheadMs(trials.nextTryMs, nowMs, LONGEST_RETRY_MS),
      aheadMs(this.#domain(domain).nextTryMs, nowMs, LONGEST_RETRY_MS),
    );
  }

  /** Lets `entry` be tried at once; what failed still counts. */
  hurry({ trials, domain }: Entry): void {
    trials.hurry();
    this.#domain(domain).hurry();
  }

  /** The server has confirmed an update of `entry`. */
  worked({ name, trials, domain }: Entry): void {
    trials.worked();
    this.#domain(domain).worked();
    const isTrouble = RECORD_TYPES.some((type) => this.#book.find(name, type)?.trials.isTrouble);
    if (!isTrouble) this.#onTrouble(name, null);
    this.#onTrouble(domain, null);
  }

  /** An update of `entry` has failed. */
  failed(entry: Entry, error: unknown): void {
    const { name, type, domain, trials } = entry;
    // It may have been taken out of the configuration meanwhile.
    if (this.#book.find(name, type) !== entry) return;
    const reason = error instanceof Error ? error.message : String(error);
    // What cannot be put into lines (a RangeError) is the configuration's fault.
    const isGeneral = error instanceof NsupdateError ? error.isGeneral : true;
    if (!isGeneral) {
      // The server answers.
      const wasTrouble = this.#domain(domain).isTrouble;
      this.#domain(domain).worked();
      if (wasTrouble) this.#onTrouble(domain, null);
    }
    const failing = isGeneral ? this.#domain(domain) : trials;
    const isNews = failing.error !== reason;
    const isTrouble = failing.failed(reason, this.#nowMs(), this.#random());
    if (isNews) log.warn("DNS: update of {name} {type} failed: {reason}", { name, type, reason });
    if (isTrouble) this.#onTrouble(isGeneral ? domain : name, reason);
  }

  /** `gone` are out of the configuration, and so are the domains that the book has no more. */
  forget(gone: readonly Entry[]): void {
    for (const { name, trials } of gone) {
      if (trials.isTrouble) this.#onTrouble(name, null);
    }
    for (const [domain, trials] of this.#domains) {
      if (this.#book.domains.includes(domain)) continue;
      this.#domains.delete(domain);
      if (trials.isTrouble) this.#onTrouble(domain, null);
    }
  }

  #domain(domain: string): Trials {
    let trials = this.#domains.get(domain);
    if (trials === undefined) this.#domains.set(domain, trials = new Trials());
    return trials;
  }
}
