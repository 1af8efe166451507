/**
 * The hosts, a column for each thing known of them.
 *
 * A million host objects would cost the garbage collector half a gigabyte to keep and to walk.
 * Numbers live in typed arrays instead (about 100 bytes a host, invisible to the collector), and a
 * host is a row number. Only the monitor touches the columns; everybody else gets `HostRecord`s and
 * snapshots.
 */

import { type BarRecord, Bars } from "./bars.ts";
import type { ClientRecord } from "./client_table.ts";
import type { Pause } from "./events.ts";
import { FreeRows } from "./free_rows.ts";
import type { HostHoursRecord } from "./hours.ts";
import { GAPS_KEPT, learnedIntervalMs } from "./learner.ts";
import type { ReportRecord } from "./reports.ts";

/** Row states; `HOST_STATES[code]` is the name. */
export const HOST_STATES = ["new", "up", "down", "shutdown"] as const;
export type HostState = (typeof HOST_STATES)[number];

/** Addresses remembered for each host, the latest first. */
const ADDRESSES_KEPT = 4;

/** All that must survive a restart of one host, as the store keeps it. */
export interface HostRecord {
  readonly name: string;
  readonly state: HostState;
  readonly total: number;
  readonly late: number;
  readonly missed: number;
  /** Intervals of `missed` that belong to the silence going on now. */
  readonly missedNow: number;
  /** Last beat, epoch milliseconds by the wall clock; 0 before the first. */
  readonly lastBeatMs: number;
  /**
   * Last sign of life in listening time (wall clock minus deaf time), milliseconds: from here its
   * silence counts. Infinity for a host that said goodbye.
   */
  readonly heardMs: number;
  /** The last sign of life was a beat, so that the gap to the next one tells its rhythm. */
  readonly afterBeat: boolean;
  /** Interval its last message stated, milliseconds; 0 when none did. */
  readonly statedMs: number;
  /** The last gaps between beats, milliseconds, the oldest first. */
  readonly gaps: readonly number[];
  /** Sequence number of the last beat or event applied to it. */
  readonly seq: number;
  readonly addresses: readonly string[];
  readonly reportedIp: string | null;
  /** What is known of its client; null for one that only beats. */
  readonly client: ClientRecord | null;
  /** Number of the incident that it belongs to, or 0. Missing in stores of older versions. */
  readonly incident?: number;
  /** When it may be silent, or might last; null: never so far. */
  readonly pause?: Pause | null;
  /** What became of its last intervals; null: there were none. Missing in stores of older versions. */
  readonly bar?: BarRecord | null;
  /** Its hourly figures that are not in the store's history yet. Missing there, too. */
  readonly hours?: HostHoursRecord;
  /** What it reports beside being alive. Not there: nothing. */
  readonly report?: ReportRecord;
}

/** What others know of a host. */
type OthersRecord = Pick<HostRecord, "client" | "incident" | "pause" | "hours" | "report">;

/** Rows of hosts; a host keeps its row until it is dropped or the server ends. */
export class HostTable {
  readonly #rows = new Map<string, number>();
  /** Of a row that is free: empty. */
  readonly names: string[] = [];
  readonly #free = new FreeRows();
  readonly #onGrow: (capacity: number) => void;
  readonly #addresses: (string | string[])[] = [];
  readonly #reportedIps: (string | null)[] = [];
  #capacity = 0;

  state = new Uint8Array(0);
  total = new Float64Array(0);
  late = new Uint32Array(0);
  missed = new Uint32Array(0);
  missedNow = new Uint32Array(0);
  /** 1: the last sign of life was a beat, and the gap to the next one is a gap between beats. */
  afterBeat = new Uint8Array(0);
  lastBeatMs = new Float64Array(0);
  heardMs = new Float64Array(0);
  statedMs = new Float64Array(0);
  seq = new Float64Array(0);
  readonly bars = new Bars();
  #gaps = new Float32Array(0);
  #gapsSeen = new Uint32Array(0);

  /** `onGrow` makes room for as many rows in columns elsewhere. */
  constructor(onGrow: (capacity: number) => void) {
    this.#onGrow = onGrow;
  }

  /** Hosts in the table. */
  get size(): number {
    return this.names.length - this.#free.size;
  }

  /** Rows in the table, those that are free among them. */
  get rows(): number {
    return this.names.length;
  }

  /** True when `row` holds no host. */
  isFree(row: number): boolean {
    return (this.names[row] ?? "") === "";
  }

  /** The row of host number `n`, counted from 0 by rows; `rows` when there are fewer. */
  rowAt(n: number): number {
    return Math.min(this.#free.rowAt(n), this.rows);
  }

  /** Row of the host called `name`, or undefined. */
  find(name: string): number | undefined {
    return this.#rows.get(name);
  }

  /** Adds a host that nothing is known of. Its name must not be in the table yet. */
  add(name: string): number {
    const row = this.#free.take() ?? this.names.length;
    if (row === this.#capacity) this.#grow();
    this.names[row] = name;
    this.#addresses[row] = "";
    this.#reportedIps[row] = null;
    this.#rows.set(name, row);
    return row;
  }

  /** Forgets the host of `row`, which may then be another one's. */
  remove(row: number): void {
    this.#rows.delete(this.names[row] ?? "");
    this.names[row] = "";
    this.#addresses[row] = "";
    this.#reportedIps[row] = null;
    for (const column of [this.state, this.afterBeat]) column[row] = 0;
    for (const column of [this.late, this.missed, this.missedNow, this.#gapsSeen]) column[row] = 0;
    for (const column of [this.total, this.lastBeatMs, this.heardMs, this.statedMs, this.seq]) {
      column[row] = 0;
    }
    this.bars.clear(row);
    this.#free.add(row);
  }

  /** Remembers a gap between two beats of `row`, forgetting the oldest when there are enough. */
  addGap(row: number, gapMs: number): void {
    const seen = this.#gapsSeen[row] ?? 0;
    this.#gaps[row * GAPS_KEPT + seen % GAPS_KEPT] = gapMs;
    this.#gapsSeen[row] = seen + 1;
  }

  /** The interval learned from the remembered gaps of `row`, or null while too few are known. */
  learnedIntervalMs(row: number): number | null {
    const first = row * GAPS_KEPT;
    const known = Math.min(this.#gapsSeen[row] ?? 0, GAPS_KEPT);
    return learnedIntervalMs(this.#gaps, first, first + known);
  }

  /** Remembers where `row` was last heard from. */
  addAddress(row: number, ip: string): void {
    const known = this.#addresses[row] ?? "";
    if (known === ip) return;
    if (known === "") {
      this.#addresses[row] = ip;
      return;
    }
    const list = typeof known === "string" ? [known] : known;
    if (list[0] === ip) return;
    this.#addresses[row] = [ip, ...list.filter((other) => other !== ip)].slice(0, ADDRESSES_KEPT);
  }

  /** The address `row` was last heard from; empty before the first message. */
  latestAddress(row: number): string {
    const known = this.#addresses[row] ?? "";
    return typeof known === "string" ? known : known[0] ?? "";
  }

  /** The addresses `row` was heard from, the latest first. */
  addresses(row: number): readonly string[] {
    const known = this.#addresses[row] ?? "";
    if (known === "") return [];
    return typeof known === "string" ? [known] : known;
  }

  setReportedIp(row: number, ip: string): void {
    if (this.#reportedIps[row] !== ip) this.#reportedIps[row] = ip;
  }

  reportedIp(row: number): string | null {
    return this.#reportedIps[row] ?? null;
  }

  stateName(row: number): HostState {
    return HOST_STATES[this.state[row] ?? 0] ?? "new";
  }

  /** The remembered gaps between the beats of `row`, milliseconds, the oldest first. */
  gaps(row: number): readonly number[] {
    return this.#gapsOldestFirst(row);
  }

  /** Everything known of `row`, in a form that can be stored; what others know comes with it. */
  record(row: number, others: OthersRecord): HostRecord {
    return {
      name: this.names[row] ?? "",
      state: this.stateName(row),
      total: this.total[row] ?? 0,
      late: this.late[row] ?? 0,
      missed: this.missed[row] ?? 0,
      missedNow: this.missedNow[row] ?? 0,
      lastBeatMs: this.lastBeatMs[row] ?? 0,
      heardMs: this.heardMs[row] ?? 0,
      afterBeat: this.afterBeat[row] === 1,
      statedMs: this.statedMs[row] ?? 0,
      gaps: this.#gapsOldestFirst(row),
      seq: this.seq[row] ?? 0,
      addresses: this.addresses(row),
      reportedIp: this.reportedIp(row),
      ...others,
      bar: this.bars.record(row),
    };
  }

  /** Puts a stored host back, adding its row if need be. Returns the row. */
  restore(record: HostRecord): number {
    const row = this.find(record.name) ?? this.add(record.name);
    this.state[row] = HOST_STATES.indexOf(record.state);
    this.total[row] = record.total;
    this.late[row] = record.late;
    this.missed[row] = record.missed;
    this.missedNow[row] = record.missedNow;
    this.lastBeatMs[row] = record.lastBeatMs;
    this.heardMs[row] = record.heardMs;
    this.afterBeat[row] = record.afterBeat ? 1 : 0;
    this.statedMs[row] = record.statedMs;
    this.#gapsSeen[row] = 0;
    for (const gap of record.gaps) this.addGap(row, gap);
    this.seq[row] = record.seq;
    const [latest, ...older] = record.addresses;
    this.#addresses[row] = older.length === 0 ? latest ?? "" : [...record.addresses];
    this.#reportedIps[row] = record.reportedIp;
    if (record.bar) this.bars.restore(row, record.bar);
    return row;
  }

  #gapsOldestFirst(row: number): number[] {
    const first = row * GAPS_KEPT;
    const seen = this.#gapsSeen[row] ?? 0;
    const gaps = [...this.#gaps.subarray(first, first + Math.min(seen, GAPS_KEPT))];
    const oldest = seen < GAPS_KEPT ? 0 : seen % GAPS_KEPT;
    return [...gaps.slice(oldest), ...gaps.slice(0, oldest)];
  }

  #grow(): void {
    const capacity = Math.max(1024, this.#capacity * 2);
    this.#capacity = capacity;
    this.state = grown(new Uint8Array(capacity), this.state);
    this.total = grown(new Float64Array(capacity), this.total);
    this.late = grown(new Uint32Array(capacity), this.late);
    this.missed = grown(new Uint32Array(capacity), this.missed);
    this.missedNow = grown(new Uint32Array(capacity), this.missedNow);
    this.afterBeat = grown(new Uint8Array(capacity), this.afterBeat);
    this.lastBeatMs = grown(new Float64Array(capacity), this.lastBeatMs);
    this.heardMs = grown(new Float64Array(capacity), this.heardMs);
    this.statedMs = grown(new Float64Array(capacity), this.statedMs);
    this.seq = grown(new Float64Array(capacity), this.seq);
    this.#gaps = grown(new Float32Array(capacity * GAPS_KEPT), this.#gaps);
    this.#gapsSeen = grown(new Uint32Array(capacity), this.#gapsSeen);
    this.bars.grow(capacity);
    this.#onGrow(capacity);
  }
}

function grown<T extends { set(from: T): void }>(larger: T, from: T): T {
  larger.set(from);
  return larger;
}
