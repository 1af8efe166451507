/**
 * `beat_log`: a line for each beat, as the JSON logger that this server replaces wrote it, for its
 * users' tools:
 *   {"timestamp": "2026-04-26 19:56:31", "client_ip": "192.168.2.75", "path": "/heartbeat",
 *    "late": false, "payload": {…}}
 */

import type { AppendFile } from "../journal/append_file.ts";
import type { LocalTime } from "../wire/local_time.ts";
import type { Outlet, ReceivedMessage } from "../monitor/outlet.ts";

export class BeatLog implements Outlet {
  readonly #file: AppendFile;
  readonly #time: LocalTime;

  constructor(file: AppendFile, time: LocalTime) {
    this.#file = file;
    this.#time = time;
  }

  message({ message, late, atMs }: ReceivedMessage): void {
    if (message.kind !== "beat") return;
    const { ip, path, payloadText } = message;
    void this.#file.append(beatLogLine(this.#time, { atMs, ip, path, late, payloadText }));
  }

  event(): void {}
}

/** What a line tells. */
export interface LoggedBeat {
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly ip: string;
  readonly path: string;
  readonly late: boolean;
  /** JSON on one line. */
  readonly payloadText: string;
}

/** A line of the log, with its end. */
export function beatLogLine(
  time: LocalTime,
  { atMs, ip, path, late, payloadText }: LoggedBeat,
): string {
  return `{"timestamp": "${time.spaced(atMs)}", "client_ip": "${ip}", ` +
    `"path": ${JSON.stringify(path)}, "late": ${late}, "payload": ${payloadText}}\n`;
}
