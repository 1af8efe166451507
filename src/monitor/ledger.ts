/**
 * The ledger of hosts: what a message changes, whether it has just come or is read back. Who is
 * overdue is the watch's business, and what follows for people that of the alerts. Part of the
 * monitor, and as pure; only the monitor and its recall use it.
 */

import type {
  BeatFacts,
  BootFacts,
  FailFacts,
  MessageFacts,
  MetricsFacts,
  ShutdownFacts,
  StartFacts,
} from "../wire/message.ts";
import type { ClientTable, PlaceVerdict } from "./client_table.ts";
import type { DeafEvent, DropEvent, Pause } from "./events.ts";
import { MetricsHistory, type Sample } from "./history.ts";
import type { HostRecord, HostTable } from "./host_table.ts";
import type { Deafness } from "./listening_clock.ts";
import type { ListeningTime } from "./listening_time.ts";
import type { WatchSettings } from "./settings.ts";
import type { Totals } from "./snapshot.ts";
import { Told } from "./told.ts";
import { DOWN, NEW, SHUTDOWN, UP, Watch } from "./watch.ts";
import { stability } from "./watchdog.ts";

/** What hosts counted that were dropped. */
export type DroppedSums = Pick<DropEvent, "total" | "late" | "missed">;

export class Ledger {
  readonly watch: Watch;
  readonly hosts: HostTable;
  readonly clients: ClientTable;
  readonly listening: ListeningTime;
  readonly history = new MetricsHistory();
  /** Notes, boots and goodbyes. */
  readonly told = new Told();
  #total = 0;
  #late = 0;
  #lastBeatMs = 0;
  #lastClient: string | null = null;
  #dropped: DroppedSums = { total: 0, late: 0, missed: 0 };

  constructor(settings: WatchSettings) {
    this.watch = new Watch(settings);
    this.hosts = this.watch.hosts;
    this.clients = this.watch.clients;
    this.listening = this.watch.listening;
  }

  /** Puts a stored host back. */
  restore(record: HostRecord): void {
    const { watch } = this;
    const row = this.hosts.restore(record);
    if (record.client) this.clients.restore(row, record.client);
    // A store of an older version does not say since when; it was not before its last beat.
    watch.hours.restoreHost(row, record.hours ?? { sinceMs: record.lastBeatMs, hours: [] });
    if (record.pause) watch.pauses.set(record.name, record.pause, record.pause.fromMs);
    if (record.report) watch.reports.restore(row, record.report);
    const { incident = 0 } = record;
    if (record.state === "down" && incident > 0) watch.members.add(row, incident);
    watch.missed += record.missed;
    watch.restored(row);
    watch.seq = Math.max(watch.seq, record.seq);
    watch.place(row);
    this.#total += record.total;
    this.#late += record.late;
    if (record.lastBeatMs <= this.#lastBeatMs) return;
    this.#lastBeatMs = record.lastBeatMs;
    this.#lastClient = record.addresses[0] ?? null;
  }

  /** All hosts taken together. */
  totals(nowMs: number): Totals {
    const { watch } = this;
    return {
      hosts: this.hosts.size,
      down: watch.down,
      states: { ...watch.states(), paused: watch.pauses.count(nowMs) },
      total: this.#total,
      late: this.#late,
      missed: watch.missed,
      stability: stability(this.#total, this.#late, watch.missed),
      lastBeatMs: this.#lastBeatMs === 0 ? null : this.#lastBeatMs,
      lastClient: this.#lastClient,
    };
  }

  /** Time was lost before `nowMs`: it counts against nobody. */
  deaf(deafness: Deafness, nowMs: number): DeafEvent {
    this.listening.shift(deafness, nowMs);
    this.watch.hours.deaf(deafness, nowMs);
    return { type: "deaf", seq: ++this.watch.seq, atMs: nowMs, ...deafness };
  }

  /** False for a message beside the series that has been taken under this number. */
  isFirstAside({ host, series }: MessageFacts): boolean {
    return series === null || this.told.tell(host, `series ${series.bootId}`, series.seq);
  }

  /** False for a message that was taken already and is sent again because its answer got lost. */
  isNews(message: Exclude<MessageFacts, BeatFacts>, nowMs: number): boolean {
    if (message.kind === "metrics") return this.#keepSample(message, nowMs);
    const saidMs = message.kind === "result" ? null : message.happenedMs ?? message.sentMs;
    if (saidMs === null) return true;
    const text = textOf(message);
    return this.told.tell(message.host, message.kind, saidMs, text);
  }

  /**
   * What a message changes, when it comes and when it is read back. `since` is when the silence
   * before it began.
   */
  apply(
    row: number,
    message: MessageFacts,
    verdict: PlaceVerdict | null,
    since: number,
    late: boolean,
    seq: number,
    atMs: number,
  ): void {
    this.hear(row, message, verdict, atMs);
    switch (message.kind) {
      case "beat":
        this.#take(row, message, atMs, late);
        // One that its goodbye has overtaken is no news of a life after it.
        if (verdict !== "reordered" || this.hosts.state[row] !== SHUTDOWN) {
          this.#live(row, since, atMs);
        }
        if (message.run !== undefined) this.watch.reports.finish(row, message.run, atMs, true);
        break;
      case "start":
        this.#start(row, message, atMs);
        break;
      case "fail":
        this.#fail(row, message, atMs);
        break;
      case "boot":
        this.#boot(row, message, atMs);
        break;
      case "shutdown":
        this.#shutdown(row, message, atMs);
        break;
    }
    this.hosts.addAddress(row, message.ip);
    this.watch.touch(row, seq);
    this.watch.place(row);
  }

  /** Notes what any message tells of its client. */
  hear(row: number, message: MessageFacts, verdict: PlaceVerdict | null, atMs: number): void {
    if (this.clients.hear(row, message, verdict, atMs)) this.watch.changes.add(row);
    this.watch.reports.speaks(row, message.dialect ?? null);
  }

  /**
   * By the way that messages of this host mostly come, it is a copy; by another one, the same
   * message to another address. A signed one may have been sent again by anybody: its address means
   * nothing.
   */
  countRepeated(row: number, ip: string, isSigned: boolean): void {
    if (isSigned || this.hosts.latestAddress(row) === ip) this.clients.countDuplicate(row);
    else this.hosts.addAddress(row, ip);
    this.watch.changes.add(row);
  }

  pause(row: number, pause: Pause | null, nowMs: number): void {
    // Only the last pause outlives a restart: what those before it covered is reckoned now.
    this.watch.hours.book(row, nowMs);
    this.watch.pauses.set(this.hosts.names[row] ?? "", pause, nowMs);
    if (pause === null) this.watch.excuse(row, nowMs);
    else this.watch.expectAgain(row, nowMs);
    this.watch.place(row);
  }

  /** Forgets all of `row`; the sums over all hosts keep what it had counted. */
  drop(row: number, event: DropEvent): void {
    const { hosts } = this;
    const { total, late, missed } = event;
    // Of a host that is dropped as the journal is read back, less may be known than was.
    this.#addToSums({
      total: total - (hosts.total[row] ?? 0),
      late: late - (hosts.late[row] ?? 0),
      missed: missed - (hosts.missed[row] ?? 0),
    });
    this.#noteDropped(event);
    this.history.forget(event.host);
    this.watch.remove(row, event.atMs);
  }

  /** A host was dropped of which nothing is known, or one that has come anew since then. */
  dropOld(event: DropEvent): void {
    this.#addToSums(event);
    this.#noteDropped(event);
    this.history.forget(event.host);
    this.watch.changes.drop(event.host, event.atMs);
    const row = this.hosts.find(event.host);
    if (row !== undefined) this.watch.changes.add(row);
  }

  /** What dropped hosts had counted, for the store. */
  droppedSums(): DroppedSums {
    return this.#dropped;
  }

  restoreDropped(sums: DroppedSums): void {
    this.#dropped = sums;
    this.#addToSums(sums);
  }

  #noteDropped({ total, late, missed }: DroppedSums): void {
    const before = this.#dropped;
    this.#dropped = {
      total: before.total + total,
      late: before.late + late,
      missed: before.missed + missed,
    };
  }

  #addToSums({ total, late, missed }: DroppedSums): void {
    this.#total += total;
    this.#late += late;
    this.watch.missed += missed;
  }

  /** The host came up: it lives, and its next beat is waited for from here. */
  #boot(row: number, { happenedMs, sentMs }: BootFacts, atMs: number): void {
    this.watch.markDeaf(row);
    this.watch.setState(row, UP, atMs);
    this.hosts.missedNow[row] = 0;
    this.hosts.heardMs[row] = this.listening.at(atMs);
    this.hosts.afterBeat[row] = 0;
    this.clients.add(row);
    const ageMs = sentMs === null || happenedMs === null ? 0 : Math.max(0, sentMs - happenedMs);
    this.clients.bootedMs[row] = atMs - ageMs;
    this.clients.aliveSentMs[row] = sentMs ?? NaN;
  }

  /** A run of its job has begun. That is a sign of life, but not the beat that is waited for. */
  #start(row: number, { run }: StartFacts, atMs: number): void {
    const heardMs = this.listening.at(atMs);
    this.watch.reports.start(row, run, atMs, heardMs);
    const state = this.hosts.state[row];
    if (state !== NEW && state !== SHUTDOWN) return;
    this.watch.markDeaf(row);
    this.watch.setState(row, UP, atMs);
    this.hosts.missedNow[row] = 0;
    this.hosts.heardMs[row] = heardMs;
    this.hosts.afterBeat[row] = 0;
  }

  /**
   * The host says that it is down: where a good beat was expected came a bad one, so an interval is
   * missed. Silence that follows tells nothing new.
   */
  #fail(row: number, message: FailFacts, atMs: number): void {
    const { watch, hosts } = this;
    watch.miss(row, (hosts.missedNow[row] ?? 0) + 1, atMs);
    watch.setState(row, DOWN, atMs);
    // From now on it is told of by itself.
    watch.members.leave(row);
    hosts.missedNow[row] = 0;
    hosts.heardMs[row] = this.listening.at(atMs);
    hosts.afterBeat[row] = 0;
    if (message.run !== undefined) watch.reports.finish(row, message.run, atMs, false);
    // What it has told before is the same trouble, and since then.
    const sinceMs = watch.reports.failure(row)?.atMs ?? atMs;
    watch.reports.fail(row, { atMs: sinceMs, cause: "failure", text: failureText(message) });
  }

  /** The host said goodbye, unless this is an old goodbye that comes after newer signs of life. */
  #shutdown(row: number, { happenedMs, sentMs, backInMs }: ShutdownFacts, atMs: number): void {
    const saidMs = happenedMs ?? sentMs;
    if (saidMs !== null && saidMs < (this.clients.aliveSentMs[row] || 0)) return;
    this.watch.markDeaf(row);
    this.watch.setState(row, SHUTDOWN, atMs);
    this.watch.reports.stop(row);
    this.hosts.missedNow[row] = 0;
    this.hosts.heardMs[row] = backInMs === null ? Infinity : this.listening.at(atMs) + backInMs;
    this.hosts.afterBeat[row] = 0;
  }

  /** A beat is in: counts it. */
  #take(row: number, beat: BeatFacts, nowMs: number, late: boolean): void {
    const hosts = this.hosts;
    this.watch.markDeaf(row);
    hosts.bars.push(row, late ? "l" : "o");
    this.watch.hours.countBeat(row, late, nowMs);
    if (beat.rttMs !== null) this.watch.hours.addRoundTrip(row, beat.rttMs, nowMs);
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
    const hosts = this.hosts;
    const heardMs = this.listening.at(nowMs);
    // A gap that began with anything but a beat, or with deaf time in it, says nothing about the
    // host's rhythm.
    if (hosts.afterBeat[row] === 1 && since === hosts.heardMs[row]) {
      hosts.addGap(row, Math.max(0, heardMs - since));
    }
    this.watch.setState(row, UP, nowMs);
    hosts.missedNow[row] = 0;
    hosts.afterBeat[row] = 1;
    hosts.heardMs[row] = heardMs;
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
    return this.history.add(host, plugin, sample, this.watch.settings.maxSamples);
  }
}

/** What a host says of its failure, to follow its name. */
export function failureText({ reason }: Pick<FailFacts, "reason">): string {
  return reason === "" ? "reported a failure" : `reported a failure: ${reason}`;
}

/** What tells two messages of the same kind and time apart. */
function textOf(message: Exclude<MessageFacts, BeatFacts>): string {
  switch (message.kind) {
    case "note":
      return message.text;
    case "start":
      return message.run;
    case "fail":
      return `${message.run ?? ""}\n${message.reason}`;
    default:
      return "";
  }
}
