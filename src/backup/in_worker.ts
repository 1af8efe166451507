/** A backup made by a Worker (`backup_worker.ts`), as a stream for the main thread. */

import type { BackupJob } from "./pack.ts";
import type { FromBackup, ToBackup } from "./backup_worker.ts";

/**
 * The bytes of a backup. Cancelling it ends the Worker; so does its end, and a failure. `onEnd` is
 * called when it has ended.
 */
export function backupInWorker(
  job: BackupJob,
  onEnd: () => void = () => {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const worker = new Worker(new URL("./backup_worker.ts", import.meta.url), { type: "module" });
  const say = (message: ToBackup) => worker.postMessage(message);
  const stopped = Promise.withResolvers<void>();
  let answer = Promise.withResolvers<FromBackup>();
  let isCancelled = false;
  let failure: FromBackup | null = null;
  worker.onmessage = ({ data }: MessageEvent<FromBackup>) => {
    if (data === "stopped") stopped.resolve();
    else answer.resolve(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    answer.resolve(failure = { error: event.message });
    stopped.resolve();
  };
  const end = () => {
    worker.terminate();
    onEnd();
  };
  say({ job });
  return new ReadableStream({
    async pull(controller) {
      answer = Promise.withResolvers();
      say("next");
      // It may have failed while nobody asked.
      const said = failure ?? await answer.promise;
      if (isCancelled || said === "stopped") return;
      if (said === "done") {
        end();
        controller.close();
      } else if ("error" in said) {
        end();
        controller.error(new Error(said.error));
      } else controller.enqueue(said.chunk);
    },
    async cancel() {
      isCancelled = true;
      say("stop");
      // It removes what it made first: to end it before would leave a copy of the store behind.
      await stopped.promise;
      end();
    },
  }, { highWaterMark: 0 });
}
