/** What an outlet is: something that acts on messages and events, and is never waited for. */

import type { Message } from "../wire/message.ts";
import type { AlertBookEvent, HostEvent } from "./events.ts";

/** A message as the monitor took it. */
export interface ReceivedMessage {
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** Of a beat: it came after its deadline. */
  readonly late: boolean;
  readonly message: Message;
}

/** All methods return at once and never throw. */
export interface Outlet {
  message(message: ReceivedMessage): void;
  event(event: HostEvent): void;
  alert?(event: AlertBookEvent): void;
}
