/**
 * Messages that must arrive: everything but plain beats. Each is sent at once; one that no server
 * acknowledges within seconds goes to the spool, and from there it is delivered in order, one at a
 * time, with back-off, as soon as a server answers. Each says when it happened (`at`).
 *
 * A message is done when every server that answers has acknowledged it, and at least one has. One
 * that a server never acknowledges although it answers otherwise is given up after many attempts:
 * it must not hold up the others for ever.
 *
 * No timers here: `tick()` does what is due and says when to come back.
 */

import { getLogger } from "@logtape/logtape";
import { DatagramError } from "../wire/datagram.ts";
import type { Link } from "./link.ts";
import type { Content, Series } from "./series.ts";
import type { Spool, SpoolEntry } from "./spool.ts";

const log = getLogger(["hbc", "outbox"]);

/** Attempts passed over by servers that answered other messages meanwhile: then it is given up. */
const MAX_REFUSALS = 15;

/** Attempts, answered or not, for a message that is not kept: some 10 minutes. */
const MAX_ATTEMPTS = 15;

/** A retry keeps its number only among the newest: servers remember no more than so many. */
const NUMBER_KEPT_FOR = 32;

/** Messages sent and not yet acknowledged; what comes on top of them is spooled. */
const MAX_IN_FLIGHT = 200;

/** Milliseconds between two attempts of an urgent message. */
const URGENT_MS = 500;

/** Milliseconds to wait for the answer to an attempt, which counts from 0: 2 s, 4 s, … 60 s. */
export function backOffMs(attempt: number): number {
  return Math.min(2000 * 2 ** attempt, 60_000);
}

/** How a message is to be treated. */
export interface Care {
  /** Kept on disk while no server answers; what is not is tried for some minutes only. */
  readonly spool: boolean;
  /** Sent at once even when others are waiting, and again and again without back-off. */
  readonly urgent?: boolean;
}

interface Sending {
  readonly content: Content;
  readonly atMs: number;
  readonly care: Care;
  readonly entry: SpoolEntry | null;
  readonly acked: Set<Link>;
  seq: number;
  attempts: number;
  refusals: number;
  /** Answers of all servers to anything, before the last attempt. */
  answersBefore: number;
  dueMs: number;
  done: () => void;
}

/** What the outbox works with. */
export interface OutboxParts {
  readonly links: readonly Link[];
  readonly series: Series;
  readonly spool: Spool;
  /** Called when there may be something due earlier than `tick()` said. */
  readonly onWork: () => void;
  /** Milliseconds of a monotonic clock. */
  readonly nowMs: () => number;
}

export class Outbox {
  readonly #parts: OutboxParts;
  readonly #flight = new Set<Sending>();
  /** The oldest of the spool, on its way. */
  #head: Sending | null = null;
  /** How far the spooled ones had come before: an answer that was lost must not double them. */
  readonly #begun = new WeakMap<SpoolEntry, Sending>();
  #isLoading = false;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** Messages that are neither acknowledged nor given up. */
  get waiting(): number {
    return this.#flight.size + this.#parts.spool.size;
  }

  /**
   * Sends a message that happened at `atMs` (epoch milliseconds). Settles when it is done, spooled
   * or given up.
   */
  post(content: Content, care: Care, atMs: number = Date.now()): Promise<void> {
    const { links, spool } = this.#parts;
    const isHopeless = links.every(({ state }) => state === "silent");
    const mustQueue = spool.size > 0 || isHopeless || this.#flight.size >= MAX_IN_FLIGHT;
    if (care.spool && !care.urgent && mustQueue) {
      this.#spool(content, atMs);
      return Promise.resolve();
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const sending: Sending = {
      content,
      atMs,
      care,
      entry: null,
      acked: new Set(),
      seq: this.#parts.series.next(),
      attempts: 0,
      refusals: 0,
      answersBefore: 0,
      dueMs: 0,
      done: resolve,
    };
    this.#flight.add(sending);
    this.#attempt(sending);
    this.#parts.onWork();
    return promise;
  }

  /** Notes that `link` has acknowledged message `seq`, which the link itself has made sure of. */
  acked(link: Link, seq: number): void {
    for (const sending of this.#all()) {
      if (sending.seq !== seq || sending.attempts === 0) continue;
      sending.acked.add(link);
      if (this.#isDone(sending)) this.#finish(sending);
    }
  }

  /** Says that a server has begun to answer, or has fallen silent. */
  linkChanged(): void {
    if (this.#head !== null) this.#head.dueMs = this.#parts.nowMs();
    this.#parts.onWork();
  }

  /** Does what is due. Returns milliseconds until the next call; null: only when told. */
  tick(): number | null {
    const nowMs = this.#parts.nowMs();
    for (const sending of this.#all()) {
      if (this.#isDone(sending)) this.#finish(sending);
      else if (sending.dueMs <= nowMs) this.#again(sending);
    }
    this.#loadHead();
    const due = this.#all().filter((sending) => sending !== this.#head || this.#isAnyAnswering());
    if (due.length === 0) return null;
    return Math.max(1, Math.min(...due.map(({ dueMs }) => dueMs)) - nowMs);
  }

  /** Puts everything that is not acknowledged on disk, as at the end of the client. */
  async close(): Promise<void> {
    for (const sending of [...this.#flight]) {
      if (sending.care.spool) this.#toSpool(sending);
      else this.#finish(sending);
    }
    this.#head = null;
    await this.#parts.spool.flushed();
  }

  #all(): Sending[] {
    return this.#head === null ? [...this.#flight] : [...this.#flight, this.#head];
  }

  #isAnyAnswering(): boolean {
    return this.#parts.links.some(({ state }) => state === "answering");
  }

  #answers(): number {
    return this.#parts.links.reduce((sum, { answers }) => sum + answers, 0);
  }

  #isDone({ acked }: Sending): boolean {
    return acked.size > 0 &&
      this.#parts.links.every((link) => link.state !== "answering" || acked.has(link));
  }

  #finish(sending: Sending): void {
    this.#flight.delete(sending);
    if (sending.entry !== null) this.#parts.spool.remove(sending.entry);
    if (sending === this.#head) this.#head = null;
    sending.done();
    this.#parts.onWork();
  }

  #again(sending: Sending): void {
    if (this.#answers() > sending.answersBefore) sending.refusals += 1;
    if (sending.entry !== null) {
      // Without anybody there the beats find out first when there is somebody again.
      if (!this.#isAnyAnswering()) return;
      if (!this.#parts.spool.has(sending.entry)) return this.#finish(sending);
    } else if (
      sending.care.spool && !sending.care.urgent && sending.acked.size === 0
    ) {
      return this.#toSpool(sending);
    }
    const isKept = sending.care.spool && !sending.care.urgent;
    if (sending.refusals >= MAX_REFUSALS || (!isKept && sending.attempts >= MAX_ATTEMPTS)) {
      log.warn("{id} of {at} is given up: it was sent {attempts} times and not acknowledged", {
        id: sending.content.ID,
        at: new Date(sending.atMs).toISOString(),
        attempts: sending.attempts,
      });
      return this.#finish(sending);
    }
    this.#attempt(sending);
  }

  #attempt(sending: Sending): void {
    const { series, links, nowMs } = this.#parts;
    if (series.last - sending.seq >= NUMBER_KEPT_FOR) sending.seq = series.next();
    sending.answersBefore = this.#answers();
    sending.dueMs = nowMs() + (sending.care.urgent ? URGENT_MS : backOffMs(sending.attempts));
    // The first time too: by it the server tells one that is sent again under another number.
    const content = { ...sending.content, at: sending.atMs / 1000 };
    const isAnyAnswering = this.#isAnyAnswering();
    try {
      for (const link of links) {
        if (sending.acked.has(link) || (isAnyAnswering && link.state === "silent")) continue;
        link.send(content, sending.seq, sending.attempts);
      }
    } catch (error) {
      if (!(error instanceof DatagramError)) throw error;
      log.warn("{id} cannot be sent: {reason}", { id: sending.content.ID, reason: error.message });
      return this.#finish(sending);
    }
    sending.attempts += 1;
  }

  #spool(content: Content, atMs: number): SpoolEntry {
    const entry = this.#parts.spool.add(content, atMs);
    this.#parts.onWork();
    return entry;
  }

  #toSpool(sending: Sending): void {
    this.#flight.delete(sending);
    this.#begun.set(this.#spool(sending.content, sending.atMs), sending);
    sending.done();
  }

  /** Takes the oldest of the spool on its way when somebody is there and nothing else is. */
  #loadHead(): void {
    const { spool, series, nowMs, onWork } = this.#parts;
    if (this.#head !== null || this.#isLoading || spool.size === 0) return;
    if (!this.#isAnyAnswering()) return;
    this.#isLoading = true;
    void spool.first().then((found) => {
      this.#isLoading = false;
      if (found === null) return;
      const before = this.#begun.get(found.entry);
      this.#head = {
        content: found.fields,
        atMs: found.entry.atMs,
        care: { spool: true },
        entry: found.entry,
        acked: before?.acked ?? new Set(),
        seq: before?.seq ?? series.next(),
        attempts: before?.attempts ?? 0,
        refusals: before?.refusals ?? 0,
        answersBefore: this.#answers(),
        dueMs: nowMs(),
        done: () => {},
      };
      onWork();
    });
  }
}
