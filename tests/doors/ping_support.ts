/**
 * Dialects over a real desk, heart and monitor, under a clock that stands still until a test moves
 * it. Requests go in as the server hands them over.
 */

import type { Dialect } from "../../src/doors/dialect.ts";
import { DialectDesk, type PingSettings } from "../../src/doors/dialect_desk.ts";
import { Guard, type GuardSettings, type RefusedFor } from "../../src/doors/guard.ts";
import { Heart } from "../../src/heart.ts";
import { hostDirectory } from "../../src/host_directory.ts";
import { Monitor } from "../../src/monitor/monitor.ts";
import type { HostSnapshot } from "../../src/monitor/snapshot.ts";
import type { WatchSettings } from "../../src/monitor/settings.ts";
import type { Fields } from "../../src/wire/datagram.ts";
import { LocalTime } from "../../src/wire/local_time.ts";
import type { Message } from "../../src/wire/message.ts";
import { settings, START_MS } from "../monitor/support.ts";
import { OPEN } from "./support.ts";

export const UUID = "0b2c6a9e-1f57-4d0c-9a3f-6f0d7c1e2b34";
export const RID = "7b3f9c52-8a41-4c0e-b1de-2f9a5c7d3e10";

export interface BenchOptions {
  readonly guard?: Partial<GuardSettings>;
  readonly watch?: Partial<WatchSettings>;
  readonly pings?: Partial<PingSettings>;
  readonly maxBodyBytes?: number;
}

export interface Sent {
  readonly method?: string;
  readonly body?: BodyInit;
  readonly headers?: HeadersInit;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export class PingBench {
  nowMs = START_MS;
  readonly monitor: Monitor;
  readonly taken: Message[] = [];
  readonly refused: RefusedFor[] = [];
  readonly #desk: DialectDesk;
  readonly #dialects: readonly Dialect[];

  constructor(dialects: readonly Dialect[], options: BenchOptions = {}) {
    this.#dialects = dialects;
    const watch = { ...settings(10), ...options.watch };
    const monitor = this.monitor = new Monitor(watch);
    const now = () => this.nowMs;
    const outlet = {
      message: ({ message }: { readonly message: Message }) => void this.taken.push(message),
      event: () => {},
    };
    const clocks = { wallMs: now, monotonicMs: now };
    const heart = new Heart(monitor, clocks, null, [outlet], new LocalTime());
    const guard = new Guard({ ...OPEN, ...options.guard });
    const limits = { maxBodyBytes: options.maxBodyBytes ?? 65_536, maxHosts: watch.maxHosts };
    const pings = { hostsById: new Map(), keys: [], create: false, ...options.pings };
    this.#desk = new DialectDesk({
      intake: heart,
      hosts: hostDirectory(monitor, now),
      limits: () => limits,
      guard: () => guard,
      pings: () => pings,
      onRefused: (reason) => void this.refused.push(reason),
    });
  }

  /** What a request is answered with; null: it is in none of the dialects. */
  async ask(target: string, { method = "GET", ...init }: Sent = {}): Promise<Answered | null> {
    const request = new Request(`http://server:50004${target}`, { method, ...init });
    const [path = "", search] = target.split("?", 2);
    const dialect = this.#dialects.find((one) => one.speaks(method, path));
    if (dialect === undefined) return null;
    const response = await dialect.answer({
      request,
      path,
      query: new URLSearchParams(search ?? ""),
      ip: "192.0.2.1",
      port: 4711,
      desk: this.#desk,
      maySee: () => true,
    });
    const { status, headers } = response;
    return { status, text: await response.text(), headers };
  }

  /** Status and text of the answer to a request. */
  async say(target: string, sent: Sent = {}): Promise<readonly [number, string] | null> {
    const answered = await this.ask(target, sent);
    return answered && [answered.status, answered.text];
  }

  /** The message that came in last. */
  get last(): Message {
    const message = this.taken.at(-1);
    if (message === undefined) throw new Error("Nothing was taken");
    return message;
  }

  /** What the journal has of the message that came in last. */
  get fields(): Fields {
    return this.last.payload as Fields;
  }

  /** Lets seconds pass in which nothing comes. */
  wait(seconds: number): void {
    this.nowMs += seconds * 1000;
    while (this.monitor.tick(this.nowMs, 100).more);
  }

  host(name: string): HostSnapshot {
    const host = this.monitor.host(name);
    if (host === null) throw new Error(`No host ${name}`);
    return host;
  }
}
