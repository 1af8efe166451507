/** The logs of the servers that are replaced, where the configuration asks for them: its files. */

import type { Config } from "./config/config.ts";
import { AppendFile } from "./journal/append_file.ts";
import { BeatLog } from "./logs/beat_log.ts";
import { TextLog } from "./logs/text_log.ts";
import type { Outlet } from "./monitor/outlet.ts";
import type { LocalTime } from "./wire/local_time.ts";

export interface LogFilesOptions {
  readonly config: Pick<Config, "beatLog" | "logFile">;
  readonly time: LocalTime;
  readonly port: number;
  /** Epoch milliseconds. */
  readonly startedMs: number;
  /** What is told of trouble with the file of a key. */
  readonly reporter: (key: string) => (error: Error | null) => void;
}

export class LogFiles implements AsyncDisposable {
  /** What writes to them. */
  readonly outlets: readonly Outlet[];
  readonly #files: readonly AppendFile[];

  private constructor(outlets: readonly Outlet[], files: readonly AppendFile[]) {
    this.outlets = outlets;
    this.#files = files;
  }

  /** Opens the files. Rejects when one cannot be opened; none stays open then. */
  static async open(options: LogFilesOptions): Promise<LogFiles> {
    const { config: { beatLog, logFile }, time, port, startedMs, reporter } = options;
    await using opening = new AsyncDisposableStack();
    const outlets: Outlet[] = [];
    const files: AppendFile[] = [];
    const open = async (path: string, key: string): Promise<AppendFile> => {
      const file = opening.use(await AppendFile.open(path, { onTrouble: reporter(key) }));
      files.push(file);
      return file;
    };
    if (beatLog !== null) outlets.push(new BeatLog(await open(beatLog, "beat_log"), time));
    if (logFile !== null) {
      const textLog = new TextLog(await open(logFile, "logfile"), time);
      textLog.started(port, startedMs);
      outlets.push(textLog);
    }
    opening.move();
    return new LogFiles(outlets, files);
  }

  /** Goes on in a new file where somebody moved or removed the old one. */
  follow(): void {
    for (const file of this.#files) file.follow();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#files) await file[Symbol.asyncDispose]();
  }
}
