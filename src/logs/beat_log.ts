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
    void this.#file.append(
      `{"timestamp": "${this.#time.spaced(atMs)}", "client_ip": "${message.ip}", ` +
        `"path": ${
          JSON.stringify(message.path)
        }, "late": ${late}, "payload": ${message.payloadText}}\n`,
    );
  }

  event(): void {}
}
