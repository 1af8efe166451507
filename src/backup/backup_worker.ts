/**
 * Makes a backup in a thread of its own: copying the store and compressing the journal would keep
 * beats waiting. One chunk at a time, when it is asked for.
 */

import { type BackupJob, backupStream } from "./pack.ts";

/** What the main thread says. */
export type ToBackup = { readonly job: BackupJob } | "next" | "stop";

/** What it is told. */
export type FromBackup =
  | { readonly chunk: Uint8Array<ArrayBuffer> }
  | { readonly error: string }
  | "done";

const self = globalThis as unknown as {
  onmessage: (event: MessageEvent<ToBackup>) => void;
  postMessage(message: FromBackup, transfer?: readonly ArrayBuffer[]): void;
};

const made = new DisposableStack();
let reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | null = null;

self.onmessage = async ({ data }) => {
  try {
    if (data === "stop") {
      await reader?.cancel();
      made.dispose();
      return self.postMessage("done");
    }
    if (data !== "next") {
      reader = backupStream(data.job, made).getReader();
      return;
    }
    const next = await reader?.read();
    if (next === undefined || next.done) return self.postMessage("done");
    const chunk = next.value.slice();
    self.postMessage({ chunk }, [chunk.buffer]);
  } catch (error) {
    self.postMessage({ error: error instanceof Error ? error.message : String(error) });
  }
};
