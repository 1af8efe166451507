/**
 * Drives the monitor: gives it the time, the messages that the doors bring and a tick four times a
 * second, and hands what it says to the journal and the outlets.
 *
 * Work is cut into slices of some milliseconds, so that a million hosts going down at once never
 * keep a beat waiting. Every reading of the clock goes through `#now`, which notices deafness
 * before anything is judged by a time that was not listened to.
 */

import { getLogger } from "@logtape/logtape";
import type { Intake, Refusal } from "./doors/intake.ts";
import type { Journal } from "./journal/journal.ts";
import { LineWriter } from "./journal/line.ts";
import type { LocalTime } from "./wire/local_time.ts";
import type { HostEvent } from "./monitor/events.ts";
import { type Deafness, ListeningClock } from "./monitor/listening_clock.ts";
import type { Monitor } from "./monitor/monitor.ts";
import type { Outlet } from "./monitor/outlet.ts";
import type { Message } from "./wire/message.ts";

const log = getLogger(["hbd", "heart"]);

/** Time between two ticks. */
const TICK_MS = 250;

/**
 * After this long a tick lets others work before it goes on. A beat on a new connection takes
 * several rounds of the event loop, and each of them waits for a slice: short slices keep a beat
 * in the middle of a storm from waiting for seconds.
 */
const SLICE_MS = 6;

/** How long it lets them: the runtime looks at its sockets when nothing is ready to run. */
const PAUSE_MS = 1;

/** Hosts looked at between two looks at the clock. */
const HOSTS_PER_STEP = 250;

/** A tick this late first lets the doors read what waits in the sockets, and judges after that. */
const TICK_LATE_MS = 200;

/** Without a tick for this long the watch stands still. */
const ALIVE_MS = 5000;

/** Refused messages are told at most this often. */
const REFUSED_LOG_MS = 60_000;

const WRITTEN = Promise.resolve();

/** Both clocks of the machine. */
export interface Clocks {
  /** Epoch milliseconds, as the wall clock has it. */
  readonly wallMs: () => number;
  /** Milliseconds that never leap. */
  readonly monotonicMs: () => number;
}

export class Heart implements Intake {
  readonly #monitor: Monitor;
  readonly #clocks: Clocks;
  readonly #clock: ListeningClock;
  readonly #journal: Journal | null;
  readonly #outlets: readonly Outlet[];
  readonly #lines: LineWriter;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #tickDueMs = 0;
  #stopped = false;
  #readMs = NaN;
  #listeningSinceMs = -Infinity;
  #deferred = false;
  #refused = 0;
  #refusedLoggedMs = -Infinity;
  /** Monotonic milliseconds of the last tick, and how late that was. */
  #tickedMs = -Infinity;
  #tickLagMs = 0;

  constructor(
    monitor: Monitor,
    clocks: Clocks,
    journal: Journal | null,
    outlets: readonly Outlet[],
    time: LocalTime,
  ) {
    this.#monitor = monitor;
    this.#clocks = clocks;
    this.#clock = new ListeningClock(clocks.wallMs(), clocks.monotonicMs());
    this.#journal = journal;
    this.#outlets = outlets;
    this.#lines = new LineWriter(time);
  }

  /** Messages refused since the start because there were too many hosts. */
  get refused(): number {
    return this.#refused;
  }

  /** How late the last look at the hosts was, milliseconds. */
  get tickLagMs(): number {
    return this.#tickLagMs;
  }

  /** True while the hosts are looked at as they should be. */
  isAlive(): boolean {
    return !this.#stopped && this.#clocks.monotonicMs() - this.#tickedMs < ALIVE_MS;
  }

  /** Begins to watch. `deafness` is the time before the start in which nobody listened. */
  start(deafness: Deafness | null): void {
    if (deafness !== null) {
      this.#deaf(deafness, this.#clocks.wallMs());
      log.info("Not running for {seconds} s: they count against no host", {
        seconds: Math.max(0, deafness.shiftMs) / 1000,
      });
    }
    this.say((monitor, nowMs) => monitor.resumeAlerts(nowMs));
    this.#schedule(TICK_MS);
  }

  /** Ends the watch; a beat that comes later is not taken, and not answered with success. */
  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Epoch milliseconds; deafness up to now has been noticed when this returns. */
  nowMs(): number {
    return this.#now();
  }

  /** The listening time now: see the monitor. */
  listeningMs(): number {
    return this.#monitor.listeningMs(this.#now());
  }

  receive(message: Message, receivedMs = Infinity): Promise<void> | Refusal {
    if (this.#stopped) return Promise.reject(new Error("Server is stopping"));
    const nowMs = this.#now();
    // Before the end of the last deafness no time has passed that counts.
    const atMs = Math.max(Math.min(receivedMs, nowMs), this.#listeningSinceMs);
    const receipt = this.#monitor.receive(message, atMs, message.signed);
    switch (receipt.outcome) {
      case "full":
        this.#refuse(message.host, atMs);
        return "full";
      case "replayed":
      case "repeated":
        return receipt.outcome;
    }
    const { seq, late, before, after } = receipt;
    this.#publish(before);
    const line = this.#journal === null ? "" : this.#lines.message(seq, message, late, atMs);
    const written = this.#journal?.append(line, seq) ?? WRITTEN;
    const received = { seq, atMs, late, message };
    for (const outlet of this.#outlets) outlet.message(received);
    this.#publish(after);
    this.#publishAlerts();
    return written;
  }

  /** Lets people or the server itself say something to the monitor, and publishes what follows. */
  say<T>(what: (monitor: Monitor, nowMs: number) => T): T {
    const result = what(this.#monitor, this.#now());
    this.#publishAlerts();
    return result;
  }

  written(): Promise<void> {
    return this.#journal?.written() ?? WRITTEN;
  }

  #tick(): void {
    const startMs = this.#clocks.monotonicMs();
    this.#tickedMs = startMs;
    this.#tickLagMs = Math.max(0, startMs - this.#tickDueMs);
    // Only once in a row: where every round is slow, the watch must go on all the same.
    this.#deferred = !this.#deferred && startMs - this.#tickDueMs > TICK_LATE_MS;
    if (this.#deferred) {
      this.#now();
      this.#schedule(PAUSE_MS);
      return;
    }
    let more: boolean;
    do {
      const found = this.#monitor.tick(this.#now(), HOSTS_PER_STEP);
      this.#publish(found.events);
      this.#publishAlerts();
      more = found.more;
    } while (more && this.#clocks.monotonicMs() - startMs < SLICE_MS);
    this.#schedule(more ? PAUSE_MS : TICK_MS);
  }

  #schedule(delayMs: number): void {
    this.#tickDueMs = this.#clocks.monotonicMs() + delayMs;
    this.#timer = setTimeout(() => this.#tick(), delayMs);
  }

  /** Epoch milliseconds; what was lost since the last look is made good first. */
  #now(): number {
    const wallMs = this.#clocks.wallMs();
    // Within the same millisecond nothing can have been lost.
    if (wallMs === this.#readMs) return wallMs;
    this.#readMs = wallMs;
    const deafness = this.#clock.read(wallMs, this.#clocks.monotonicMs());
    if (deafness !== null) {
      this.#deaf(deafness, wallMs);
      log.warn("Asleep or stalled, or the clock was set: {seconds} s that count against no host", {
        seconds: deafness.shiftMs / 1000,
      });
    }
    return wallMs;
  }

  #deaf(deafness: Deafness, atMs: number): void {
    this.#listeningSinceMs = atMs;
    const event = this.#monitor.deaf(deafness, atMs);
    void this.#journal?.append(this.#lines.event(event), event.seq);
  }

  #publish(events: readonly HostEvent[]): void {
    for (const event of events) {
      void this.#journal?.append(this.#lines.event(event), event.seq);
      for (const outlet of this.#outlets) outlet.event(event);
    }
  }

  #publishAlerts(): void {
    for (const event of this.#monitor.takeAlertEvents()) {
      void this.#journal?.append(this.#lines.event(event), event.seq);
      for (const outlet of this.#outlets) outlet.alert?.(event);
    }
  }

  #refuse(host: string, atMs: number): void {
    this.#refused++;
    if (atMs - this.#refusedLoggedMs < REFUSED_LOG_MS) return;
    this.#refusedLoggedMs = atMs;
    log.warn(
      "Message of new host {host} refused, max_hosts is reached ({refused} refused so far)",
      {
        host,
        refused: this.#refused,
      },
    );
  }
}
