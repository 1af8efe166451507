/**
 * Writes the outbox into its store: all that was queued in one turn of the event loop together, one
 * write at a time. When the store fails nothing is forgotten: the same is tried again, with what has
 * come since, until it works.
 */

import { getLogger } from "@logtape/logtape";
import { setImmediate } from "node:timers";
import type { OutboxItem, OutboxStore } from "./item.ts";

const log = getLogger(["hbd", "notify"]);

/** An item in a queue. */
export interface Entry {
  /** As it is to be stored. */
  item: OutboxItem;
  /** Whether the store has it, be it in an older form. */
  state: "new" | "writing" | "stored";
  /** It waits no longer. */
  isGone: boolean;
  /** How often the provider refused it for what it is. */
  refusals: number;
}

export interface WriterOptions {
  readonly store: OutboxStore;
  /** Milliseconds between two tries to write. */
  readonly retryMs: number;
  /** Something is in the store that was not before. */
  readonly onSaved: () => void;
}

export class OutboxWriter {
  readonly #options: WriterOptions;
  readonly #changed = new Set<Entry>();
  #removed: OutboxItem[] = [];
  #removing: PromiseWithResolvers<void> | null = null;
  #highestSeq = 0;
  #watermark = 0;
  /** Saves that were asked for, and how many of them are in the store. */
  #asked = 0;
  #saved = 0;
  #waiting: { readonly upTo: number; readonly resolve: () => void }[] = [];
  #running: Promise<void> | null = null;
  #isFailing = false;
  #isAbandoned = false;
  #endPause: (() => void) | null = null;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** The watermark that is in the store: see `OutboxStore`. */
  get watermark(): number {
    return this.#watermark;
  }

  /** Begins with the watermark that was found in the store. */
  restore(watermark: number): void {
    this.#watermark = this.#highestSeq = watermark;
  }

  /** The journal ends at `seq`: numbers above it will be given anew. */
  lower(seq: number): void {
    if (seq >= this.#highestSeq) return;
    this.#watermark = Math.min(this.#watermark, seq);
    this.#highestSeq = seq;
    this.#ask();
  }

  /** Notes that all items of `seq` were handed over, or will be in this turn. */
  note(seq: number): void {
    if (seq <= this.#highestSeq) return;
    this.#highestSeq = seq;
    this.#ask();
  }

  save(entry: Entry): void {
    this.#changed.add(entry);
    this.#ask();
  }

  /**
   * Removes it from the store, or does not save it in the first place. Settles when that is done or
   * has failed once; never rejects.
   */
  remove(entry: Entry): Promise<void> {
    entry.isGone = true;
    this.#changed.delete(entry);
    if (entry.state === "new") return Promise.resolve();
    this.#removed.push(entry.item);
    this.#run();
    // A store that hangs while it saves must not hold up one that was sent without it.
    if (entry.state === "writing") return Promise.resolve();
    this.#removing ??= Promise.withResolvers();
    return this.#removing.promise;
  }

  /** Settles when all that was handed over so far is in the store; never rejects. */
  flushed(): Promise<void> {
    if (this.#saved >= this.#asked) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ upTo: this.#asked, resolve });
    return promise;
  }

  /** Settles when there is nothing left to write. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  /** Writes no more. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#triedToRemove();
    this.#endPause?.();
  }

  #ask(): void {
    this.#asked++;
    this.#run();
  }

  #run(): void {
    if (this.#isAbandoned) return;
    this.#running ??= this.#work().finally(() => {
      this.#running = null;
      // What was asked for between the last look and here.
      if (this.#hasWork) this.#run();
    });
  }

  get #hasWork(): boolean {
    return this.#saved < this.#asked || this.#removed.length > 0;
  }

  async #work(): Promise<void> {
    // After the journal, which writes at the end of the turn too: numbers come from there.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#hasWork && !this.#isAbandoned) {
      try {
        await this.#save();
        await this.#remove();
        if (this.#isFailing) log.info("The outbox is written to the store again");
        this.#isFailing = false;
      } catch (error) {
        if (!this.#isFailing) {
          log.error("Notifications cannot be stored, and wait for that: {error}", {
            error: String(error),
          });
        }
        this.#isFailing = true;
        this.#triedToRemove();
        await this.#pause();
      }
    }
  }

  async #save(): Promise<void> {
    const upTo = this.#asked;
    if (upTo === this.#saved) return;
    const watermark = this.#highestSeq;
    const batch = [...this.#changed];
    this.#changed.clear();
    for (const entry of batch) if (entry.state === "new") entry.state = "writing";
    try {
      await this.#options.store.saveOutbox(batch.map(({ item }) => item), watermark);
    } catch (error) {
      for (const entry of batch) {
        if (entry.state === "writing") entry.state = "new";
        if (!entry.isGone) this.#changed.add(entry);
      }
      throw error;
    }
    for (const entry of batch) entry.state = "stored";
    this.#saved = upTo;
    // It may have been lowered meanwhile.
    this.#watermark = Math.min(watermark, this.#highestSeq);
    const settled = this.#waiting.filter((waiter) => waiter.upTo <= upTo);
    this.#waiting = this.#waiting.filter((waiter) => waiter.upTo > upTo);
    for (const { resolve } of settled) resolve();
    this.#options.onSaved();
  }

  #triedToRemove(): void {
    this.#removing?.resolve();
    this.#removing = null;
  }

  async #remove(): Promise<void> {
    const batch = this.#removed;
    if (batch.length === 0) return;
    this.#removed = [];
    const removing = this.#removing;
    this.#removing = null;
    try {
      await this.#options.store.removeOutbox(batch);
    } catch (error) {
      this.#removed = [...batch, ...this.#removed];
      throw error;
    } finally {
      removing?.resolve();
    }
  }

  #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#options.retryMs);
    this.#endPause = () => {
      clearTimeout(timer);
      resolve();
    };
    if (this.#isAbandoned) this.#endPause();
    return promise;
  }
}
