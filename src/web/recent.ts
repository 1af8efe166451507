/** The last messages, for the API: a ring that forgets the oldest. */

import type { Outlet, ReceivedMessage } from "../monitor/outlet.ts";

/** Messages kept. */
const KEPT = 30;

export class RecentMessages implements Outlet {
  readonly #ring: ReceivedMessage[] = [];
  #next = 0;

  message(message: ReceivedMessage): void {
    this.#ring[this.#next] = message;
    this.#next = (this.#next + 1) % KEPT;
  }

  event(): void {}

  /** The messages, the latest first. */
  list(): ReceivedMessage[] {
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)].reverse();
  }
}
