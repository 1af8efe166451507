/**
 * The heart: the state of every host, and the only place where it changes.
 *
 * Plain and synchronous: no sockets, files, timers or clocks. Time comes in as an argument (epoch
 * milliseconds), so the same messages at the same times always give the same state and the same
 * events: that is what makes it testable with a fake clock and recoverable by replaying the journal.
 *
 * Inside, hosts are watched in listening time (`listening_time.ts`), in which the server is never
 * deaf.
 *
 * A beat first brings its host up to the time of the beat (`#catchUp`), so the outcome does not
 * depend on whether a tick came before it.
 */

import type { BeatFacts } from "../wire/message.ts";
import { ChangeList } from "./change_list.ts";
import type { DeafEvent, HostEvent } from "./events.ts";
import { HOST_STATES, type HostRecord, HostTable } from "./host_table.ts";
import type { Deafness } from "./listening_clock.ts";
import { type ListeningRecord, ListeningTime } from "./listening_time.ts";
import type { WatchSettings } from "./settings.ts";
import { type HostSnapshot, snapshotOf, type Totals } from "./snapshot.ts";
import { isOverdue, missedIntervals, nextCheckMs, type Rhythm, stability } from "./watchdog.ts";
import { Wheel } from "./wheel.ts";

const NEW = HOST_STATES.indexOf("new");
const UP = HOST_STATES.indexOf("up");
const DOWN = HOST_STATES.indexOf("down");

/**
 * Missed intervals reported one by one in one go. Only an interval made much shorter in the middle
 * of a silence finds more; they are counted, but not each told.
 */
const EVENTS_AT_ONCE = 100;

const NO_EVENTS: readonly HostEvent[] = [];

/** What became of a beat. Numbers rise from the events `before` it over its own to those `after`. */
export interface Receipt {
  readonly seq: number;
  readonly late: boolean;
  /** What the silence before it turned out to be. */
  readonly before: readonly HostEvent[];
  readonly after: readonly HostEvent[];
}

/** What the monitor knows beside its hosts, for the store. */
export interface MonitorRecord {
  readonly seq: number;
  readonly listening: ListeningRecord;
}

/** An event as it is read back from the journal. */
export type ReplayedEvent = Pick<HostEvent, "seq" | "type" | "host" | "missed">;

export class Monitor {
  readonly #hosts = new HostTable();
  readonly #wheel = new Wheel();
  readonly #listening = new ListeningTime();
  readonly #changes = new ChangeList();
  #settings: WatchSettings;
  #seq = 0;
  #total = 0;
  #late = 0;
  #missed = 0;
  #down = 0;
  #lastBeatMs = 0;
  #lastClient: string | null = null;

  constructor(settings: WatchSettings) {
    this.#settings = settings;
    this.#addConfigured();
  }

  /** Number of the last beat or event. */
  get seq(): number {
    return this.#seq;
  }

  /** The listening time at `nowMs`: it stands still while the server is deaf. */
  listeningMs(nowMs: number): number {
    return this.#listening.at(nowMs);
  }

  /**
   * Takes a beat that arrived at `nowMs`. Returns null, and changes nothing, when its host is new
   * and there are `maxHosts` already.
   */
  receive(beat: BeatFacts, nowMs: number): Receipt | null {
    const hosts = this.#hosts;
    let row = hosts.find(beat.host);
    if (row === undefined) {
      if (hosts.size >= this.#settings.maxHosts) return null;
      row = hosts.add(beat.host);
    }
    const isFirst = hosts.state[row] === NEW;
    const rhythm = isFirst ? null : this.#rhythm(row);
    const since = this.#waitingSince(row, rhythm);
    const silenceMs = this.#listening.at(nowMs) - since;
    const late = rhythm !== null && isOverdue(silenceMs, rhythm);
    const before = late ? this.#catchUp(row, rhythm, since, nowMs) : NO_EVENTS;
    const seq = ++this.#seq;
    const after = hosts.state[row] === DOWN
      ? [this.#event("up", row, rhythm, silenceMs, nowMs)]
      : NO_EVENTS;
    this.#take(row, beat, nowMs, late, since, this.#seq);
    return { seq, late, before, after };
  }

  /**
   * Finds what has become overdue by `nowMs`, looking at no more than `limit` hosts. `more` says
   * that it was not all; the caller goes on when it has let others work.
   */
  tick(nowMs: number, limit: number): { readonly events: readonly HostEvent[]; more: boolean } {
    const events: HostEvent[] = [];
    const more = this.#wheel.drain(this.#listening.at(nowMs), limit, (row) => {
      const rhythm = this.#rhythm(row);
      const found = this.#catchUp(row, rhythm, this.#waitingSince(row, rhythm), nowMs);
      for (const event of found) events.push(event);
      this.#watch(row);
    });
    return { events, more };
  }

  /** Time was lost before `nowMs`: it counts against nobody. */
  deaf(deafness: Deafness, nowMs: number): DeafEvent {
    this.#listening.shift(deafness, nowMs);
    return { type: "deaf", seq: ++this.#seq, atMs: nowMs, ...deafness };
  }

  /** Watches by new settings from `nowMs` on. Looks at every host once. */
  configure(settings: WatchSettings): void {
    this.#settings = settings;
    this.#addConfigured();
    for (let row = 0; row < this.#hosts.size; row++) this.#watch(row);
  }

  // Recovery

  /** Puts stored hosts back. */
  restore(hosts: readonly HostRecord[]): void {
    for (const record of hosts) {
      const row = this.#hosts.restore(record);
      this.#total += record.total;
      this.#late += record.late;
      this.#missed += record.missed;
      if (record.state === "down") this.#down++;
      if (record.lastBeatMs > this.#lastBeatMs) {
        this.#lastBeatMs = record.lastBeatMs;
        this.#lastClient = record.addresses[0] ?? null;
      }
      this.#seq = Math.max(this.#seq, record.seq);
      this.#watch(row);
    }
  }

  /** Puts the rest of the stored state back; call it before any host is restored. */
  restoreSelf(record: MonitorRecord): void {
    this.#seq = record.seq;
    this.#listening.restore(record.listening);
  }

  /** What the store must keep beside the hosts. */
  record(): MonitorRecord {
    return { seq: this.#seq, listening: this.#listening.record() };
  }

  /**
   * Applies a beat read back from the journal, unless its host has seen it already. Whether it was
   * late was judged when it came, by the settings of that time, and is not judged again.
   */
  replayBeat(seq: number, beat: BeatFacts, late: boolean, atMs: number): void {
    this.#seq = Math.max(this.#seq, seq);
    const row = this.#hosts.find(beat.host) ?? this.#hosts.add(beat.host);
    if (seq <= (this.#hosts.seq[row] ?? 0)) return;
    this.#take(row, beat, atMs, late, this.#waitingSince(row, this.#rhythm(row)), seq);
  }

  /** Applies an event read back from the journal, unless its host has seen it already. */
  replayEvent({ seq, type, host, missed }: ReplayedEvent): void {
    this.#seq = Math.max(this.#seq, seq);
    const hosts = this.#hosts;
    const row = hosts.find(host);
    if (row === undefined || seq <= (hosts.seq[row] ?? 0)) return;
    if (type === "down" && hosts.state[row] === UP) {
      hosts.state[row] = DOWN;
      this.#down++;
    } else if (type === "missed") {
      this.#miss(row, missed);
    }
    this.#touch(row, seq);
    this.#watch(row);
  }

  /** Applies deafness read back from the journal; it must be newer than the restored record. */
  replayDeaf(seq: number, deafness: Deafness, atMs: number): void {
    const before = this.#seq;
    this.deaf(deafness, atMs);
    this.#seq = Math.max(before, seq);
  }

  /** Rows changed since the last call, for a checkpoint. */
  takeChanged(): number[] {
    return this.#changes.take();
  }

  /** Marks rows as changed again: their checkpoint failed. */
  putBackChanged(rows: readonly number[]): void {
    for (const row of rows) this.#changes.add(row);
  }

  hostRecord(row: number): HostRecord {
    return this.#hosts.record(row);
  }

  // What others may see

  /** Snapshot of the host called `name`, or null. */
  host(name: string): HostSnapshot | null {
    const row = this.#hosts.find(name);
    return row === undefined ? null : this.#snapshot(row);
  }

  /** Snapshots of up to `limit` hosts from row `first` on. */
  hosts(first: number, limit: number): HostSnapshot[] {
    const last = Math.min(this.#hosts.size, first + limit);
    const list: HostSnapshot[] = [];
    for (let row = first; row < last; row++) list.push(this.#snapshot(row));
    return list;
  }

  /** Snapshots of up to `limit` hosts that are down. */
  downHosts(limit: number): HostSnapshot[] {
    const list: HostSnapshot[] = [];
    if (this.#down === 0) return list;
    for (let row = 0; row < this.#hosts.size && list.length < limit; row++) {
      if (this.#hosts.state[row] === DOWN) list.push(this.#snapshot(row));
    }
    return list;
  }

  totals(): Totals {
    return {
      hosts: this.#hosts.size,
      down: this.#down,
      total: this.#total,
      late: this.#late,
      missed: this.#missed,
      stability: stability(this.#total, this.#late, this.#missed),
      lastBeatMs: this.#lastBeatMs === 0 ? null : this.#lastBeatMs,
      lastClient: this.#lastClient,
    };
  }

  // Inside

  #addConfigured(): void {
    for (const name of this.#settings.hosts.keys()) {
      if (this.#hosts.size >= this.#settings.maxHosts) return;
      if (this.#hosts.find(name) === undefined) this.#hosts.add(name);
    }
  }

  /** What is expected of `row`, or null while that is still to be learned. */
  #rhythm(row: number): Rhythm | null {
    const settings = this.#settings;
    const own = settings.hosts.size === 0
      ? undefined
      : settings.hosts.get(this.#hosts.names[row] ?? "");
    const stated = this.#hosts.statedMs[row] ?? 0;
    const wanted = stated > 0 ? stated : own?.intervalMs ?? settings.intervalMs;
    const intervalMs = wanted === "auto" ? this.#hosts.learnedIntervalMs(row) : wanted;
    if (intervalMs === null) return null;
    return { intervalMs, graceMs: (own?.graceMs ?? settings.graceMs)(intervalMs) };
  }

  #waitingSince(row: number, rhythm: Rhythm | null): number {
    return this.#listening.waitingSince(this.#hosts.heardMs[row] ?? 0, rhythm);
  }

  /** A beat is in: counts it and waits for the next. `since` is when the silence before it began. */
  #take(
    row: number,
    beat: BeatFacts,
    nowMs: number,
    late: boolean,
    since: number,
    seq: number,
  ): void {
    const hosts = this.#hosts;
    const heardMs = this.#listening.at(nowMs);
    // A gap with deaf time in it says nothing about the host's rhythm.
    if (hosts.state[row] !== NEW && since === hosts.heardMs[row]) {
      hosts.addGap(row, Math.max(0, heardMs - since));
    }
    if (hosts.state[row] === DOWN) this.#down--;
    hosts.state[row] = UP;
    hosts.total[row] = (hosts.total[row] ?? 0) + 1;
    hosts.late[row] = (hosts.late[row] ?? 0) + (late ? 1 : 0);
    hosts.missedNow[row] = 0;
    hosts.lastBeatMs[row] = nowMs;
    hosts.heardMs[row] = heardMs;
    hosts.statedMs[row] = beat.intervalMs ?? 0;
    hosts.addAddress(row, beat.ip);
    if (beat.reportedIp !== null) hosts.setReportedIp(row, beat.reportedIp);
    this.#total++;
    if (late) this.#late++;
    this.#lastBeatMs = nowMs;
    this.#lastClient = beat.ip;
    this.#touch(row, seq);
    this.#watch(row);
  }

  /** Counts what `row` has missed by `nowMs`, and returns what there is to say about it. */
  #catchUp(
    row: number,
    rhythm: Rhythm | null,
    since: number,
    nowMs: number,
  ): readonly HostEvent[] {
    const hosts = this.#hosts;
    if (rhythm === null || hosts.state[row] === NEW) return NO_EVENTS;
    const silenceMs = this.#listening.at(nowMs) - since;
    const missed = missedIntervals(silenceMs, rhythm);
    const before = hosts.missedNow[row] ?? 0;
    if (missed <= before) return NO_EVENTS;
    const events: HostEvent[] = [];
    if (hosts.state[row] === UP) {
      hosts.state[row] = DOWN;
      this.#down++;
      events.push(this.#event("down", row, rhythm, silenceMs, nowMs));
    }
    const first = Math.max(before + 1, missed - EVENTS_AT_ONCE + 1);
    for (let n = first; n <= missed; n++) {
      this.#miss(row, n);
      events.push(this.#event("missed", row, rhythm, silenceMs, nowMs));
    }
    this.#touch(row, this.#seq);
    return events;
  }

  /** The silence of `row` has come to `missed` intervals. */
  #miss(row: number, missed: number): void {
    const hosts = this.#hosts;
    const more = missed - (hosts.missedNow[row] ?? 0);
    hosts.missedNow[row] = missed;
    hosts.missed[row] = (hosts.missed[row] ?? 0) + more;
    this.#missed += more;
  }

  #event(
    type: HostEvent["type"],
    row: number,
    rhythm: Rhythm | null,
    silenceMs: number,
    atMs: number,
  ): HostEvent {
    return {
      type,
      seq: ++this.#seq,
      atMs,
      host: this.#hosts.names[row] ?? "",
      silenceMs,
      missed: this.#hosts.missedNow[row] ?? 0,
      intervalMs: rhythm?.intervalMs ?? null,
      graceMs: rhythm?.graceMs ?? null,
    };
  }

  /** Puts `row` on the wheel for the moment at which there may next be something to say. */
  #watch(row: number): void {
    if (this.#hosts.state[row] === NEW) return;
    const rhythm = this.#rhythm(row);
    if (rhythm === null) return;
    const since = this.#waitingSince(row, rhythm);
    this.#wheel.place(row, since + nextCheckMs(this.#hosts.missedNow[row] ?? 0, rhythm));
  }

  #touch(row: number, seq: number): void {
    this.#hosts.seq[row] = seq;
    this.#changes.add(row);
  }

  #snapshot(row: number): HostSnapshot {
    const rhythm = this.#rhythm(row);
    const waitingSince = this.#listening.toWall(this.#waitingSince(row, rhythm));
    return snapshotOf(this.#hosts, row, rhythm, waitingSince);
  }
}
