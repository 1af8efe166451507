/**
 * The state at a past moment: a monitor to which the records of the journal are applied as a restart
 * does it, and what is known of how much that is. Nothing is judged anew: whether a beat was late
 * and who was down stands in the journal.
 *
 * Where the journal does not go back to the beginning, hosts are unknown until it first tells of
 * them, and counts begin there. A host of which it first tells that it fell silent was up before:
 * it is taken in as such. Those of which it can be told that they were there before are `older`.
 *
 * A moment at which the clock was set back comes twice: the first time counts.
 */

import { deflateRawSync, inflateRawSync } from "node:zlib";
import { deserialize, serialize } from "node:v8";
import type { JournalRecord } from "../journal/line.ts";
import type { AlertRecord } from "../monitor/alerts/record.ts";
import type { HostRecord } from "../monitor/host_table.ts";
import { Monitor } from "../monitor/monitor.ts";
import type { MonitorRecord } from "../monitor/recall.ts";
import type { WatchSettings } from "../monitor/settings.ts";
import { applyRecord } from "../store/recovery.ts";

/** Alerts that have ended are shown nowhere in the past; so many are kept to find old numbers. */
const ENDED_KEPT = 1000;

/** Records between two times at which what nobody needs is let go. */
const TIDY_EVERY = 50_000;

/** All that a state is made of, as it is kept packed. */
interface Packed {
  readonly monitor: MonitorRecord;
  readonly hosts: readonly HostRecord[];
  readonly alerts: readonly AlertRecord[];
  readonly known: Known;
}

interface Known {
  readonly seq: number;
  readonly firstSeq: number | null;
  readonly sinceMs: number | null;
  readonly lastMs: number;
  readonly latestMs: number;
  readonly older: readonly string[];
}

/** The settings for a look at the past: samples of plugins are not shown, and take much room. */
export function pastSettings(settings: WatchSettings): WatchSettings {
  return { ...settings, maxSamples: 1 };
}

export class PastState {
  readonly monitor: Monitor;
  readonly #older = new Set<string>();
  /** The host of the message before, and whether the journal told of it for the first time. */
  #newHost: string | null = null;
  #seq = 0;
  #firstSeq: number | null = null;
  #sinceMs: number | null = null;
  #lastMs = 0;
  #latestMs = -Infinity;
  #applied = 0;

  constructor(settings: WatchSettings) {
    this.monitor = new Monitor(settings);
  }

  /** Number of the last record; 0: there was none. */
  get seq(): number {
    return this.#seq;
  }

  /** Since when the past is known, epoch milliseconds; null: nothing is known so far. */
  get sinceMs(): number | null {
    return this.#sinceMs;
  }

  /** True when the journal goes back to the first message that the server ever got. */
  get isWhole(): boolean {
    return this.#firstSeq === 1;
  }

  /** Time of the last record, epoch milliseconds; 0: there was none. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** The latest time of all records so far: this is no state of an earlier moment. */
  get latestMs(): number {
    return this.#latestMs;
  }

  /** Hosts that were there before the journal begins, as far as it tells. */
  get older(): ReadonlySet<string> {
    return this.#older;
  }

  /** Applies the next record of the journal. */
  apply(record: JournalRecord): void {
    const { seq, atMs } = record;
    if (seq <= this.#seq) return;
    if (this.#firstSeq === null) {
      this.#firstSeq = seq;
      this.#sinceMs = atMs;
    }
    if (!this.isWhole) this.#noteOlder(record);
    applyRecord(this.monitor, record);
    this.#seq = seq;
    this.#lastMs = atMs;
    this.#latestMs = Math.max(this.#latestMs, atMs);
    if (++this.#applied % TIDY_EVERY === 0) this.#tidy();
  }

  /** All that this is made of, packed. */
  pack(): Uint8Array {
    const { recall } = this.monitor;
    const hosts: HostRecord[] = [];
    for (let row = 0; row < this.monitor.hours.rows; row++) {
      const record = recall.hostRecord(row);
      if (record === null) continue;
      // Nobody asks for the hours of the past here.
      const { hours: _hours, ...kept } = record;
      hosts.push(kept);
    }
    const { alerts } = this.monitor;
    const { hours: _hours, ...monitor } = recall.record(true);
    const packed: Packed = {
      monitor,
      hosts,
      alerts: alerts === null ? [] : [...alerts.ended(ENDED_KEPT).toReversed(), ...alerts.active()],
      known: {
        seq: this.#seq,
        firstSeq: this.#firstSeq,
        sinceMs: this.#sinceMs,
        lastMs: this.#lastMs,
        latestMs: this.#latestMs,
        older: [...this.#older],
      },
    };
    return deflateRawSync(serialize(packed), { level: 1 });
  }

  /** The state that was packed. */
  static unpack(bytes: Uint8Array, settings: WatchSettings): PastState {
    const { monitor, hosts, alerts, known }: Packed = deserialize(inflateRawSync(bytes));
    const state = new PastState(settings);
    state.monitor.recall.restoreSelf(monitor);
    state.monitor.recall.restore(hosts);
    state.monitor.recall.restoreAlerts(alerts);
    state.#seq = known.seq;
    state.#firstSeq = known.firstSeq;
    state.#sinceMs = known.sinceMs;
    state.#lastMs = known.lastMs;
    state.#latestMs = known.latestMs;
    for (const name of known.older) state.#older.add(name);
    state.#tidy();
    return state;
  }

  /** Notes whether a record tells of a host that was there before the first record. */
  #noteOlder(record: JournalRecord): void {
    const newHost = this.#newHost;
    this.#newHost = null;
    if (record.kind === "message") {
      const { host } = record.message;
      if (this.#isKnown(host)) return;
      this.#newHost = host;
      // What has not beaten before is never late.
      if (record.late) this.#older.add(host);
    } else if (record.kind === "event") {
      const { host, type } = record;
      if ((type === "up" || type === "reboot") && host === newHost) this.#older.add(host);
      if (this.#isKnown(host)) return;
      this.#older.add(host);
      this.#takeIn(record);
    }
  }

  #isKnown(host: string): boolean {
    const known = this.monitor.host(host);
    // One of the configuration is there before anything is known of it.
    return known !== null && (known.state !== "new" || known.total > 0);
  }

  /** A host of which nothing but its silence is known: it beat before, and was up. */
  #takeIn({ host, type, seq, atMs, silenceMs, missed }: JournalRecord & { kind: "event" }): void {
    const isDown = type !== "down";
    const heardMs = this.monitor.listeningMs(atMs) - (silenceMs ?? 0);
    this.monitor.recall.restore([{
      name: host,
      state: isDown ? "down" : "up",
      total: 0,
      late: 0,
      missed: 0,
      // The event counts the last of them itself.
      missedNow: Math.max(0, type === "missed" ? missed - 1 : missed),
      lastBeatMs: 0,
      heardMs,
      afterBeat: false,
      statedMs: 0,
      gaps: [],
      seq: seq - 1,
      addresses: [],
      reportedIp: null,
      client: null,
    }]);
  }

  /** Lets go of what only a store would ask for. */
  #tidy(): void {
    this.monitor.recall.takeChanged();
    this.monitor.recall.takeGone();
    this.monitor.history.takeChanged();
    this.monitor.alerts?.takeChanged();
  }
}
