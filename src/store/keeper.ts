/**
 * Keeps the store up to date: a checkpoint every 30 s, the listening time every 2 s. A failing
 * store is reported and tried again; it stops nothing.
 */

import type { Monitor } from "../monitor/monitor.ts";
import { checkpoint } from "./checkpoint.ts";
import type { Store } from "./store.ts";

const CHECKPOINT_MS = 30_000;
const LISTENING_MS = 2000;

export interface KeeperOptions {
  readonly monitor: Monitor;
  readonly store: Store;
  readonly nowMs: () => number;
  /** The listening time: see the monitor. */
  readonly listeningMs: () => number;
  /** Everything up to `seq` is in the store. */
  readonly onCheckpoint: (seq: number) => void;
  /** The store fails with an error, or works (again): null. */
  readonly onTrouble: (error: Error | null) => void;
}

export class Keeper {
  readonly #options: KeeperOptions;
  #timers: ReturnType<typeof setInterval>[] = [];
  #working: Promise<void> = Promise.resolve();
  #checkpointWaits = false;
  readonly #giveUp = new AbortController();

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  start(): void {
    const { store, listeningMs } = this.#options;
    this.#timers = [
      setInterval(() => void this.checkpoint(), CHECKPOINT_MS),
      setInterval(() => void this.#try(() => store.saveListening(listeningMs())), LISTENING_MS),
    ];
  }

  /** Makes a checkpoint after the one that may be under way. Never rejects. */
  checkpoint(): Promise<void> {
    if (this.#checkpointWaits) return this.#working;
    this.#checkpointWaits = true;
    this.#working = this.#working.then(async () => {
      this.#checkpointWaits = false;
      const { monitor, store, nowMs, onCheckpoint } = this.#options;
      await this.#try(async () => {
        onCheckpoint(await checkpoint(monitor, store, nowMs(), this.#giveUp.signal));
      });
    });
    return this.#working;
  }

  /** Notes the listening time and makes the last checkpoint, or gives it up after `limitMs`. */
  async stop(limitMs: number | null): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const limit = limitMs === null ? null : setTimeout(() => this.#giveUp.abort(), limitMs);
    const { store, listeningMs } = this.#options;
    await this.#try(() => store.saveListening(listeningMs()));
    await this.checkpoint();
    if (limit !== null) clearTimeout(limit);
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#options.onTrouble(null);
    } catch (error) {
      if (this.#giveUp.signal.aborted) return;
      this.#options.onTrouble(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
