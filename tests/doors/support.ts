/**
 * A UDP door with everything real behind it (heart, monitor, and a journal where a test wants one),
 * under a clock that stands still until a test moves it. Only the socket is missing: datagrams are
 * handed to the door, and what it would send is kept.
 */

import { assert } from "@std/assert";
import { BatchWriter } from "../../src/doors/datagram_batch.ts";
import { Guard, type GuardSettings } from "../../src/doors/guard.ts";
import { type DropReason, type Sending, UdpDoor, type UdpSettings } from "../../src/doors/udp.ts";
import { Heart } from "../../src/heart.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { Monitor } from "../../src/monitor/monitor.ts";
import type { ReceivedMessage } from "../../src/monitor/outlet.ts";
import type { WatchSettings } from "../../src/monitor/settings.ts";
import { decodeDatagram, type Fields } from "../../src/wire/datagram.ts";
import { isSealedWith, type Key, openEnvelope } from "../../src/wire/envelope.ts";
import { LocalTime } from "../../src/wire/local_time.ts";
import { settings, START_MS } from "../monitor/support.ts";

export const IP = "192.0.2.1";

export const OPEN: GuardSettings = {
  keys: new Map(),
  tokens: new Map(),
  defaultKey: null,
  requireKey: false,
  windowMs: 60_000,
};

/** What the door sent. */
export interface Sent {
  readonly bytes: Uint8Array;
  readonly address: string;
  readonly port: number;
}

export interface BenchOptions {
  readonly guard?: Partial<GuardSettings>;
  readonly watch?: Partial<WatchSettings>;
  readonly udp?: Partial<UdpSettings>;
  readonly journal?: Journal;
  readonly errands?: readonly Fields[];
  /** Called for each datagram at the moment it is sent. */
  readonly onSend?: (sent: Sent) => void;
}

export class Bench implements Sending {
  nowMs = START_MS;
  readonly monitor: Monitor;
  readonly heart: Heart;
  readonly door: UdpDoor;
  readonly sent: Sent[] = [];
  readonly drops: [DropReason, string][] = [];
  readonly taken: ReceivedMessage[] = [];
  readonly #options: BenchOptions;
  #waiting: Sent[] = [];

  constructor(options: BenchOptions = {}) {
    this.#options = options;
    this.monitor = new Monitor({ ...settings(10), ...options.watch });
    const now = () => this.nowMs;
    const outlet = {
      message: (message: ReceivedMessage) => void this.taken.push(message),
      event: () => {},
    };
    const { journal = null } = options;
    const clocks = { wallMs: now, monotonicMs: now };
    this.heart = new Heart(this.monitor, clocks, journal, [outlet], new LocalTime());
    const guard = new Guard({ ...OPEN, ...options.guard });
    this.door = new UdpDoor({
      intake: this.heart,
      guard: () => guard,
      nowMs: now,
      settings: () => ({ acceptText: true, acknowledge: true, ...options.udp }),
      errands: () => options.errands ?? [],
      onDropped: (reason, ip) => void this.drops.push([reason, ip]),
    });
  }

  /** Hands datagrams over in one batch, all from one address, and waits for the answers. */
  async take(datagrams: readonly (Uint8Array | Fields)[], ip = IP, port = 4711): Promise<void> {
    const batch = new BatchWriter();
    for (const datagram of datagrams) batch.add(bytesOf(datagram), ip, port, this.nowMs);
    this.door.take(batch.take(), this);
    await this.settled();
  }

  /** Waits until what the journal was given is written, and all that waited for it has run. */
  async settled(): Promise<void> {
    await this.#options.journal?.written();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  send(bytes: Uint8Array, address: string, port: number): void {
    const sent = { bytes, address, port };
    this.#waiting.push(sent);
    this.#options.onSend?.(sent);
  }

  flush(): void {
    this.sent.push(...this.#waiting);
    this.#waiting = [];
  }

  /** The fields of what was sent, unsigned. */
  answers(): Fields[] {
    return this.sent.map(({ bytes }) => decodeDatagram(bytes).fields);
  }

  /** The fields of what was sent, all of it signed with `key`. */
  signedAnswers(key: Key): Fields[] {
    return this.sent.map(({ bytes }) => {
      const envelope = openEnvelope(bytes);
      assert(envelope !== null && isSealedWith(envelope, key), "Answer is not signed with the key");
      return decodeDatagram(envelope.body).fields;
    });
  }
}

/** Fields as a plain datagram; bytes as they are. */
export function bytesOf(datagram: Uint8Array | Fields | string): Uint8Array {
  if (datagram instanceof Uint8Array) return datagram;
  const text = typeof datagram === "string" ? datagram : JSON.stringify(datagram);
  return new TextEncoder().encode(text);
}
