/**
 * What the tests of the outbox stand on: a real HTTP server in the place of the providers, which
 * takes, refuses, fails or hangs as it is told, and a channel that posts to it.
 *
 * Time is a number that the tests set; the outbox looks at it every few milliseconds.
 */

import { assert, assertEquals } from "@std/assert";
import { type Channel, type Notification, SendError } from "../../src/notify/channel.ts";
import type { ChannelSetup, ChannelStatus } from "../../src/notify/channel_status.ts";
import type { OutboxStore } from "../../src/notify/item.ts";
import { Outbox } from "../../src/notify/outbox.ts";
import type { OutboxOptions, OutboxSettings } from "../../src/notify/outbox_options.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { eventually } from "../e2e/hbd.ts";

export const START_MS = 1_777_000_000_000;

/** A limit for what is expected to be over in a moment. */
export const STOP_MS = 10_000;

export function notification(id: string, more: Partial<Notification> = {}): Notification {
  return {
    id,
    kind: "alert",
    level: "CRITICAL",
    host: "web1",
    metric: null,
    title: `[CRITICAL] ${id}`,
    body: `CRITICAL: web1 - ${id}`,
    url: null,
    atMs: START_MS,
    ...more,
  };
}

/** How a provider answers; `hang` is never. */
export type Answer = "hang" | { readonly status: number; readonly retryAfterS?: number };

/** What a provider got. */
export interface Received {
  readonly channel: string;
  readonly id: string;
  readonly body: string;
  /** What it answered; 0: nothing. */
  readonly status: number;
}

/** All providers: what is posted to `/push` is for the channel `push`. */
export class Providers implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #answers = new Map<string, Answer>();
  readonly #ended = Promise.withResolvers<Response>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(port = 0) {
    const options = { hostname: "127.0.0.1", port, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#handle(request));
  }

  get port(): number {
    return this.#server.addr.port;
  }

  url(channel: string): string {
    return `http://127.0.0.1:${this.port}/${channel}`;
  }

  /** From now on `channel` answers so; 200 is what it does when nothing was said. */
  answer(channel: string, answer: Answer): void {
    this.#answers.set(channel, answer);
  }

  /** Ids that a channel took (or, with another `status`, answered so), in order. */
  ids(channel: string, status = 200): readonly string[] {
    return this.received
      .filter((one) => one.channel === channel && one.status === status)
      .map(({ id }) => id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.resolve(new Response(null, { status: 503 }));
    await this.#server.shutdown();
  }

  async #handle(request: Request): Promise<Response> {
    const channel = new URL(request.url).pathname.slice(1);
    const { id, body } = await request.json() as Notification;
    const answer = this.#answers.get(channel) ?? { status: 200 };
    const status = answer === "hang" ? 0 : answer.status;
    this.received.push({ channel, id, body, status });
    if (answer === "hang") return (await this.#ended.promise).clone();
    const { retryAfterS } = answer;
    const headers = retryAfterS === undefined ? {} : { "Retry-After": String(retryAfterS) };
    return new Response(`${channel} says ${status}`, { status, headers });
  }
}

/** Posts to an address; `deaf`: does not care for being told to give up. */
export class PostChannel implements Channel {
  readonly #url: string;
  readonly #isDeaf: boolean;

  constructor(url: string, { deaf = false } = {}) {
    this.#url = url;
    this.#isDeaf = deaf;
  }

  async send(notification: Notification, signal: AbortSignal): Promise<string> {
    const response = await fetch(this.#url, {
      method: "POST",
      body: JSON.stringify(notification),
      ...(this.#isDeaf ? {} : { signal }),
    });
    const text = await response.text();
    if (response.ok) return text;
    const retryAfter = response.headers.get("Retry-After");
    throw new SendError(`${this.#url} answered ${response.status}: ${text}`, {
      isRefused: response.status === 400,
      ...(retryAfter === null ? {} : { retryAfterMs: Number(retryAfter) * 1000 }),
    });
  }
}

/** Configuration of channels by their names. */
export function settings(
  channels: Readonly<Record<string, ChannelSetup>>,
  more: Partial<OutboxSettings> = {},
): OutboxSettings {
  const times = { giveUpMs: 86_400_000, fallbackAfterMs: 120_000 };
  return { channels: new Map(Object.entries(channels)), ...times, ...more };
}

/** An outbox that is stopped at the end, with its clock and what was told of its channels. */
export class Bench implements AsyncDisposable {
  readonly clock = { nowMs: START_MS };
  /** `push: <error>` or `push: works`, in order. */
  readonly troubles: string[] = [];
  readonly store: OutboxStore;
  readonly outbox: Outbox;
  #looks = 0;

  constructor(options: Partial<OutboxOptions> = {}) {
    this.store = options.store ?? new MemoryStore();
    this.outbox = new Outbox({
      store: this.store,
      nowMs: () => {
        this.#looks++;
        return this.clock.nowMs;
      },
      random: () => 0,
      onTrouble: (channel, error) => {
        this.troubles.push(`${channel}: ${error?.message ?? "works"}`);
      },
      tickMs: 5,
      storeRetryMs: 5,
      ...options,
    });
  }

  status(channel: string): ChannelStatus {
    const status = this.outbox.status().find(({ name }) => name === channel);
    if (status === undefined) throw new Error(`No status of ${channel}`);
    return status;
  }

  /** Lets time pass, after the failure that is awaited for has been seen. */
  pass(ms: number): void {
    this.clock.nowMs += ms;
  }

  /** Waits until the outbox has looked at the clock a few times more. */
  async looked(): Promise<void> {
    const before = this.#looks;
    await eventually(() => assert(this.#looks > before + 5));
  }

  /** Waits until `count` tries of `channel` have failed. */
  async failures(channel: string, count: number): Promise<void> {
    await eventually(() => assertEquals(this.status(channel).failed, count));
  }

  /** Waits until nothing waits for `channel`. */
  async drained(channel: string): Promise<void> {
    await eventually(() => assertEquals(this.status(channel).waiting, 0));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.outbox.stop(1000);
  }
}

/** Channels that post to `providers`, with what differs from the usual. */
export function posting(
  providers: Providers,
  channels: Readonly<Record<string, Partial<ChannelSetup>>>,
): Readonly<Record<string, ChannelSetup>> {
  return Object.fromEntries(
    Object.entries(channels).map(([name, more]) => {
      const channel = new PostChannel(providers.url(name));
      return [name, { channel, minLevel: "WARNING", fallback: null, ...more }];
    }),
  );
}
