/**
 * A past that is lived once more under other settings, record by record: see `what_if.ts`. Gathers
 * what becomes of it, and beside that what the journal says there really was.
 */

import type { JournalRecord } from "../journal/line.ts";
import type { HostEvent } from "../monitor/events.ts";
import { Monitor } from "../monitor/monitor.ts";
import type { WatchSettings } from "../monitor/settings.ts";
import { AlertList } from "./alert_list.ts";
import { DownTime } from "./down_time.ts";

/** Time between two ticks, as the heart has it. */
const TICK_MS = 250;

/** Hosts looked at in one go. */
const PER_TICK = 1000;

/** Numbers missing between two records from which on lines were lost: alerts leave out single ones. */
const LOST_FROM = 8;

/** Records between two times at which what nobody needs is let go. */
const TIDY_EVERY = 50_000;

export class Rerun {
  readonly were: AlertList;
  readonly wouldBe: AlertList;
  readonly wasDown: DownTime;
  readonly wouldBeDown: DownTime;
  readonly #monitor: Monitor;
  readonly #untilMs: number;
  #firstMs: number | null = null;
  #nowMs = 0;
  #seq = 0;
  #records = 0;
  #lost = 0;
  #refused = 0;

  constructor(settings: WatchSettings, sinceMs: number, untilMs: number) {
    this.#monitor = new Monitor(settings);
    this.#untilMs = untilMs;
    this.were = new AlertList(sinceMs);
    this.wouldBe = new AlertList(sinceMs);
    this.wasDown = new DownTime(sinceMs);
    this.wouldBeDown = new DownTime(sinceMs);
  }

  /** Time of the first record, epoch milliseconds; null: there is none. */
  get firstMs(): number | null {
    return this.#firstMs;
  }

  /** The time that it has come to. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Records taken. */
  get records(): number {
    return this.#records;
  }

  /** Records that are missing in between. */
  get lost(): number {
    return this.#lost;
  }

  /** Messages refused because there were too many hosts. */
  get refused(): number {
    return this.#refused;
  }

  /** Takes the next record. Returns false when it is behind the time asked about. */
  take(record: JournalRecord): boolean {
    const { seq, atMs } = record;
    if (this.#firstMs === null) {
      this.#firstMs = atMs;
      this.#nowMs = atMs;
    } else if (seq - this.#seq > LOST_FROM) {
      this.#lost += seq - this.#seq - 1;
      const toMs = Math.min(atMs, this.#untilMs);
      if (toMs > this.#nowMs) this.#deaf(toMs - this.#nowMs, true, toMs);
    }
    this.#seq = seq;
    // Nothing is judged by a time in which the server was deaf.
    const heardMs = record.kind === "deaf" ? atMs - Math.max(0, record.shiftMs) : atMs;
    this.#tickTo(Math.min(heardMs, this.#untilMs));
    // When something was found, the heart ticked.
    const isFound = record.kind === "event" || record.kind === "alert";
    if (isFound && atMs <= this.#untilMs) this.#tick(atMs);
    if (atMs > this.#untilMs) {
      if (heardMs < this.#untilMs) this.#deaf(this.#untilMs - heardMs, true, this.#untilMs);
      return false;
    }
    this.#records++;
    this.#apply(record);
    this.#nowMs = atMs;
    if (this.#records % TIDY_EVERY === 0) this.#tidy();
    return true;
  }

  #apply(record: JournalRecord): void {
    const { atMs } = record;
    switch (record.kind) {
      case "message":
        this.#receive(record);
        break;
      case "deaf":
        this.#deaf(record.shiftMs, record.beatsLost, atMs);
        break;
      case "event":
        if (record.type === "down") this.wasDown.down(record.host, atMs);
        else if (record.type === "up") this.wasDown.over(record.host, atMs);
        return;
      case "alert":
        this.#applyAlertEvent(record);
    }
    this.#drain(atMs);
  }

  #receive({ message, signed, atMs }: JournalRecord & { readonly kind: "message" }): void {
    const receipt = this.#monitor.receive(message, atMs, signed);
    if (receipt.outcome === "full") this.#refused++;
    if (receipt.outcome === "taken") {
      this.#note(receipt.before);
      this.#note(receipt.after);
    }
    if (message.kind !== "shutdown") return;
    this.wasDown.over(message.host, atMs);
    // An old goodbye that comes late means nothing.
    const isDown = this.#monitor.host(message.host)?.state === "down";
    if (!isDown) this.wouldBeDown.over(message.host, atMs);
  }

  /** What people did is done again; what there was of alerts is only noted. */
  #applyAlertEvent({ event, atMs }: JournalRecord & { readonly kind: "alert" }): void {
    switch (event.type) {
      case "alert":
        return this.were.take(event.alert, atMs);
      case "grouped":
        return this.were.group(event);
      case "pause":
        this.#monitor.pause(event.host, event.pause, atMs);
        return;
      case "drop":
        this.wasDown.over(event.host, atMs);
        this.wouldBeDown.over(event.host, atMs);
        this.#monitor.drop(event.host, atMs);
    }
  }

  #deaf(shiftMs: number, beatsLost: boolean, atMs: number): void {
    this.#monitor.deaf({ shiftMs, beatsLost }, atMs);
    this.wasDown.deaf(shiftMs, atMs);
    this.wouldBeDown.deaf(shiftMs, atMs);
    this.#nowMs = atMs;
  }

  /** Lets time pass, as the heart does. */
  #tickTo(atMs: number): void {
    const firstMs = (Math.floor(this.#nowMs / TICK_MS) + 1) * TICK_MS;
    for (let nowMs = firstMs; nowMs <= atMs; nowMs += TICK_MS) this.#tick(nowMs);
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  #tick(nowMs: number): void {
    for (let more = true; more;) {
      const found = this.#monitor.tick(nowMs, PER_TICK);
      this.#note(found.events);
      this.#drain(nowMs);
      more = found.more;
    }
  }

  #note(events: readonly HostEvent[]): void {
    for (const { type, host, atMs } of events) {
      if (type === "down") this.wouldBeDown.down(host, atMs);
      else if (type === "up") this.wouldBeDown.over(host, atMs);
    }
  }

  #drain(atMs: number): void {
    for (const event of this.#monitor.takeAlertEvents()) {
      if (event.type === "alert") this.wouldBe.take(event.alert, atMs);
      else if (event.type === "grouped") this.wouldBe.group(event);
    }
  }

  /** Lets go of what only a store would ask for. */
  #tidy(): void {
    const { recall, history, alerts, hours } = this.#monitor;
    recall.takeChanged();
    recall.takeGone();
    history.takeChanged();
    alerts?.takeChanged();
    for (const hour of hours.finished(this.#nowMs)) hours.written(hour);
  }
}
