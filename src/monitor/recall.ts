/**
 * How the monitor comes back after a restart: the last checkpoint, then the journal from there. And
 * the other way round: what a checkpoint must hold.
 *
 * What was judged when it happened is not judged again: whether a beat was late, who was down, what
 * people were told.
 */

import type { MessageFacts } from "../wire/message.ts";
import type { Alerts } from "./alerts/alerts.ts";
import type { AlertRecord } from "./alerts/record.ts";
import type { Gone } from "./change_list.ts";
import type { AlertBookEvent, HostEvent } from "./events.ts";
import type { HostRecord, HostTable } from "./host_table.ts";
import type { HoursRecord } from "./hours.ts";
import type { DroppedSums, Ledger } from "./ledger.ts";
import type { Deafness } from "./listening_clock.ts";
import type { ListeningRecord } from "./listening_time.ts";
import { DOWN, type Watch } from "./watch.ts";

/** Times in the journal differ by less than this from those they stand for. */
const ROUNDED_MS = 2;

/** What the monitor knows beside its hosts, for the store. */
export interface MonitorRecord {
  readonly seq: number;
  readonly listening: ListeningRecord;
  /** See `told.ts`. */
  readonly told: readonly string[];
  /** Missing in stores of older versions, as is the next. */
  readonly hours?: HoursRecord;
  readonly dropped?: DroppedSums;
}

/** An event as it is read back from the journal. */
export interface ReplayedEvent
  extends Pick<HostEvent, "seq" | "atMs" | "type" | "host" | "missed"> {
  /** Null: the journal does not say. */
  readonly silenceMs: number | null;
  readonly reason?: string;
}

export class Recall {
  readonly #ledger: Ledger;
  readonly #watch: Watch;
  readonly #hosts: HostTable;
  readonly #alerts: Alerts | null;

  constructor(ledger: Ledger, alerts: Alerts | null) {
    this.#ledger = ledger;
    this.#watch = ledger.watch;
    this.#hosts = ledger.hosts;
    this.#alerts = alerts;
  }

  /** Puts the rest of the stored state back; call it before any host is restored. */
  restoreSelf(record: MonitorRecord): void {
    this.#watch.seq = record.seq;
    this.#ledger.listening.restore(record.listening);
    // Stores of older versions have none.
    this.#ledger.told.restore(record.told ?? []);
    if (record.hours !== undefined) this.#watch.hours.restore(record.hours);
    if (record.dropped !== undefined) this.#ledger.restoreDropped(record.dropped);
  }

  /** Puts stored hosts back. */
  restore(hosts: readonly HostRecord[]): void {
    for (const record of hosts) this.#ledger.restore(record);
  }

  /** Puts stored alerts back; call it before the journal is read. */
  restoreAlerts(records: readonly AlertRecord[]): void {
    for (const record of records) this.#alerts?.book.restore(record);
    // What was just read need not be written.
    this.#alerts?.book.takeChanged();
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
    this.#watch.hours.turn(atMs);
    const row = this.#hosts.find(message.host) ?? this.#hosts.add(message.host);
    // The checkpoint of a host may be newer than that of its samples; what is there stays once.
    if (message.kind !== "beat") this.#ledger.isNews(message, atMs);
    if (seq <= (this.#hosts.seq[row] ?? 0)) return;
    const since = this.#watch.waitingSince(row, this.#watch.rhythm(row));
    const verdict = this.#ledger.clients.judge(row, message);
    if (verdict === "aside") this.#ledger.isFirstAside(message);
    if (isSigned) this.#ledger.clients.markSigned(row, message.sentMs);
    this.#ledger.apply(row, message, verdict, since, late, seq, atMs);
  }

  /** Applies an event read back from the journal, unless its host has seen it already. */
  replayEvent({ seq, atMs, type, host, missed, silenceMs, reason }: ReplayedEvent): void {
    this.#watch.seq = Math.max(this.#watch.seq, seq);
    this.#watch.hours.turn(atMs);
    const hosts = this.#ledger.hosts;
    const row = hosts.find(host);
    if (row === undefined || seq <= (hosts.seq[row] ?? 0)) return;
    const isSilence = type === "down" || type === "missed";
    if (isSilence && silenceMs !== null) this.#excuseAgain(row, atMs, silenceMs, missed);
    if (type === "down") {
      this.#watch.setState(row, DOWN, atMs);
      if (reason !== undefined) this.#watch.replayFailure(row, reason, atMs);
      this.#watch.recency.forget(row);
    } else if (type === "missed") {
      this.#watch.miss(row, missed, atMs);
    }
    this.#watch.touch(row, seq);
    this.#watch.place(row);
  }

  /** The silence was shorter than it seems where the host was paused: that is not written down. */
  #excuseAgain(row: number, atMs: number, silenceMs: number, missed: number): void {
    const watch = this.#watch;
    const seemsMs = watch.listening.at(atMs) - watch.waitingSince(row, watch.rhythm(row));
    if (seemsMs - silenceMs <= ROUNDED_MS) return;
    const before = this.#hosts.missedNow[row] ?? 0;
    watch.excuse(row, atMs - silenceMs);
    // It only seems so by settings that have changed since then: it did not begin anew.
    if (missed > before) this.#hosts.missedNow[row] = before;
  }

  /** Applies what became of alerts, read back from the journal, unless it is known. */
  replayAlertEvent(event: AlertBookEvent): void {
    this.#watch.seq = Math.max(this.#watch.seq, event.seq);
    this.#watch.hours.turn(event.atMs);
    switch (event.type) {
      case "alert":
        return this.#alerts?.book.restore(event.alert);
      case "grouped": {
        for (const host of event.hosts) {
          const row = this.#hosts.find(host);
          if (row === undefined || event.seq <= (this.#hosts.seq[row] ?? 0)) continue;
          if (this.#hosts.state[row] === DOWN) this.#watch.members.add(row, Number(event.incident));
          this.#watch.touch(row, event.seq);
        }
        return;
      }
      case "pause": {
        const row = this.#hosts.find(event.host);
        if (row === undefined || event.seq <= (this.#hosts.seq[row] ?? 0)) return;
        this.#ledger.pause(row, event.pause, event.atMs);
        this.#watch.touch(row, event.seq);
        return;
      }
      case "drop": {
        const row = this.#hosts.find(event.host);
        const isKnown = row !== undefined && event.seq > (this.#hosts.seq[row] ?? 0);
        if (isKnown) this.#ledger.drop(row, event);
        else this.#ledger.dropOld(event);
      }
    }
  }

  /** Applies deafness read back from the journal; it must be newer than the restored record. */
  replayDeaf(seq: number, deafness: Deafness, atMs: number): void {
    const before = this.#watch.seq;
    this.#ledger.deaf(deafness, atMs);
    this.#watch.seq = Math.max(before, seq);
  }

  /** What the store must keep beside the hosts; `whole`: what a restart does without, too. */
  record(whole = false): MonitorRecord {
    const [listening, told] = [this.#ledger.listening.record(whole), this.#ledger.told.record()];
    const [hours, dropped] = [this.#watch.hours.record(), this.#ledger.droppedSums()];
    return { seq: this.#watch.seq, listening, told, hours, dropped };
  }

  /** Rows changed since the last call, for a checkpoint. */
  takeChanged(): number[] {
    return this.#watch.changes.take();
  }

  /** Marks rows as changed again: their checkpoint failed. */
  putBackChanged(rows: readonly number[]): void {
    for (const row of rows) this.#watch.changes.add(row);
  }

  /** Hosts that are gone since the last call; in the store they go before the others are saved. */
  takeGone(): Gone {
    return this.#watch.changes.takeGone();
  }

  /** Notes hosts as gone again: their checkpoint failed. */
  putBackGone(gone: Gone): void {
    this.#watch.changes.putBackGone(gone);
  }

  /** All that is known of the host of `row`; null when it was dropped. */
  hostRecord(row: number): HostRecord | null {
    if (this.#hosts.isFree(row)) return null;
    const { members, pauses, hours, reports } = this.#watch;
    const report = reports.record(row);
    return this.#hosts.record(row, {
      client: this.#ledger.clients.record(row),
      incident: members.of(row),
      pause: pauses.record(this.#hosts.names[row] ?? ""),
      hours: hours.hostRecord(row),
      ...(report !== null && { report }),
    });
  }
}
