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

import type { MessageFacts } from "../wire/message.ts";
import { Alerts } from "./alerts/alerts.ts";
import type { AlertBook } from "./alerts/book.ts";
import type { AlertRecord } from "./alerts/record.ts";
import type { PlaceVerdict } from "./client_table.ts";
import type { AlertBookEvent, DeafEvent, DropEvent, HostEvent, Pause } from "./events.ts";
import type { MetricsHistory } from "./history.ts";
import type { HostTable } from "./host_table.ts";
import { HourView } from "./hour_view.ts";
import { failureText, Ledger } from "./ledger.ts";
import type { Level } from "./level.ts";
import type { Deafness } from "./listening_clock.ts";
import type { ListeningTime } from "./listening_time.ts";
import { Recall } from "./recall.ts";
import type { WatchSettings } from "./settings.ts";
import { type HostSlice, type HostSnapshot, snapshotOf, type Totals } from "./snapshot.ts";
import { DOWN, NEW, NO_EVENTS, SHUTDOWN, UP, type Watch } from "./watch.ts";
import { isOverdue } from "./watchdog.ts";

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

const NO_ALERT_EVENTS: readonly AlertBookEvent[] = [];

export class Monitor {
  readonly #ledger: Ledger;
  readonly #watch: Watch;
  readonly #hosts: HostTable;
  readonly #listening: ListeningTime;
  /** Null: nothing is made of what is found. */
  readonly #alerts: Alerts | null;
  /** What a checkpoint holds and a restart brings back. */
  readonly recall: Recall;
  /** The hourly figures of hosts. */
  readonly hours: HourView;
  /** The last time that was told. */
  #nowMs = 0;

  constructor(settings: WatchSettings) {
    const ledger = this.#ledger = new Ledger(settings);
    this.#watch = ledger.watch;
    this.#hosts = ledger.hosts;
    this.#listening = ledger.listening;
    const { alerts } = settings;
    this.#alerts = alerts ? new Alerts(this.#watch, ledger.history, alerts) : null;
    this.recall = new Recall(ledger, this.#alerts);
    this.hours = new HourView(this.#hosts, this.#watch.hours);
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
    this.#nowMs = nowMs;
    let row = hosts.find(message.host);
    if (row === undefined) {
      if (hosts.size >= this.#watch.settings.maxHosts) return FULL;
      row = hosts.add(message.host);
    }
    const verdict = this.#ledger.clients.judge(row, message);
    if (verdict === "repeated") {
      this.#ledger.countRepeated(row, message.ip, isSigned);
      return REPEATED;
    }
    if (isSigned && this.#ledger.clients.isReplay(row, verdict, message.sentMs)) return REPLAYED;
    if (verdict === "aside" && !this.#ledger.isFirstAside(message)) return REPEATED;
    if (isSigned) this.#ledger.clients.markSigned(row, message.sentMs);
    if (message.kind !== "beat" && !this.#ledger.isNews(message, nowMs)) {
      this.#ledger.hear(row, message, verdict, nowMs);
      return REPEATED;
    }
    return this.#taken(row, message, verdict, nowMs);
  }

  /**
   * Finds what has become overdue by `nowMs`, looking at no more than `limit` hosts. `more` says
   * that it was not all; the caller goes on when it has let others work.
   */
  tick(nowMs: number, limit: number): { readonly events: readonly HostEvent[]; more: boolean } {
    this.#nowMs = nowMs;
    const found = this.#watch.tick(nowMs, limit);
    if (this.#alerts === null) return found;
    for (const event of found.events) this.#alerts.hostEvent(event);
    const isMoreDue = this.#alerts.tick(nowMs);
    return { ...found, more: found.more || isMoreDue };
  }

  /** What has become of alerts since the last call. To be asked for after everything else. */
  takeAlertEvents(): readonly AlertBookEvent[] {
    return this.#alerts?.take() ?? NO_ALERT_EVENTS;
  }

  /** Time was lost before `nowMs`: it counts against nobody. */
  deaf(deafness: Deafness, nowMs: number): DeafEvent {
    return this.#ledger.deaf(deafness, nowMs);
  }

  /**
   * Watches by new settings from now on. Looks at every host once, or at those `only` whose settings
   * have changed.
   */
  configure(settings: WatchSettings, only?: readonly string[]): void {
    this.#watch.configure(settings, this.#nowMs, only);
    if (settings.alerts !== undefined) this.#alerts?.configure(settings.alerts, only);
  }

  // What people and the server itself say

  /** Host `name` may be silent (null: not any more). Returns false when there is no such host. */
  pause(name: string, pause: Pause | null, nowMs: number): boolean {
    const row = this.#hosts.find(name);
    if (row === undefined) return false;
    this.#nowMs = nowMs;
    const seq = ++this.#watch.seq;
    this.#ledger.pause(row, pause, nowMs);
    this.#watch.touch(row, seq);
    this.#alerts?.emit({ type: "pause", seq, atMs: nowMs, host: name, pause });
    if (pause === null) this.#alerts?.resumed(name, nowMs);
    return true;
  }

  /**
   * Forgets host `name` and all that is known of it. When it beats again it is a new host; one that
   * the configuration names stays as a new one. Returns false when there is no such host.
   */
  drop(name: string, nowMs: number): boolean {
    const hosts = this.#hosts;
    const row = hosts.find(name);
    if (row === undefined) return false;
    this.#nowMs = nowMs;
    const event: DropEvent = {
      type: "drop",
      seq: ++this.#watch.seq,
      atMs: nowMs,
      host: name,
      total: hosts.total[row] ?? 0,
      late: hosts.late[row] ?? 0,
      missed: hosts.missed[row] ?? 0,
    };
    const incident = this.#watch.members.of(row);
    this.#ledger.drop(row, event);
    this.#alerts?.dropped(event, row, incident);
    return true;
  }

  /** Somebody looks after alert `id` until `untilMs` (null: while it lasts). Null: none such. */
  acknowledge(
    id: string,
    untilMs: number | null,
    note: string,
    nowMs: number,
  ): AlertRecord | null {
    return this.#alerts?.acknowledge(id, untilMs, note, nowMs) ?? null;
  }

  /** `part` of the server itself is in trouble; level OK: it is well again. */
  serverTrouble(part: string, level: Level, message: string, nowMs: number): void {
    this.#alerts?.server(part, level, message, nowMs);
  }

  /** All has been read back: goes on with the alerts from `nowMs`. Looks at every host once. */
  resumeAlerts(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#watch.resume(nowMs);
    this.#alerts?.restored(nowMs);
  }

  /** What is asked from now on is as of `nowMs`, though nothing was judged at that time. */
  showAt(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** The samples of plugins, for the store. */
  get history(): MetricsHistory {
    return this.#ledger.history;
  }

  /** The alerts; null: none are made. */
  get alerts(): AlertBook | null {
    return this.#alerts?.book ?? null;
  }

  /** Number of the incident that host `name` belongs to; null: none. */
  incidentOf(name: string): string | null {
    const row = this.#hosts.find(name);
    const incident = row === undefined ? 0 : this.#watch.members.of(row);
    return incident === 0 ? null : String(incident);
  }

  // What others may see

  /** Snapshot of the host called `name`, or null. */
  host(name: string): HostSnapshot | null {
    const row = this.#hosts.find(name);
    return row === undefined ? null : this.#snapshot(row);
  }

  /**
   * Snapshots of up to `limit` hosts from number `first` on. The numbers of hosts stay until one is
   * dropped: who lists many in slices uses `hostsFrom`.
   */
  hosts(first: number, limit: number): HostSnapshot[] {
    return this.hostsFrom(this.#hosts.rowAt(first), limit).hosts;
  }

  /**
   * Snapshots of up to `limit` hosts from place `from` on (0: the first), and the place from which to
   * go on; null: that was all. Every host that is there all the time comes once.
   */
  hostsFrom(from: number, limit: number): HostSlice {
    const hosts: HostSnapshot[] = [];
    let row = from;
    for (; row < this.#hosts.rows && hosts.length < limit; row++) {
      if (!this.#hosts.isFree(row)) hosts.push(this.#snapshot(row));
    }
    return { hosts, next: row < this.#hosts.rows ? row : null };
  }

  /** Snapshots of up to `limit` hosts that are down. */
  downHosts(limit: number): HostSnapshot[] {
    const list: HostSnapshot[] = [];
    if (this.#watch.down === 0) return list;
    for (let row = 0; row < this.#hosts.rows && list.length < limit; row++) {
      if (this.#hosts.state[row] === DOWN) list.push(this.#snapshot(row));
    }
    return list;
  }

  /** True when there is a host called `name`. */
  knows(name: string): boolean {
    return this.#hosts.find(name) !== undefined;
  }

  /** Snapshots of the hosts that beat in `dialect`, in the order in which they began to. */
  *speaking(dialect: string): Iterable<HostSnapshot> {
    for (const row of this.#watch.reports.speakers(dialect)) yield this.#snapshot(row);
  }

  totals(): Totals {
    return this.#ledger.totals(this.#nowMs);
  }

  // Inside

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
    const silenceMs = Math.max(0, this.#listening.at(nowMs) - since);
    const overrun = this.#watch.overrun(row, rhythm, since, nowMs);
    const isLater = rhythm !== null && isOverdue(silenceMs, rhythm);
    const found = isLater ? this.#watch.catchUp(row, rhythm, since, nowMs) : NO_EVENTS;
    const late = isLater && found !== null;
    const before = overrun === null ? found ?? NO_EVENTS : [overrun, ...found ?? NO_EVENTS];
    const seq = ++this.#watch.seq;
    const wasDown = hosts.state[row] === DOWN;
    const isAlone = wasDown && this.#watch.members.of(row) === 0;
    let after = provesLife && wasDown
      ? [this.#watch.event("up", row, rhythm, silenceMs, nowMs)]
      : NO_EVENTS;
    if (verdict === "rebooted" && message.kind !== "boot") {
      // Nobody waited for a host that said goodbye, or that never beat.
      const isWaitedFor = hosts.state[row] === UP || wasDown;
      const waitedMs = isWaitedFor ? silenceMs : 0;
      after = [...after, this.#watch.event("reboot", row, rhythm, waitedMs, nowMs)];
    }
    if (message.kind === "fail" && !wasDown) {
      const down = this.#watch.event("down", row, rhythm, 0, nowMs);
      after = [...after, { ...down, reason: failureText(message) }];
    }
    const isLateBeat = late && message.kind === "beat";
    this.#ledger.apply(row, message, verdict, since, isLateBeat, this.#watch.seq, nowMs);
    if (this.#alerts !== null) this.#alertOn(this.#alerts, row, message, before, isAlone, nowMs);
    return { outcome: "taken", seq, late: isLateBeat, before, after };
  }

  /** What a message that was taken means for alerts. `wasAlone`: its host was down by itself. */
  #alertOn(
    alerts: Alerts,
    row: number,
    message: MessageFacts,
    before: readonly HostEvent[],
    wasAlone: boolean,
    nowMs: number,
  ): void {
    for (const event of before) alerts.hostEvent(event);
    const state = this.#hosts.state[row];
    if (wasAlone && state === UP) alerts.over(message.host, "is back", nowMs);
    else if (wasAlone && state === SHUTDOWN) alerts.over(message.host, "said goodbye", nowMs);
    if (message.kind === "metrics") alerts.sample(message, nowMs);
    else if (message.kind === "fail") alerts.failed(row, nowMs);
    else if (message.kind === "beat") {
      // The rhythm matters to a round trip alone.
      const rhythm = message.rttMs === null ? null : this.#watch.rhythm(row);
      alerts.beat(message, rhythm?.intervalMs ?? null, nowMs);
    }
  }

  #snapshot(row: number): HostSnapshot {
    const rhythm = this.#watch.rhythm(row);
    const waitingSince = this.#listening.toWall(this.#watch.waitingSince(row, rhythm));
    const { clients } = this.#ledger;
    const host = snapshotOf(this.#hosts, row, rhythm, waitingSince, {
      client: clients.snapshot(row),
      bar: this.#hosts.bars.text(row),
      rtts: clients.rtts(row),
      report: this.#watch.reports.snapshot(row),
    });
    const pausedUntilMs = this.#watch.pausedUntil(host.name, this.#nowMs);
    return pausedUntilMs === null ? host : { ...host, state: "paused", pausedUntilMs };
  }
}
