/**
 * `logfile`: plain text, as the Perl server that this server replaces wrote it:
 *   2026-02-08 11:30:15 - Server started, listening on port 7777
 *   2026-02-08 11:30:20 - Received heartbeat - From: 192.168.1.20, Reported IP: 10.0.0.5
 *   2026-02-08 11:30:25 - Received POST request - From: 192.168.1.20, Data: {"battery":0.8}
 */

import type { AppendFile } from "../journal/append_file.ts";
import type { LocalTime } from "../wire/local_time.ts";
import type { Outlet, ReceivedMessage } from "../monitor/outlet.ts";
import type { Message } from "../wire/message.ts";

export class TextLog implements Outlet {
  readonly #file: AppendFile;
  readonly #time: LocalTime;

  constructor(file: AppendFile, time: LocalTime) {
    this.#file = file;
    this.#time = time;
  }

  /** The first line of a run. */
  started(port: number, atMs: number): void {
    void this.#file.append(
      `${this.#time.spaced(atMs)} - Server started, listening on port ${port}\n`,
    );
  }

  message({ message, atMs }: ReceivedMessage): void {
    if (message.kind !== "beat") return;
    const what = message.reportedIp === null
      ? `Received POST request - From: ${message.ip}, Data: ${dataOf(message)}`
      : `Received heartbeat - From: ${message.ip}, Reported IP: ${message.reportedIp}`;
    void this.#file.append(`${this.#time.spaced(atMs)} - ${what}\n`);
  }

  event(): void {}
}

/** What was posted, on one line: JSON as it came, other text with its line ends made visible. */
function dataOf({ parseError, payload, payloadText }: Message): string {
  if (!parseError) return payloadText;
  const { _raw: raw } = payload as { readonly _raw: string };
  return raw.replaceAll("\r", "\\r").replaceAll("\n", "\\n");
}
