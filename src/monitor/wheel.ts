/**
 * The timer wheel: which hosts may have something to say by now.
 *
 * Time is cut into slots of a quarter second; a slot lists hosts. A beat moves a host's deadline
 * further away, and the wheel is then left alone: when the old slot comes up, the caller looks at
 * the host and places it again. Only a deadline that comes *nearer* makes a second entry; the
 * older one is recognised as stale by `#slotOf`. So a beat costs O(1) and a tick touches only
 * what is due.
 */

/** Length of a slot in milliseconds: how exact the watchdog is. */
export const SLOT_MS = 250;

/** Gaps of more empty slots than this are crossed by looking at the slots there are. */
const LONG_JUMP = 1000;

const NOWHERE = -1;

/** Times are milliseconds of listening time and hosts are small whole numbers from 0 up. */
export class Wheel {
  readonly #slots = new Map<number, number[]>();
  #slotOf = new Float64Array(0);
  #current = 0;

  /** Makes sure that `host` comes up just after `atMs`, or earlier. */
  place(host: number, atMs: number): void {
    if (host >= this.#slotOf.length) this.#grow(host);
    const slot = Math.max(Math.floor(atMs / SLOT_MS) + 1, this.#current);
    const placed = this.#slotOf[host] ?? NOWHERE;
    if (placed !== NOWHERE && placed <= slot) return;
    this.#slotOf[host] = slot;
    const hosts = this.#slots.get(slot);
    if (hosts) hosts.push(host);
    else this.#slots.set(slot, [host]);
  }

  /** Takes `host` off the wheel. */
  remove(host: number): void {
    // Its entry in the slot is stale then.
    if (host < this.#slotOf.length) this.#slotOf[host] = NOWHERE;
  }

  /**
   * Takes up to `limit` hosts whose slot has come by `nowMs` off the wheel and hands each to
   * `visit`, which may place it again. Returns true when there are more.
   */
  drain(nowMs: number, limit: number, visit: (host: number) => void): boolean {
    const last = Math.floor(nowMs / SLOT_MS);
    let left = limit;
    for (const slot of this.#due(last)) {
      this.#current = slot;
      const hosts = this.#slots.get(slot);
      if (!hosts) continue;
      for (let host = hosts.pop(); host !== undefined; host = hosts.pop()) {
        if (this.#slotOf[host] !== slot) continue;
        this.#slotOf[host] = NOWHERE;
        visit(host);
        if (--left === 0) return true;
      }
      this.#slots.delete(slot);
    }
    this.#current = Math.max(this.#current, last + 1);
    return false;
  }

  *#due(last: number): Iterable<number> {
    if (last - this.#current > LONG_JUMP) {
      yield* [...this.#slots.keys()].filter((slot) => slot <= last).sort((a, b) => a - b);
    } else {
      for (let slot = this.#current; slot <= last; slot++) yield slot;
    }
  }

  #grow(host: number): void {
    const grown = new Float64Array(Math.max(1024, host + 1, this.#slotOf.length * 2));
    grown.fill(NOWHERE);
    grown.set(this.#slotOf);
    this.#slotOf = grown;
  }
}
