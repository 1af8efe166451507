/**
 * The time, once a second, as the server has it: what is shown as "3 s ago" must not depend on the
 * clock of the machine that shows it.
 */

import { signal } from "@preact/signals";

/** How far the server's clock is ahead of this one, milliseconds. */
let aheadMs = 0;

/** The server's time, epoch seconds; it changes once a second. */
export const nowS = signal(Date.now() / 1000);

/** Learns the server's time from what it has just sent. */
export function learnServerTime(timeS: number): void {
  aheadMs = timeS * 1000 - Date.now();
}

/** The server's time now, epoch milliseconds. */
export function serverNowMs(): number {
  return Date.now() + aheadMs;
}

/** Lets the time go on. */
export function startClock(): void {
  const tick = () => {
    const ms = serverNowMs();
    nowS.value = ms / 1000;
    setTimeout(tick, 1000 - ms % 1000);
  };
  tick();
}
