/**
 * Makes a backup in a thread of its own: copying the store and compressing the journal would keep
 * beats waiting. One chunk at a time, when it is asked for.
 */

import { type BackupJob, backupTar, packed } from "./pack.ts";

/** What the main thread says. */
export type ToBackup = { readonly job: BackupJob } | "next" | "stop";

/** What it is told. */
export type FromBackup =
  | { readonly chunk: Uint8Array<ArrayBuffer> }
  | { readonly error: string }
  | "done"
  /** After "stop": all that was made is removed. */
  | "stopped";

const self = globalThis as unknown as {
  onmessage: (event: MessageEvent<ToBackup>) => void;
  postMessage(message: FromBackup, transfer?: readonly ArrayBuffer[]): void;
};

const made = new DisposableStack();
let tar: AsyncGenerator<Uint8Array> | null = null;
let reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | null = null;

self.onmessage = async ({ data }) => {
  if (data === "stop") {
    await stop().catch(() => {});
    return self.postMessage("stopped");
  }
  try {
    if (data !== "next") {
      tar = backupTar(data.job, made);
      reader = packed(tar).getReader();
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

async function stop(): Promise<void> {
  using _made = made;
  await reader?.cancel();
  // It may be in the middle of a step, and what that makes is removed at its end.
  await tar?.return(undefined);
}
