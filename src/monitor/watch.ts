/**
 * The watch over the hosts: what is expected of each, since when it is waited for, and who is
 * overdue. The rules are in `watchdog.ts`; here they meet the table, the wheel and the settings.
 *
 * It also gives out the numbers of messages and events, because overdue hosts are events. Part of
 * the monitor, and as pure; only the monitor uses it.
 */

import { ChangeList } from "./change_list.ts";
import { ClientTable } from "./client_table.ts";
import type { HostEvent } from "./events.ts";
import { Hours } from "./hours.ts";
import { HOST_STATES, type HostState, HostTable } from "./host_table.ts";
import { IncidentMembers } from "./alerts/members.ts";
import { Recency } from "./alerts/recency.ts";
import { duration } from "./alerts/texts.ts";
import { Expectations } from "./expectations.ts";
import { ListeningTime } from "./listening_time.ts";
import { Pauses } from "./pauses.ts";
import { Reports } from "./reports.ts";
import type { WatchSettings } from "./settings.ts";
import { isOverdue, missedIntervals, nextCheckMs, type Rhythm } from "./watchdog.ts";
import { Wheel } from "./wheel.ts";

export const NEW = HOST_STATES.indexOf("new");
export const UP = HOST_STATES.indexOf("up");
export const DOWN = HOST_STATES.indexOf("down");
export const SHUTDOWN = HOST_STATES.indexOf("shutdown");

/**
 * Missed intervals reported one by one in one go. Only an interval made much shorter in the middle
 * of a silence finds more; they are counted, but not each told.
 */
const EVENTS_AT_ONCE = 100;

const NO_MAINTENANCE = { maintenance: null, groupOf: () => null };

export const NO_EVENTS: readonly HostEvent[] = [];

export class Watch {
  readonly hosts = new HostTable((capacity) => this.hours.grow(capacity));
  readonly clients = new ClientTable();
  readonly listening = new ListeningTime();
  readonly changes = new ChangeList();
  readonly pauses = new Pauses();
  readonly recency = new Recency();
  readonly members = new IncidentMembers();
  readonly reports = new Reports();
  readonly hours = new Hours({
    isUp: (row) => {
      const state = this.hosts.state[row];
      return state === UP ? true : state === DOWN ? false : null;
    },
    placeOf: (row) => this.clients.roundTrips.placeOf(row),
    pausedMs: (row, fromMs, toMs) => this.pausedMs(this.hosts.names[row] ?? "", fromMs, toMs),
  });
  readonly #expected = new Expectations({
    hosts: this.hosts,
    clients: this.clients,
    reports: this.reports,
    listening: this.listening,
    settings: () => this.#settings,
    pausedMs: (host, fromMs, toMs) => this.pausedMs(host, fromMs, toMs),
  });
  readonly #wheel = new Wheel();
  /** Rows out of whose silence `since` pauses up to some moment have been taken already. */
  readonly #takenOut = new Map<number, { readonly since: number; readonly toMs: number }>();
  #settings: WatchSettings;
  /** Number of the last message or event. */
  seq = 0;
  /** Intervals missed by all hosts together. */
  missed = 0;
  /** Hosts in each state, by its code. */
  readonly #counts = new Float64Array(HOST_STATES.length);

  constructor(settings: WatchSettings) {
    this.#settings = settings;
    this.#addConfigured(settings.hosts.keys());
  }

  get settings(): WatchSettings {
    return this.#settings;
  }

  /** Watches by new settings from now on. Looks at the hosts `only`, or at every host once. */
  configure(settings: WatchSettings, nowMs: number, only?: readonly string[]): void {
    const before = this.#settings;
    this.#settings = settings;
    if (only === undefined) {
      this.#addConfigured(settings.hosts.keys());
      for (let row = 0; row < this.hosts.rows; row++) this.#lookAgain(row, before, nowMs);
      return;
    }
    this.#addConfigured(only.filter((name) => settings.hosts.has(name)));
    for (const name of only) {
      const row = this.hosts.find(name);
      if (row !== undefined) this.#lookAgain(row, before, nowMs);
    }
  }

  /**
   * All has been read back. A host that was up at the stop was not overdue by the schedule of that
   * time: where it is by the one of now, somebody has changed it.
   */
  resume(nowMs: number): void {
    for (const [name, { schedule }] of this.#settings.hosts) {
      const row = schedule === undefined ? undefined : this.hosts.find(name);
      if (row === undefined) continue;
      const rhythm = this.rhythm(row);
      const silenceMs = this.listening.at(nowMs) - this.waitingSince(row, rhythm);
      if (rhythm !== null && isOverdue(silenceMs, rhythm)) this.#beginAnew(row, nowMs);
    }
  }

  /** Forgets all of `row`. A host of the configuration is a new one then. */
  remove(row: number, nowMs: number): void {
    const name = this.hosts.names[row] ?? "";
    this.setState(row, NEW, nowMs);
    this.hours.clear(row);
    this.clients.clear(row);
    this.reports.clear(row);
    this.#expected.forget(row);
    this.#takenOut.delete(row);
    this.pauses.forget(name);
    this.recency.forget(row);
    this.#wheel.remove(row);
    this.hosts.remove(row);
    this.changes.drop(name, nowMs);
    if (this.#settings.hosts.has(name)) this.hosts.add(name);
  }

  #lookAgain(row: number, before: WatchSettings, nowMs: number): void {
    if (this.hosts.isFree(row)) return;
    this.expectAgain(row, nowMs);
    const name = this.hosts.names[row] ?? "";
    const { schedule } = this.#settings.hosts.get(name) ?? {};
    if (before.hosts.get(name)?.schedule?.text !== schedule?.text) {
      const rhythm = this.rhythm(row);
      const silenceMs = this.listening.at(nowMs) - this.waitingSince(row, rhythm);
      if (rhythm !== null && silenceMs > rhythm.intervalMs) this.#beginAnew(row, nowMs);
    }
    this.place(row);
  }

  /** The schedule of `row` is new: what it would have asked for in the past counts against nobody. */
  #beginAnew(row: number, nowMs: number): void {
    if (this.hosts.state[row] !== UP) return;
    this.excuse(row, nowMs);
    this.place(row);
  }

  /** See `Monitor.tick()`. */
  tick(nowMs: number, limit: number): { readonly events: readonly HostEvent[]; more: boolean } {
    this.hours.turn(nowMs);
    const events: HostEvent[] = [];
    const more = this.#wheel.drain(this.listening.at(nowMs), limit, (row) => {
      const rhythm = this.rhythm(row);
      const since = this.waitingSince(row, rhythm);
      const overrun = this.overrun(row, rhythm, since, nowMs);
      if (overrun !== null) events.push(overrun);
      const found = this.catchUp(row, rhythm, since, nowMs);
      for (const event of found ?? NO_EVENTS) events.push(event);
      // Whatever is still due comes up at the next tick: others have their turn first.
      this.place(row, this.listening.at(nowMs));
    });
    return { events, more };
  }

  #addConfigured(names: Iterable<string>): void {
    for (const name of names) {
      if (this.hosts.size >= this.#settings.maxHosts) return;
      if (this.hosts.find(name) === undefined) this.hosts.add(name);
    }
  }

  /** What is expected of `row`, or null while that is still to be learned. */
  rhythm(row: number): Rhythm | null {
    return this.#expected.rhythm(row);
  }

  /** From when the silence of `row` counts, listening time. */
  waitingSince(row: number, rhythm: Rhythm | null): number {
    return this.#expected.waitingSince(row, rhythm);
  }

  /** Until when `host` may be silent, epoch milliseconds; null: it may not. */
  pausedUntil(host: string, nowMs: number): number | null {
    const { maintenance, groupOf } = this.#settings.alerts ?? NO_MAINTENANCE;
    return this.pauses.until(host, groupOf(host), maintenance, nowMs);
  }

  /** Milliseconds between two moments in which `host` might be silent. */
  pausedMs(host: string, fromMs: number, toMs: number): number {
    const { maintenance, groupOf } = this.#settings.alerts ?? NO_MAINTENANCE;
    return this.pauses.overlapMs(host, groupOf(host), maintenance, fromMs, toMs);
  }

  /** The silence of `row` counts from `fromMs` on, epoch milliseconds, if it is waited for. */
  excuse(row: number, fromMs: number): void {
    const state = this.hosts.state[row];
    if (state !== UP && state !== DOWN) return;
    this.hosts.heardMs[row] = this.listening.at(fromMs);
    this.hosts.afterBeat[row] = 0;
    this.hosts.missedNow[row] = 0;
    this.changes.add(row);
  }

  /** A pause until later is not one any more: what is left of it is found when it is looked at. */
  expectAgain(row: number, nowMs: number): void {
    const isExcused = (this.hosts.heardMs[row] ?? 0) > this.listening.at(nowMs);
    if (isExcused) this.excuse(row, nowMs);
  }

  /** True when `row`, which is overdue, was or is paused; its silence then counts from later on. */
  #isExcused(row: number, rhythm: Rhythm, since: number, nowMs: number): boolean {
    const host = this.hosts.names[row] ?? "";
    const untilMs = this.pausedUntil(host, nowMs);
    if (untilMs !== null) {
      this.excuse(row, untilMs);
      return true;
    }
    if (this.hosts.state[row] === DOWN) return false;
    if (rhythm.due !== undefined) return this.#isDueExcused(row, rhythm, since, nowMs);
    const sinceMs = this.listening.toWall(since);
    const known = this.#takenOut.get(row);
    const pausedMs = this.pausedMs(host, known?.since === since ? known.toMs : sinceMs, nowMs);
    const silenceMs = this.listening.at(nowMs) - since;
    if (pausedMs === 0 || isOverdue(silenceMs - pausedMs, rhythm)) return false;
    this.excuse(row, sinceMs + pausedMs);
    this.#takenOut.set(row, { since: this.hosts.heardMs[row] ?? 0, toMs: nowMs });
    return true;
  }

  /**
   * The same by a calendar: what was due while `row` was paused is not asked for, and a pause after
   * that makes the grace longer. Pauses before it change nothing.
   */
  #isDueExcused(row: number, rhythm: Rhythm, since: number, nowMs: number): boolean {
    const host = this.hosts.names[row] ?? "";
    const dueMs = this.listening.toWall(since + rhythm.intervalMs);
    if (this.pausedMs(host, dueMs, dueMs + 1) > 0) {
      this.excuse(row, nowMs);
      return true;
    }
    const silenceMs = this.listening.at(nowMs) - since;
    return !isOverdue(silenceMs - this.pausedMs(host, dueMs, nowMs), rhythm);
  }

  /**
   * Finds whether a run of `row` takes too long: then it is down, unless its silence made it so
   * before. To be asked before `catchUp()`. Null: none does.
   */
  overrun(row: number, rhythm: Rhythm | null, since: number, nowMs: number): HostEvent | null {
    const overrunAt = this.#expected.overrunAt(row);
    if (overrunAt >= this.listening.at(nowMs)) return null;
    if (rhythm !== null && isOverdue(overrunAt - since, rhythm)) return null;
    if (this.pausedUntil(this.hosts.names[row] ?? "", nowMs) !== null) return null;
    const late = this.#expected.lateRuns(row, nowMs);
    const [first] = late;
    if (first === undefined) return null;
    for (const { run } of late) this.reports.markOverdue(row, run);
    const limit = duration(this.#expected.runLimitMs(row));
    const text = `a run that began ${duration(nowMs - first.startedMs)} ago has not finished ` +
      `(${limit} allowed)`;
    this.reports.fail(row, { atMs: nowMs, cause: "overrun", text });
    this.setState(row, DOWN, nowMs);
    const silenceMs = Math.max(0, this.listening.at(nowMs) - since);
    const event = { ...this.event("down", row, rhythm, silenceMs, nowMs), reason: text };
    this.touch(row, this.seq);
    return event;
  }

  /** `row` was down for a reason, as the journal has it. */
  replayFailure(row: number, text: string, atMs: number): void {
    // What it said itself has been read back already.
    if (this.reports.failure(row)?.text === text) return;
    for (const { run } of this.#expected.lateRuns(row, atMs)) this.reports.markOverdue(row, run);
    this.reports.fail(row, { atMs, cause: "overrun", text });
  }

  /** Every change of a state goes through here, so that the counts are right. */
  setState(row: number, state: number, nowMs: number): void {
    const before = this.hosts.state[row] ?? NEW;
    if (before === state) return;
    this.hours.book(row, nowMs);
    if (before === DOWN) {
      this.members.leave(row);
      this.reports.fail(row, null);
    }
    this.#count(before, -1);
    this.#count(state, 1);
    this.hosts.state[row] = state;
  }

  /** The state of `row` has been put back by the store. */
  restored(row: number): void {
    this.#count(this.hosts.state[row] ?? NEW, 1);
  }

  /** Hosts that are down now. */
  get down(): number {
    return this.#counts[DOWN] ?? 0;
  }

  /** Hosts in each state; those that are paused count by what they are besides. */
  states(): Readonly<Record<HostState, number>> {
    const [, up = 0, down = 0, shutdown = 0] = this.#counts;
    return { new: this.hosts.size - up - down - shutdown, up, down, shutdown };
  }

  /** New hosts are all those that are in no other state. */
  #count(state: number, by: 1 | -1): void {
    if (state !== NEW) this.#counts[state] = (this.#counts[state] ?? 0) + by;
  }

  /**
   * Counts what `row` has missed by `nowMs`, and returns what there is to say about it; null when it
   * was overdue, but is or was paused.
   */
  catchUp(
    row: number,
    rhythm: Rhythm | null,
    since: number,
    nowMs: number,
  ): readonly HostEvent[] | null {
    const hosts = this.hosts;
    if (rhythm === null || hosts.state[row] === NEW) return NO_EVENTS;
    const silenceMs = this.listening.at(nowMs) - since;
    const missed = missedIntervals(silenceMs, rhythm);
    const before = hosts.missedNow[row] ?? 0;
    if (missed <= before) return NO_EVENTS;
    if (this.#isExcused(row, rhythm, since, nowMs)) return null;
    const events: HostEvent[] = [];
    if (hosts.state[row] !== DOWN) {
      this.setState(row, DOWN, nowMs);
      events.push(this.event("down", row, rhythm, silenceMs, nowMs));
    }
    const first = Math.max(before + 1, missed - EVENTS_AT_ONCE + 1);
    for (let n = first; n <= missed; n++) {
      this.miss(row, n, nowMs);
      events.push(this.event("missed", row, rhythm, silenceMs, nowMs));
    }
    this.touch(row, this.seq);
    return events;
  }

  /** The silence of `row` has come to `missed` intervals by `nowMs`. */
  miss(row: number, missed: number, nowMs: number): void {
    const hosts = this.hosts;
    const more = missed - (hosts.missedNow[row] ?? 0);
    hosts.missedNow[row] = missed;
    hosts.missed[row] = (hosts.missed[row] ?? 0) + more;
    this.missed += more;
    this.markDeaf(row);
    hosts.bars.push(row, "m", more);
    this.hours.countMissed(row, more, nowMs);
  }

  /**
   * Notes in the bar of `row` the intervals since it was last noted that nobody could hear, if it
   * was waited for.
   */
  markDeaf(row: number): void {
    const deafMs = this.hosts.bars.takeDeaf(row, this.listening.deafMs);
    const state = this.hosts.state[row];
    if (deafMs === 0 || (state !== UP && state !== DOWN)) return;
    const rhythm = this.rhythm(row);
    // By a calendar the interval is what is left until the next time: it tells nothing here.
    if (rhythm === null || rhythm.due !== undefined) return;
    this.hosts.bars.push(row, "d", Math.round(deafMs / rhythm.intervalMs));
  }

  /** Makes an event of `row`, with the next number. */
  event(
    type: HostEvent["type"],
    row: number,
    rhythm: Rhythm | null,
    silenceMs: number,
    atMs: number,
  ): HostEvent {
    return {
      type,
      seq: ++this.seq,
      atMs,
      host: this.hosts.names[row] ?? "",
      silenceMs,
      missed: this.hosts.missedNow[row] ?? 0,
      intervalMs: rhythm?.intervalMs ?? null,
      graceMs: rhythm?.graceMs ?? null,
      ...(rhythm?.due !== undefined && { isScheduled: true }),
    };
  }

  /**
   * Puts `row` on the wheel for the moment at which there may next be something to say, but not
   * before `earliest`, listening time.
   */
  place(row: number, earliest = -Infinity): void {
    if (this.hosts.state[row] === NEW) return;
    const overrunAt = this.#expected.overrunAt(row);
    if (overrunAt < Infinity) this.#wheel.place(row, Math.max(earliest, overrunAt));
    const rhythm = this.rhythm(row);
    const since = this.waitingSince(row, rhythm);
    if (rhythm === null || since === Infinity) {
      this.recency.forget(row);
      return;
    }
    if (this.hosts.state[row] === UP) this.recency.wait(row, since, since + rhythm.intervalMs);
    const checkAt = since + nextCheckMs(this.hosts.missedNow[row] ?? 0, rhythm);
    if (checkAt < Infinity) this.#wheel.place(row, Math.max(earliest, checkAt));
  }

  /** Number `seq` was applied to `row`: it goes into the next checkpoint. */
  touch(row: number, seq: number): void {
    this.hosts.seq[row] = seq;
    this.changes.add(row);
  }
}
