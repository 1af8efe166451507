/**
 * What the plugins that measure have in common: rounding, shares, and speeds from counters.
 *
 * A counter of the system only goes up, until its device is reset or it wraps. What then goes
 * backwards says nothing about the time in between, so there is no speed rather than a wrong one.
 */

/** The most partitions, disks or interfaces of one sample, so that it always fits a datagram. */
export const MAX_ENTRIES = 150;

/** Named counters of one thing, say of one network interface. */
export type Counters<K extends string> = Readonly<Record<K, number>>;

/** `value` with at most `digits` digits behind the point. */
export function rounded(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}

/** The share of `part` in `whole` in percent, 0 to 100; 0 when there is no whole. */
export function percentOf(part: number, whole: number): number {
  return whole > 0 ? rounded(Math.min(100, Math.max(0, part / whole * 100))) : 0;
}

/** `fields` without those that could not be found out. */
export function known(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Remembers the counters of the last sample and tells how fast each of them goes up. */
export class Rates<K extends string> {
  readonly #clockMs: () => number;
  #before: ReadonlyMap<string, Counters<K>> = new Map();
  #beforeMs = 0;

  /** `clockMs` counts milliseconds and is never set: a clock that was would make wrong rates. */
  constructor(clockMs: () => number = () => performance.now()) {
    this.#clockMs = clockMs;
  }

  /**
   * Takes a sample: the counters of each thing. The function given back tells how much a counter
   * went up per second since the sample before; undefined where there is none to compare with, and
   * for a thing of which any counter went backwards.
   */
  next(after: ReadonlyMap<string, Counters<K>>): (thing: string, key: K) => number | undefined {
    const before = this.#before;
    const nowMs = this.#clockMs();
    const elapsedS = (nowMs - this.#beforeMs) / 1000;
    this.#before = after;
    this.#beforeMs = nowMs;
    return (thing, key) => {
      const [was, is] = [before.get(thing), after.get(thing)];
      if (was === undefined || is === undefined || elapsedS <= 0) return undefined;
      const keys = Object.keys(is) as K[];
      if (keys.some((name) => is[name] < was[name])) return undefined;
      return rounded((is[key] - was[key]) / elapsedS);
    };
  }
}
