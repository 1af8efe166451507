/**
 * The heart: the state of every host, and the only place where it changes.
 *
 * Plain and synchronous: no sockets, files, timers or clocks. Time comes in as an argument (epoch
 * milliseconds), so the same messages at the same times always give the same state and the same
 * events: that is what makes it testable with a fake clock and recoverable by replaying the
 * journal.
 *
 * Inside, hosts are watched in listening time (`listening_time.ts`), in which the server is never
 * deaf.
 *
 * A message first brings its host up to the time of the message (`catchUp`), so the outcome does
 * not depend on whether a tick came before it.
 */

import type {
  BeatFacts,
  BootFacts,
  MessageFacts,
  MetricsFacts,
  ShutdownFacts,
} from "../wire/message.ts";
import type { ClientTable, PlaceVerdict } from "./client_table.ts";
import type { DeafEvent, HostEvent } from "./events.ts";
import { MetricsHistory, type Sample } from "./history.ts";
import type { HostRecord, HostTable } from "./host_table.ts";
import type { Deafness } from "./listening_clock.ts";
import type { ListeningRecord, ListeningTime } from "./listening_time.ts";
import type { WatchSettings } from "./settings.ts";
import { type HostSnapshot, snapshotOf, type Totals } from "./snapshot.ts";
import { Told } from "./told.ts";
import { DOWN, NEW, NO_EVENTS, SHUTDOWN, UP, Watch } from "./watch.ts";
import { isOverdue, stability } from "./watchdog.ts";

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

const FULL: Receipt = { outcome: "full" };
const REPEATED: Receipt = { outcome: "repeated" };
const REPLAYED: Receipt = { outcome: "replayed" };

/** What the monitor knows beside its hosts, for the store. */
export interface MonitorRecord {
  readonly seq: number;
  readonly listening: ListeningRecord;
  /** See `told.ts`. */
  readonly told: readonly string[];
}

/** An event as it is read back from the journal. */
export type ReplayedEvent = Pick<HostEvent, "seq" | "type" | "host" | "missed">;

export class Monitor {
  readonly #watch: Watch;
  readonly #hosts: HostTable;
  readonly #clients: ClientTable;
  readonly #listening: ListeningTime;
  readonly #history = new MetricsHistory();
  /** Notes, boots and goodbyes. */
  readonly #told = new Told();
  #total = 0;
  #late = 0;
  #lastBeatMs = 0;
  #lastClient: string | null = null;

  constructor(settings: WatchSettings) {
    this.#watch = new Watch(settings);
    this.#hosts = this.#watch.hosts;
    this.#clients = this.#watch.clients;
    this.#listening = this.#watch.listening;
  }

  /** Number of the last beat or event. */
  get seq(): number {
    return this.#watch.seq;
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
      if (hosts.size >= this.#watch.settings.maxHosts) return FULL;
      row = hosts.add(message.host);
    }
    const verdict = this.#clients.judge(row, message);
    if (verdict === "repeated") return this.#repeated(row, message.ip, isSigned);
    if (isSigned && this.#clients.isReplay(row, verdict, message.sentMs)) return REPLAYED;
    if (verdict === "aside" && !this.#isFirstAside(message)) return REPEATED;
    if (isSigned) this.#clients.markSigned(row, message.sentMs);
    if (message.kind !== "beat" && !this.#isNews(message, nowMs)) {
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
    return this.#watch.tick(nowMs, limit);
  }

  /** Time was lost before `nowMs`: it counts against nobody. */
  deaf(deafness: Deafness, nowMs: number): DeafEvent {
    this.#listening.shift(deafness, nowMs);
    return { type: "deaf", seq: ++this.#watch.seq, atMs: nowMs, ...deafness };
  }

  /** Watches by new settings from `nowMs` on. Looks at every host once. */
  configure(settings: WatchSettings): void {
    this.#watch.configure(settings);
  }

  // Recovery

  /** Puts stored hosts back. */
  restore(hosts: readonly HostRecord[]): void {
    for (const record of hosts) {
      const row = this.#hosts.restore(record);
      if (record.client) this.#clients.restore(row, record.client);
      this.#total += record.total;
      this.#late += record.late;
      this.#watch.missed += record.missed;
      if (record.state === "down") this.#watch.down++;
      if (record.lastBeatMs > this.#lastBeatMs) {
        this.#lastBeatMs = record.lastBeatMs;
        this.#lastClient = record.addresses[0] ?? null;
      }
      this.#watch.seq = Math.max(this.#watch.seq, record.seq);
      this.#watch.place(row);
    }
  }

  /** Puts the rest of the stored state back; call it before any host is restored. */
  restoreSelf(record: MonitorRecord): void {
    this.#watch.seq = record.seq;
    this.#listening.restore(record.listening);
    // Stores of older versions have none.
    this.#told.restore(record.told ?? []);
  }

  /** What the store must keep beside the hosts. */
  record(): MonitorRecord {
    const [listening, told] = [this.#listening.record(), this.#told.record()];
    return { seq: this.#watch.seq, listening, told };
  }

  /**
   * Applies a message read back from the journal, unless its host has seen it already. Whether a
   * beat was late was judged when it came, by the settings of that time, and is not judged again.
   */
  replayMessage(
    seq: number,
    message: MessageFacts,
    late: boolean,
    atMs: number,
    isSigned = false,
  ): void {
    this.#watch.seq = Math.max(this.#watch.seq, seq);
    const row = this.#hosts.find(message.host) ?? this.#hosts.add(message.host);
    // The checkpoint of a host may be newer than that of its samples; what is there stays once.
    if (message.kind !== "beat") this.#isNews(message, atMs);
    if (seq <= (this.#hosts.seq[row] ?? 0)) return;
    const since = this.#watch.waitingSince(row, this.#watch.rhythm(row));
    const verdict = this.#clients.judge(row, message);
    if (verdict === "aside") this.#isFirstAside(message);
    if (isSigned) this.#clients.markSigned(row, message.sentMs);
    this.#apply(row, message, verdict, since, late, seq, atMs);
  }

  /** Applies an event read back from the journal, unless its host has seen it already. */
  replayEvent({ seq, type, host, missed }: ReplayedEvent): void {
    this.#watch.seq = Math.max(this.#watch.seq, seq);
    const hosts = this.#hosts;
    const row = hosts.find(host);
    if (row === undefined || seq <= (hosts.seq[row] ?? 0)) return;
    if (type === "down") {
      this.#watch.setState(row, DOWN);
    } else if (type === "missed") {
      this.#watch.miss(row, missed);
    }
    this.#watch.touch(row, seq);
    this.#watch.place(row);
  }

  /** Applies deafness read back from the journal; it must be newer than the restored record. */
  replayDeaf(seq: number, deafness: Deafness, atMs: number): void {
    const before = this.#watch.seq;
    this.deaf(deafness, atMs);
    this.#watch.seq = Math.max(before, seq);
  }

  /** Rows changed since the last call, for a checkpoint. */
  takeChanged(): number[] {
    return this.#watch.changes.take();
  }

  /** Marks rows as changed again: their checkpoint failed. */
  putBackChanged(rows: readonly number[]): void {
    for (const row of rows) this.#watch.changes.add(row);
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
    if (this.#watch.down === 0) return list;
    for (let row = 0; row < this.#hosts.size && list.length < limit; row++) {
      if (this.#hosts.state[row] === DOWN) list.push(this.#snapshot(row));
    }
    return list;
  }

  totals(): Totals {
    return {
      hosts: this.#hosts.size,
      down: this.#watch.down,
      total: this.#total,
      late: this.#late,
      missed: this.#watch.missed,
      stability: stability(this.#total, this.#late, this.#watch.missed),
      lastBeatMs: this.#lastBeatMs === 0 ? null : this.#lastBeatMs,
      lastClient: this.#lastClient,
    };
  }

  // Inside

  /**
   * By the way that messages of this host mostly come, it is a copy; by another one, the same
   * message to another address. A signed one may have been sent again by anybody: its address means
   * nothing.
   */
  #repeated(row: number, ip: string, isSigned: boolean): Receipt {
    if (isSigned || this.#hosts.latestAddress(row) === ip) this.#clients.countDuplicate(row);
    else this.#hosts.addAddress(row, ip);
    this.#watch.changes.add(row);
    return REPEATED;
  }

  /** False for a message beside the series that has been taken under this number. */
  #isFirstAside({ host, series }: MessageFacts): boolean {
    return series === null || this.#told.tell(host, `series ${series.bootId}`, series.seq);
  }

  /** False for a message that was taken already and is sent again because its answer got lost. */
  #isNews(message: Exclude<MessageFacts, BeatFacts>, nowMs: number): boolean {
    if (message.kind === "metrics") return this.#keepSample(message, nowMs);
    const saidMs = message.kind === "result" ? null : message.happenedMs ?? message.sentMs;
    if (saidMs === null) return true;
    const text = message.kind === "note" ? message.text : "";
    return this.#told.tell(message.host, message.kind, saidMs, text);
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
    return this.#history.add(host, plugin, sample, this.#watch.settings.maxSamples);
  }

  #taken(
    row: number,
    message: MessageFacts,
    verdict: PlaceVerdict | null,
    nowMs: number,
  ): Receipt {
    const hosts = this.#hosts;
    const provesLife = message.kind === "beat" || message.kind === "boot";
    const rhythm = hosts.state[row] === NEW ? null : this.#watch.rhythm(row);
    const since = this.#watch.waitingSince(row, rhythm);
    const silenceMs = this.#listening.at(nowMs) - since;
    const late = rhythm !== null && isOverdue(silenceMs, rhythm);
    const before = late ? this.#watch.catchUp(row, rhythm, since, nowMs) : NO_EVENTS;
    const seq = ++this.#watch.seq;
    let after = provesLife && hosts.state[row] === DOWN
      ? [this.#watch.event("up", row, rhythm, silenceMs, nowMs)]
      : NO_EVENTS;
    if (verdict === "rebooted" && message.kind !== "boot") {
      // Nobody waited for a host that said goodbye, or that never beat.
      const isWaitedFor = hosts.state[row] === UP || hosts.state[row] === DOWN;
      const waitedMs = isWaitedFor ? silenceMs : 0;
      after = [...after, this.#watch.event("reboot", row, rhythm, waitedMs, nowMs)];
    }
    const isLateBeat = late && message.kind === "beat";
    this.#apply(row, message, verdict, since, isLateBeat, this.#watch.seq, nowMs);
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
        this.#take(row, message, atMs, late);
        // One that its goodbye has overtaken is no news of a life after it.
        if (verdict !== "reordered" || this.#hosts.state[row] !== SHUTDOWN) {
          this.#live(row, since, atMs);
        }
        break;
      case "boot":
        this.#boot(row, message, atMs);
        break;
      case "shutdown":
        this.#shutdown(row, message, atMs);
        break;
    }
    this.#hosts.addAddress(row, message.ip);
    this.#watch.touch(row, seq);
    this.#watch.place(row);
  }

  /** Notes what any message tells of its client. */
  #hear(row: number, message: MessageFacts, verdict: PlaceVerdict | null, atMs: number): void {
    if (this.#clients.hear(row, message, verdict, atMs)) this.#watch.changes.add(row);
  }

  /** The host came up: it lives, and its next beat is waited for from here. */
  #boot(row: number, { happenedMs, sentMs }: BootFacts, atMs: number): void {
    this.#watch.setState(row, UP);
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
    this.#watch.setState(row, SHUTDOWN);
    this.#hosts.missedNow[row] = 0;
    this.#hosts.heardMs[row] = backInMs === null ? Infinity : this.#listening.at(atMs) + backInMs;
    this.#hosts.afterBeat[row] = 0;
  }

  /** A beat is in: counts it. */
  #take(row: number, beat: BeatFacts, nowMs: number, late: boolean): void {
    const hosts = this.#hosts;
    hosts.total[row] = (hosts.total[row] ?? 0) + 1;
    hosts.late[row] = (hosts.late[row] ?? 0) + (late ? 1 : 0);
    hosts.lastBeatMs[row] = nowMs;
    hosts.statedMs[row] = beat.intervalMs ?? 0;
    if (beat.reportedIp !== null) hosts.setReportedIp(row, beat.reportedIp);
    this.#total++;
    if (late) this.#late++;
    this.#lastBeatMs = nowMs;
    this.#lastClient = beat.ip;
  }

  /** The host lives: its next beat is waited for from here. */
  #live(row: number, since: number, nowMs: number): void {
    const hosts = this.#hosts;
    const heardMs = this.#listening.at(nowMs);
    // A gap that began with anything but a beat, or with deaf time in it, says nothing about the
    // host's rhythm.
    if (hosts.afterBeat[row] === 1 && since === hosts.heardMs[row]) {
      hosts.addGap(row, Math.max(0, heardMs - since));
    }
    this.#watch.setState(row, UP);
    hosts.missedNow[row] = 0;
    hosts.afterBeat[row] = 1;
    hosts.heardMs[row] = heardMs;
  }

  #snapshot(row: number): HostSnapshot {
    const rhythm = this.#watch.rhythm(row);
    const waitingSince = this.#listening.toWall(this.#watch.waitingSince(row, rhythm));
    return snapshotOf(this.#hosts, row, rhythm, waitingSince, this.#clients.snapshot(row));
  }
}
