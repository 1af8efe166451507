/**
 * What is known of the clients that count their messages: loss, order, repeats, reboots, round trip
 * and clock. Columns by the host's row, as in `host_table.ts`; hosts whose clients do not count
 * (all those that only post over HTTP) take no space here.
 *
 * A series is what one start of a client counts, named by its `boot_id`. The last 32 numbers of it
 * are remembered one by one, as in the replay protection of IPsec (RFC 4303, 3.4.3); loss is
 * counted as RTP does it (RFC 3550, A.3): what should have come by the highest number, minus what
 * did.
 */

import type { MessageFacts, SeriesPlace } from "../wire/message.ts";
import { RoundTrips } from "./round_trips.ts";

/** Numbers behind the highest one that are remembered one by one. */
const WINDOW = 32;

/** A jump over this many numbers is no loss: the client's count has gone wrong. */
const LARGEST_GAP = 1_000_000;

/** What a place in a series turns out to be. */
export type PlaceVerdict =
  /** The next one, or one after a gap. */
  | "next"
  /** Before one that is there already, but not seen yet. */
  | "reordered"
  /** Seen already. */
  | "repeated"
  /** So far back that it cannot be told whether it was seen. */
  | "ancient"
  /** The first of a new start of the client on the same boot of the machine. */
  | "restarted"
  /** From a client that was started beside the one that beats, for a single message. */
  | "aside"
  /** The first one after the machine was booted. */
  | "rebooted"
  /** The first one ever. */
  | "first";

/** A client started for a single message beside the one that beats does not begin its series anew. */
const STEADY: ReadonlySet<MessageFacts["kind"]> = new Set(["beat", "metrics"]);

/** All that must survive a restart of the server. */
export interface ClientRecord {
  readonly bootId: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly window: number;
  readonly received: number;
  readonly duplicates: number;
  readonly reordered: number;
  readonly reboots: number;
  /** Milliseconds; NaN while unknown, as are the next four (epoch milliseconds, milliseconds). */
  readonly rttMs: number;
  readonly skewMs: number;
  readonly graceMs: number;
  readonly newestSentMs: number;
  readonly aliveSentMs: number;
  readonly bootedMs: number;
  readonly version: string;
  /** The last round trips, milliseconds, the oldest first. Missing where none were measured. */
  readonly rtts?: Float32Array;
}

/** What others may see of a client. Null where it does not say. */
export interface ClientSnapshot {
  /** The round trip it measured last, milliseconds. */
  readonly rttMs: number | null;
  /** Messages lost since its client started, percent of those it sent. */
  readonly lossPct: number | null;
  readonly lost: number;
  readonly duplicates: number;
  readonly reordered: number;
  readonly reboots: number;
  /** Its clock minus the server's, milliseconds. */
  readonly skewMs: number | null;
  /** When the machine was last booted as far as it said or showed, epoch milliseconds. */
  readonly bootedMs: number | null;
  readonly version: string | null;
}

export class ClientTable {
  /** Null: nothing is known of this row. Empty: its client does not count. */
  readonly #bootIds: (string | null)[] = [];
  readonly #versions: string[] = [];
  readonly roundTrips = new RoundTrips();
  #capacity = 0;
  #firstSeq = new Float64Array(0);
  #lastSeq = new Float64Array(0);
  #window = new Uint32Array(0);
  #received = new Uint32Array(0);
  #duplicates = new Uint32Array(0);
  #reordered = new Uint32Array(0);
  #reboots = new Uint32Array(0);
  rttMs = new Float32Array(0);
  skewMs = new Float64Array(0);
  graceMs = new Float64Array(0);
  /** When its newest signed message was sent, by its own clock. */
  newestSentMs = new Float64Array(0);
  /** When its newest sign of life was sent, by its own clock. */
  aliveSentMs = new Float64Array(0);
  bootedMs = new Float64Array(0);

  /** True when something is known of the client of `row`. */
  knows(row: number): boolean {
    return (this.#bootIds[row] ?? null) !== null;
  }

  /** Makes room for `row`. */
  add(row: number): void {
    if (this.knows(row)) return;
    if (row >= this.#capacity) this.#grow(row + 1);
    while (this.#bootIds.length <= row) {
      this.#bootIds.push(null);
      this.#versions.push("");
    }
    this.#bootIds[row] = "";
  }

  /** What its place in the series says of a message, which is not taken yet; null: nothing. */
  judge(row: number, { series, kind }: MessageFacts): PlaceVerdict | null {
    if (series === null) return null;
    const verdict = this.#judgePlace(row, series);
    return verdict === "restarted" && !STEADY.has(kind) ? "aside" : verdict;
  }

  /**
   * A series that begins anew must begin with something newer than all that came before, and in a
   * series nothing is taken that is too old to be remembered.
   */
  isReplay(row: number, verdict: PlaceVerdict | null, sentMs: number | null): boolean {
    if (verdict === "ancient") return true;
    const isOther = verdict === "restarted" || verdict === "rebooted" || verdict === "aside";
    if (!isOther) return false;
    return sentMs === null || sentMs <= (this.newestSentMs[row] ?? 0);
  }

  /**
   * Notes what any message tells of its client. Returns false when that is nothing, as with those
   * that only post over HTTP.
   */
  hear(
    row: number,
    message: MessageFacts,
    verdict: PlaceVerdict | null,
    atMs: number,
  ): boolean {
    const { series, sentMs } = message;
    const isStated = message.kind === "beat" &&
      (message.graceMs ?? message.rttMs ?? message.version) !== null;
    if (series === null && sentMs === null && !isStated && !this.knows(row)) return false;
    this.add(row);
    if (series !== null && verdict !== null) this.#take(row, series, verdict);
    if (verdict === "rebooted") this.bootedMs[row] = atMs;
    const rttMs = message.kind === "beat" ? message.rttMs : null;
    if (rttMs !== null) {
      this.rttMs[row] = rttMs;
      this.roundTrips.add(row, rttMs);
    }
    if (sentMs !== null) {
      // It was on its way for about half a round trip.
      this.skewMs[row] = sentMs + (rttMs ?? 0) / 2 - atMs;
    }
    if (message.kind !== "beat") return true;
    this.graceMs[row] = message.graceMs ?? NaN;
    if (sentMs !== null) this.aliveSentMs[row] = sentMs;
    if (message.version !== null) this.#setVersion(row, message.version);
    return true;
  }

  /** Remembers when the newest signed message was sent: an unsigned one proves nothing. */
  markSigned(row: number, sentMs: number | null): void {
    this.add(row);
    this.newestSentMs[row] = Math.max(this.newestSentMs[row] || 0, sentMs ?? 0);
  }

  /** Takes `place`, which was judged as `verdict`. An ancient one begins the series anew. */
  #take(row: number, { bootId, seq }: SeriesPlace, verdict: PlaceVerdict): void {
    const ahead = seq - (this.#lastSeq[row] ?? 0);
    if (verdict === "repeated" || verdict === "aside") return;
    if (verdict === "reordered") {
      this.#window[row] = ((this.#window[row] ?? 0) | (1 << -ahead)) >>> 0;
      // It may have been sent before the first one that came.
      this.#firstSeq[row] = Math.min(this.#firstSeq[row] ?? 0, seq);
      this.#received[row] = (this.#received[row] ?? 0) + 1;
      this.#reordered[row] = (this.#reordered[row] ?? 0) + 1;
    } else if (verdict === "next" && ahead <= LARGEST_GAP) {
      this.#window[row] = ahead >= WINDOW ? 1 : (((this.#window[row] ?? 0) << ahead) | 1) >>> 0;
      this.#received[row] = (this.#received[row] ?? 0) + 1;
      this.#lastSeq[row] = seq;
    } else {
      if (verdict === "rebooted") this.#reboots[row] = (this.#reboots[row] ?? 0) + 1;
      this.#bootIds[row] = bootId;
      this.#firstSeq[row] = seq;
      this.#lastSeq[row] = seq;
      this.#window[row] = 1;
      this.#received[row] = 1;
    }
  }

  /** A message of `row` came twice by the same way. */
  countDuplicate(row: number): void {
    this.#duplicates[row] = (this.#duplicates[row] ?? 0) + 1;
  }

  /** The grace its last beat stated, milliseconds, or null. */
  statedGraceMs(row: number): number | null {
    return knownOrNull(this.graceMs[row]);
  }

  #setVersion(row: number, version: string): void {
    if (this.#versions[row] !== version) this.#versions[row] = version;
  }

  snapshot(row: number): ClientSnapshot | null {
    if (!this.knows(row)) return null;
    const isCounting = this.#bootIds[row] !== "";
    const sent = (this.#lastSeq[row] ?? 0) - (this.#firstSeq[row] ?? 0) + 1;
    const lost = isCounting ? Math.max(0, sent - (this.#received[row] ?? 0)) : 0;
    return {
      rttMs: rounded(this.rttMs[row]),
      lossPct: isCounting ? Math.round(lost / sent * 10_000) / 100 : null,
      lost,
      duplicates: this.#duplicates[row] ?? 0,
      reordered: this.#reordered[row] ?? 0,
      reboots: this.#reboots[row] ?? 0,
      skewMs: knownOrNull(this.skewMs[row]),
      bootedMs: knownOrNull(this.bootedMs[row]),
      version: this.#versions[row] || null,
    };
  }

  /** The last round trips of `row`, milliseconds, the oldest first. */
  rtts(row: number): readonly number[] {
    return Array.from(this.roundTrips.record(row) ?? [], (ms) => Math.round(ms * 1000) / 1000);
  }

  record(row: number): ClientRecord | null {
    if (!this.knows(row)) return null;
    const rtts = this.roundTrips.record(row);
    return {
      bootId: this.#bootIds[row] ?? "",
      firstSeq: this.#firstSeq[row] ?? 0,
      lastSeq: this.#lastSeq[row] ?? 0,
      window: this.#window[row] ?? 0,
      received: this.#received[row] ?? 0,
      duplicates: this.#duplicates[row] ?? 0,
      reordered: this.#reordered[row] ?? 0,
      reboots: this.#reboots[row] ?? 0,
      rttMs: this.rttMs[row] ?? NaN,
      skewMs: this.skewMs[row] ?? NaN,
      graceMs: this.graceMs[row] ?? NaN,
      newestSentMs: this.newestSentMs[row] ?? NaN,
      aliveSentMs: this.aliveSentMs[row] ?? NaN,
      bootedMs: this.bootedMs[row] ?? NaN,
      version: this.#versions[row] ?? "",
      ...(rtts === null ? {} : { rtts }),
    };
  }

  restore(row: number, record: ClientRecord): void {
    this.add(row);
    this.#bootIds[row] = record.bootId;
    this.#firstSeq[row] = record.firstSeq;
    this.#lastSeq[row] = record.lastSeq;
    this.#window[row] = record.window;
    this.#received[row] = record.received;
    this.#duplicates[row] = record.duplicates;
    this.#reordered[row] = record.reordered;
    this.#reboots[row] = record.reboots;
    this.rttMs[row] = record.rttMs;
    this.skewMs[row] = record.skewMs;
    this.graceMs[row] = record.graceMs;
    this.newestSentMs[row] = record.newestSentMs;
    this.aliveSentMs[row] = record.aliveSentMs;
    this.bootedMs[row] = record.bootedMs;
    this.#versions[row] = record.version;
    this.roundTrips.restore(row, record.rtts ?? []);
  }

  /** Forgets what is known of `row`. */
  clear(row: number): void {
    if (!this.knows(row)) return;
    for (const column of [this.#firstSeq, this.#lastSeq, this.#window, this.#received]) {
      column[row] = 0;
    }
    for (const column of [this.#duplicates, this.#reordered, this.#reboots]) column[row] = 0;
    for (const column of [this.rttMs, this.skewMs, this.graceMs, this.newestSentMs]) {
      column[row] = NaN;
    }
    for (const column of [this.aliveSentMs, this.bootedMs]) column[row] = NaN;
    this.#bootIds[row] = null;
    this.#versions[row] = "";
    this.roundTrips.clear(row);
  }

  #judgePlace(row: number, { bootId, seq }: SeriesPlace): Exclude<PlaceVerdict, "aside"> {
    const known = this.#bootIds[row] ?? "";
    if (known === "") return "first";
    if (known !== bootId) return machineOf(known) === machineOf(bootId) ? "restarted" : "rebooted";
    const ahead = seq - (this.#lastSeq[row] ?? 0);
    if (ahead > 0) return "next";
    if (-ahead >= WINDOW) return "ancient";
    const isSeen = ((this.#window[row] ?? 0) >>> -ahead) & 1;
    return isSeen === 1 ? "repeated" : "reordered";
  }

  #grow(needed: number): void {
    const capacity = Math.max(1024, needed, this.#capacity * 2);
    this.#capacity = capacity;
    this.#firstSeq = grown(new Float64Array(capacity), this.#firstSeq);
    this.#lastSeq = grown(new Float64Array(capacity), this.#lastSeq);
    this.#window = grown(new Uint32Array(capacity), this.#window);
    this.#received = grown(new Uint32Array(capacity), this.#received);
    this.#duplicates = grown(new Uint32Array(capacity), this.#duplicates);
    this.#reordered = grown(new Uint32Array(capacity), this.#reordered);
    this.#reboots = grown(new Uint32Array(capacity), this.#reboots);
    this.rttMs = grown(new Float32Array(capacity).fill(NaN), this.rttMs);
    this.skewMs = grown(new Float64Array(capacity).fill(NaN), this.skewMs);
    this.graceMs = grown(new Float64Array(capacity).fill(NaN), this.graceMs);
    this.newestSentMs = grown(new Float64Array(capacity).fill(NaN), this.newestSentMs);
    this.aliveSentMs = grown(new Float64Array(capacity).fill(NaN), this.aliveSentMs);
    this.bootedMs = grown(new Float64Array(capacity).fill(NaN), this.bootedMs);
  }
}

/** The part of a `boot_id` that names the boot of the machine. */
function machineOf(bootId: string): string {
  const dot = bootId.indexOf(".");
  return dot < 0 ? bootId : bootId.slice(0, dot);
}

/** To the microsecond: the column holds only so much. */
function rounded(ms: number | undefined): number | null {
  const known = knownOrNull(ms);
  return known === null ? null : Math.round(known * 1000) / 1000;
}

function knownOrNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

function grown<T extends { set(from: T): void }>(larger: T, from: T): T {
  larger.set(from);
  return larger;
}
