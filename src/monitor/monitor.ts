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

import type {
  BeatFacts,
  BootFacts,
  MessageFacts,
  MetricsFacts,
  ShutdownFacts,
} from "../wire/message.ts";
import { ChangeList } from "./change_list.ts";
import { ClientTable, type PlaceVerdict } from "./client_table.ts";
import type { DeafEvent, HostEvent } from "./events.ts";
import { MetricsHistory, type Sample } from "./history.ts";
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
const SHUTDOWN = HOST_STATES.indexOf("shutdown");

/**
 * Missed intervals reported one by one in one go. Only an interval made much shorter in the middle
 * of a silence finds more; they are counted, but not each told.
 */
const EVENTS_AT_ONCE = 100;

const NO_EVENTS: readonly HostEvent[] = [];

/** What became of a message. */
export type Receipt =
  | {
    readonly outcome: "taken";
    /** Numbers rise from the events `before` it over its own to those `after`. */
    readonly seq: number;
    /** A beat that came after its deadline. */
    readonly late: boolean;
    /** What the silence before it turned out to be. */
    readonly before: readonly HostEvent[];
    readonly after: readonly HostEvent[];
  }
  /** Its host is new, and there are as many as may be. */
  | { readonly outcome: "full" }
  /** It has been taken before, and counts once. */
  | { readonly outcome: "repeated" }
  /** It is signed, but a copy of an old one. */
  | { readonly outcome: "replayed" };

/** A client started for a single message beside the one that beats does not begin its series anew. */
const STEADY: ReadonlySet<MessageFacts["kind"]> = new Set(["beat", "metrics"]);

const FULL: Receipt = { outcome: "full" };
const REPEATED: Receipt = { outcome: "repeated" };
const REPLAYED: Receipt = { outcome: "replayed" };

/** Messages remembered so that one sent again is told once. */
const TOLD_KEPT = 100_000;

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
  readonly #clients = new ClientTable();
  readonly #history = new MetricsHistory();
  /** Notes, boots and goodbyes told already, the oldest first. */
  readonly #told = new Set<string>();
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
   * Takes a message that arrived at `nowMs`. `isSigned` says that its sender has proven who it is,
   * and that it must not be taken a second time whatever its age.
   */
  receive(message: MessageFacts, nowMs: number, isSigned = false): Receipt {
    const hosts = this.#hosts;
    let row = hosts.find(message.host);
    if (row === undefined) {
      if (hosts.size >= this.#settings.maxHosts) return FULL;
      row = hosts.add(message.host);
    }
    const verdict = this.#judge(row, message);
    if (verdict === "repeated") return this.#repeated(row, message.ip);
    if (isSigned && this.#isReplay(row, verdict, message.sentMs)) return REPLAYED;
    if (message.kind !== "beat" && !this.#isNews(row, message, nowMs)) {
      this.#hear(row, message, verdict, nowMs);
      return REPEATED;
    }
    return this.#taken(row, message, verdict, nowMs);
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
      if (record.client) this.#clients.restore(row, record.client);
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
   * Applies a message read back from the journal, unless its host has seen it already. Whether a
   * beat was late was judged when it came, by the settings of that time, and is not judged again.
   */
  replayMessage(seq: number, message: MessageFacts, late: boolean, atMs: number): void {
    this.#seq = Math.max(this.#seq, seq);
    const row = this.#hosts.find(message.host) ?? this.#hosts.add(message.host);
    // The checkpoint of a host may be newer than that of its samples; what is there stays once.
    if (message.kind !== "beat") this.#isNews(row, message, atMs);
    if (seq <= (this.#hosts.seq[row] ?? 0)) return;
    const since = this.#waitingSince(row, this.#rhythm(row));
    this.#apply(row, message, this.#judge(row, message), since, late, seq, atMs);
  }

  /** Applies an event read back from the journal, unless its host has seen it already. */
  replayEvent({ seq, type, host, missed }: ReplayedEvent): void {
    this.#seq = Math.max(this.#seq, seq);
    const hosts = this.#hosts;
    const row = hosts.find(host);
    if (row === undefined || seq <= (hosts.seq[row] ?? 0)) return;
    if (type === "down") {
      this.#setState(row, DOWN);
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
    return this.#hosts.record(row, this.#clients.record(row));
  }

  /** The samples of plugins, for the store. */
  get history(): MetricsHistory {
    return this.#history;
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
    const statedGraceMs = this.#clients.statedGraceMs(row);
    const graceMs = statedGraceMs ?? (own?.graceMs ?? settings.graceMs)(intervalMs);
    return { intervalMs, graceMs };
  }

  #waitingSince(row: number, rhythm: Rhythm | null): number {
    return this.#listening.waitingSince(this.#hosts.heardMs[row] ?? 0, rhythm);
  }

  /** What its place in the series says of a message; null: nothing. */
  #judge(row: number, { series, kind }: MessageFacts): PlaceVerdict | null {
    if (series === null) return null;
    const verdict = this.#clients.judge(row, series);
    return verdict === "restarted" && !STEADY.has(kind) ? "aside" : verdict;
  }

  /** It came by the way it mostly comes: a copy; by another one: the same message to another address. */
  #repeated(row: number, ip: string): Receipt {
    if (this.#hosts.latestAddress(row) === ip) this.#clients.countDuplicate(row);
    else this.#hosts.addAddress(row, ip);
    this.#changes.add(row);
    return REPEATED;
  }

  /**
   * A series that begins anew must begin with something newer than all that came before, and in a
   * series nothing is taken that is too old to be remembered.
   */
  #isReplay(row: number, verdict: PlaceVerdict | null, sentMs: number | null): boolean {
    if (verdict === "ancient") return true;
    const isOther = verdict === "restarted" || verdict === "rebooted" || verdict === "aside";
    if (!isOther) return false;
    return sentMs === null || sentMs <= (this.#clients.newestSentMs[row] ?? 0);
  }

  /** False for a message that was taken already and is sent again because its answer got lost. */
  #isNews(row: number, message: Exclude<MessageFacts, BeatFacts>, nowMs: number): boolean {
    if (message.kind === "metrics") return this.#keepSample(message, nowMs);
    const saidMs = message.kind === "result" ? null : message.happenedMs ?? message.sentMs;
    if (saidMs === null) return true;
    const key = `${row} ${message.kind} ${saidMs}`;
    if (this.#told.has(key)) return false;
    this.#told.add(key);
    for (const oldest of this.#told) {
      if (this.#told.size <= TOLD_KEPT) break;
      this.#told.delete(oldest);
    }
    return true;
  }

  /** Returns false when the sample is there already. */
  #keepSample(message: MetricsFacts, nowMs: number): boolean {
    const { host, plugin, data, sentMs, happenedMs } = message;
    const ageMs = sentMs === null || happenedMs === null ? 0 : Math.max(0, sentMs - happenedMs);
    const sample: Sample = {
      atMs: nowMs - ageMs,
      clientMs: happenedMs ?? sentMs ?? nowMs,
      text: JSON.stringify(data),
    };
    return this.#history.add(host, plugin, sample, this.#settings.maxSamples);
  }

  #taken(
    row: number,
    message: MessageFacts,
    verdict: PlaceVerdict | null,
    nowMs: number,
  ): Receipt {
    const hosts = this.#hosts;
    const provesLife = message.kind === "beat" || message.kind === "boot";
    const rhythm = !provesLife || hosts.state[row] === NEW ? null : this.#rhythm(row);
    const since = this.#waitingSince(row, rhythm);
    const silenceMs = this.#listening.at(nowMs) - since;
    const late = rhythm !== null && isOverdue(silenceMs, rhythm);
    const before = late ? this.#catchUp(row, rhythm, since, nowMs) : NO_EVENTS;
    const seq = ++this.#seq;
    let after = provesLife && hosts.state[row] === DOWN
      ? [this.#event("up", row, rhythm, silenceMs, nowMs)]
      : NO_EVENTS;
    if (verdict === "rebooted" && message.kind !== "boot") {
      after = [...after, this.#event("reboot", row, rhythm, silenceMs, nowMs)];
    }
    const isLateBeat = late && message.kind === "beat";
    this.#apply(row, message, verdict, since, isLateBeat, this.#seq, nowMs);
    return { outcome: "taken", seq, late: isLateBeat, before, after };
  }

  /**
   * What a message changes, when it comes and when it is read back. `since` is when the silence
   * before it began.
   */
  #apply(
    row: number,
    message: MessageFacts,
    verdict: PlaceVerdict | null,
    since: number,
    late: boolean,
    seq: number,
    atMs: number,
  ): void {
    this.#hear(row, message, verdict, atMs);
    switch (message.kind) {
      case "beat":
        return this.#take(row, message, atMs, late, since, seq);
      case "boot":
        this.#boot(row, message, atMs);
        break;
      case "shutdown":
        this.#shutdown(row, message, atMs);
        break;
    }
    this.#hosts.addAddress(row, message.ip);
    this.#touch(row, seq);
    this.#watch(row);
  }

  /** Notes what any message tells of its client. */
  #hear(row: number, message: MessageFacts, verdict: PlaceVerdict | null, atMs: number): void {
    const { series, sentMs } = message;
    if (series === null && sentMs === null && !this.#clients.knows(row)) return;
    const clients = this.#clients;
    clients.add(row);
    if (series !== null && verdict !== null) clients.take(row, series, verdict);
    if (verdict === "rebooted") clients.bootedMs[row] = atMs;
    const rttMs = message.kind === "beat" ? message.rttMs : null;
    if (rttMs !== null) clients.rttMs[row] = rttMs;
    if (sentMs !== null) {
      clients.newestSentMs[row] = Math.max(clients.newestSentMs[row] || 0, sentMs);
      // It was on its way for about half a round trip.
      clients.skewMs[row] = sentMs + (rttMs ?? 0) / 2 - atMs;
    }
    if (message.kind !== "beat") return;
    clients.graceMs[row] = message.graceMs ?? NaN;
    if (sentMs !== null) clients.aliveSentMs[row] = sentMs;
    if (message.version !== null) clients.setVersion(row, message.version);
  }

  /** The host came up: it lives, and its next beat is waited for from here. */
  #boot(row: number, { happenedMs, sentMs }: BootFacts, atMs: number): void {
    this.#setState(row, UP);
    this.#hosts.missedNow[row] = 0;
    this.#hosts.heardMs[row] = this.#listening.at(atMs);
    this.#hosts.afterBeat[row] = 0;
    this.#clients.add(row);
    const ageMs = sentMs === null || happenedMs === null ? 0 : Math.max(0, sentMs - happenedMs);
    this.#clients.bootedMs[row] = atMs - ageMs;
    this.#clients.aliveSentMs[row] = sentMs ?? NaN;
  }

  /** The host said goodbye, unless this is an old goodbye that comes after newer signs of life. */
  #shutdown(row: number, { happenedMs, sentMs, backInMs }: ShutdownFacts, atMs: number): void {
    const saidMs = happenedMs ?? sentMs;
    if (saidMs !== null && saidMs < (this.#clients.aliveSentMs[row] || 0)) return;
    this.#setState(row, SHUTDOWN);
    this.#hosts.missedNow[row] = 0;
    this.#hosts.heardMs[row] = backInMs === null ? Infinity : this.#listening.at(atMs) + backInMs;
    this.#hosts.afterBeat[row] = 0;
  }

  #setState(row: number, state: number): void {
    const before = this.#hosts.state[row];
    if (before === DOWN) this.#down--;
    if (state === DOWN) this.#down++;
    this.#hosts.state[row] = state;
  }

  /** A beat is in: counts it and waits for the next. */
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
    // A gap that began with anything but a beat, or with deaf time in it, says nothing about the
    // host's rhythm.
    if (hosts.afterBeat[row] === 1 && since === hosts.heardMs[row]) {
      hosts.addGap(row, Math.max(0, heardMs - since));
    }
    this.#setState(row, UP);
    hosts.total[row] = (hosts.total[row] ?? 0) + 1;
    hosts.late[row] = (hosts.late[row] ?? 0) + (late ? 1 : 0);
    hosts.missedNow[row] = 0;
    hosts.lastBeatMs[row] = nowMs;
    hosts.afterBeat[row] = 1;
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
    if (hosts.state[row] !== DOWN) {
      this.#setState(row, DOWN);
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
    if (since === Infinity) return;
    this.#wheel.place(row, since + nextCheckMs(this.#hosts.missedNow[row] ?? 0, rhythm));
  }

  #touch(row: number, seq: number): void {
    this.#hosts.seq[row] = seq;
    this.#changes.add(row);
  }

  #snapshot(row: number): HostSnapshot {
    const rhythm = this.#rhythm(row);
    const waitingSince = this.#listening.toWall(this.#waitingSince(row, rhythm));
    return snapshotOf(this.#hosts, row, rhythm, waitingSince, this.#clients.snapshot(row));
  }
}
