/**
 * Backups of a server that runs, one at a time: they take a good part of a processor and of the
 * disk. Made in a Worker, after a checkpoint, so that there is little to read back.
 */

import { backupInWorker } from "./in_worker.ts";
import type { BackupJob } from "./pack.ts";

export class BackupService {
  readonly #job: () => BackupJob;
  readonly #checkpoint: () => Promise<void>;
  #isBusy = false;

  /** `checkpoint` brings the store up to date; it may fail, the journal then has the rest. */
  constructor(job: () => BackupJob, checkpoint: () => Promise<void>) {
    this.#job = job;
    this.#checkpoint = checkpoint;
  }

  /** The bytes of a backup, to be read or cancelled; null while another is being made. */
  async make(): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | null> {
    if (this.#isBusy) return null;
    this.#isBusy = true;
    try {
      await this.#checkpoint();
      const done = () => {
        this.#isBusy = false;
      };
      return backupInWorker(this.#job(), done);
    } catch (error) {
      this.#isBusy = false;
      throw error;
    }
  }
}
