/** When the server was deaf lately, by the wall clock: that is neither up nor down time of a host. */

import type { Span } from "./maintenance_windows.ts";

/** Spans remembered; the oldest are forgotten. With all else they are one value of the store. */
const KEPT = 200;

export class DeafSpans {
  /** In rising order; none overlaps another. */
  #spans: Span[] = [];
  /** The last question and its answer: it is asked for one host after the other. */
  #asked = { fromMs: NaN, toMs: NaN, sumMs: 0 };

  add(span: Span): void {
    this.#spans.push(span);
    if (this.#spans.length > KEPT) this.#spans.shift();
    this.#asked.fromMs = NaN;
  }

  /** The clock was set back to `nowMs`: what is said of later times is not true any more. */
  cut(nowMs: number): void {
    this.#spans = this.#spans.flatMap(({ fromMs, toMs }) =>
      fromMs < nowMs ? [{ fromMs, toMs: Math.min(toMs, nowMs) }] : []
    );
    this.#asked.fromMs = NaN;
  }

  /** Forgets what ended before `fromMs`. */
  forget(fromMs: number): void {
    const first = this.#spans.findIndex(({ toMs }) => toMs > fromMs);
    this.#spans.splice(0, first < 0 ? this.#spans.length : first);
    this.#asked.fromMs = NaN;
  }

  /** Deaf time between two moments, milliseconds. */
  overlapMs(fromMs: number, toMs: number): number {
    const asked = this.#asked;
    if (asked.fromMs === fromMs && asked.toMs === toMs) return asked.sumMs;
    let sumMs = 0;
    for (const span of this.between(fromMs, toMs)) sumMs += span.toMs - span.fromMs;
    asked.fromMs = fromMs;
    asked.toMs = toMs;
    return asked.sumMs = sumMs;
  }

  /** What of the spans lies between two moments. */
  between(fromMs: number, toMs: number): readonly Span[] {
    return this.#spans.flatMap((span) => {
      const clipped = { fromMs: Math.max(fromMs, span.fromMs), toMs: Math.min(toMs, span.toMs) };
      return clipped.fromMs < clipped.toMs ? [clipped] : [];
    });
  }

  record(): readonly Span[] {
    return [...this.#spans];
  }

  restore(spans: readonly Span[]): void {
    this.#spans = [...spans];
    this.#asked.fromMs = NaN;
  }
}
