/**
 * Keeps the store up to date: a checkpoint every 30 s, the listening time every 2 s. A failing
 * store is reported and tried again; it stops nothing.
 */

import type { Gone } from "../monitor/change_list.ts";
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
  /** Settles when all that people are to be told by now is in the store. */
  readonly notificationsStored: () => Promise<void>;
  /** Settles when the hourly figures of hosts that were dropped are forgotten. @default {none kept} */
  readonly forgetHistory?: (gone: Gone) => Promise<void>;
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
  #saving = false;
  readonly #failed = new Set<string>();
  readonly #counters = { count: 0, failures: 0, totalMs: 0, lastMs: 0 };
  readonly #giveUp = new AbortController();

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Checkpoints made and failed since the start, and how long those made took, milliseconds. */
  counters(): Readonly<Record<"count" | "failures" | "totalMs" | "lastMs", number>> {
    return { ...this.#counters };
  }

  start(): void {
    this.#timers = [
      setInterval(() => void this.checkpoint(), CHECKPOINT_MS),
      setInterval(() => void this.#saveListening(), LISTENING_MS),
    ];
  }

  /** Makes a checkpoint after the one that may be under way. Never rejects. */
  checkpoint(): Promise<void> {
    if (this.#checkpointWaits) return this.#working;
    this.#checkpointWaits = true;
    this.#working = this.#working.then(async () => {
      this.#checkpointWaits = false;
      const { monitor, store, nowMs, onCheckpoint, notificationsStored, forgetHistory } =
        this.#options;
      await this.#try("checkpoint", async () => {
        const { signal } = this.#giveUp;
        const startMs = performance.now();
        const hooks = [notificationsStored, forgetHistory] as const;
        const seq = await checkpoint(monitor, store, nowMs(), signal, ...hooks);
        this.#took(performance.now() - startMs);
        onCheckpoint(seq);
      });
    });
    return this.#working;
  }

  /** Notes the listening time and makes the last checkpoint, or gives it up after `limitMs`. */
  async stop(limitMs: number | null): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const limit = limitMs === null ? null : setTimeout(() => this.#giveUp.abort(), limitMs);
    await this.#saveListening();
    await this.checkpoint();
    if (limit !== null) clearTimeout(limit);
  }

  /** Notes the listening time, unless a slow store is still busy with the last one. */
  async #saveListening(): Promise<void> {
    if (this.#saving) return;
    this.#saving = true;
    const { store, listeningMs } = this.#options;
    await this.#try("listening", () => store.saveListening(listeningMs()));
    this.#saving = false;
  }

  /** The store works when the last of either job did. */
  async #try(job: "checkpoint" | "listening", work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#failed.delete(job);
      if (this.#failed.size === 0) this.#options.onTrouble(null);
    } catch (error) {
      if (this.#giveUp.signal.aborted) return;
      if (job === "checkpoint") this.#counters.failures++;
      this.#failed.add(job);
      this.#options.onTrouble(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #took(ms: number): void {
    this.#counters.count++;
    this.#counters.totalMs += ms;
    this.#counters.lastMs = ms;
  }
}
