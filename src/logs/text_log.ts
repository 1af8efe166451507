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
    void this.#file.append(textLogLine(this.#time, atMs, message));
  }

  event(): void {}
}

/** What a line tells. */
type LoggedBeat =
  & Pick<Message, "ip" | "parseError" | "payload" | "payloadText">
  & { readonly reportedIp: string | null };

/** A line of the log, with its end. */
export function textLogLine(time: LocalTime, atMs: number, beat: LoggedBeat): string {
  const what = beat.reportedIp === null
    ? `Received POST request - From: ${beat.ip}, Data: ${dataOf(beat)}`
    : `Received heartbeat - From: ${beat.ip}, Reported IP: ${beat.reportedIp}`;
  return `${time.spaced(atMs)} - ${what}\n`;
}

/** What was posted, on one line: JSON as it came, other text with its line ends made visible. */
function dataOf({ parseError, payload, payloadText }: LoggedBeat): string {
  if (!parseError) return payloadText;
  const { _raw: raw } = payload as { readonly _raw: string };
  return raw.replaceAll("\r", "\\r").replaceAll("\n", "\\n");
}
