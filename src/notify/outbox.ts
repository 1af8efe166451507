/**
 * The way from a notification to people: kept in the store before it is sent, sent until it has
 * arrived or is given up, by each channel in its own order and at its own pace.
 *
 * At least once: what was in the store when the process ended is sent by the next one, under the
 * same id. To be put together in this order: `load()`, `configure()`, the replay of the journal with
 * `add()` for what it brings, `recovered()`; then `add()` for what happens, and `stop()`.
 */

import { getLogger } from "@logtape/logtape";
import { isWorse } from "../monitor/level.ts";
import { attempt, GRACE_MS } from "./attempt.ts";
import { type Notification, SendError } from "./channel.ts";
import type { ChannelStatus } from "./channel_status.ts";
import { keepable, keepableNames, type OutboxStore, withLine } from "./item.ts";
import { Lane, type LaneHost } from "./lane.ts";
import { DEFAULTS, type OutboxOptions, type OutboxSettings } from "./outbox_options.ts";
import { newEntry } from "./queue.ts";
import { type Entry, OutboxWriter } from "./writer.ts";

const log = getLogger(["hbd", "notify"]);

export class Outbox {
  readonly #store: OutboxStore;
  readonly #nowMs: () => number;
  readonly #tickMs: number;
  readonly #attemptMs: number;
  readonly #writer: OutboxWriter;
  readonly #host: LaneHost;
  readonly #lanes = new Map<string, Lane>();
  readonly #sending = new Set<Promise<unknown>>();
  readonly #stopped = new AbortController();
  #settings: OutboxSettings | null = null;
  #order = 0;
  /** What is about records up to this one was in the store before this process began. */
  #replayedSeq = 0;
  #ticking: ReturnType<typeof setInterval> | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: OutboxOptions) {
    const all = { ...DEFAULTS, ...options };
    const { store, nowMs, onTrouble, tickMs, attemptMs, storeRetryMs, ...pace } = all;
    this.#store = store;
    this.#nowMs = nowMs;
    this.#tickMs = tickMs;
    this.#attemptMs = attemptMs;
    this.#writer = new OutboxWriter({
      store,
      retryMs: storeRetryMs,
      onSaved: () => this.#look(),
    });
    this.#host = {
      ...pace,
      nowMs,
      attemptMs,
      limits: () => this.#settings,
      isStopping: () => this.#stopping !== null,
      stopped: this.#stopped.signal,
      trouble: (channel, error) => {
        try {
          onTrouble(channel, error);
        } catch (thrown) {
          log.error("Trouble of {channel} could not be told: {thrown}", { channel, thrown });
        }
      },
      remove: (entry) => this.#writer.remove(entry),
      passOn: (entry, fallback, why) => this.#passOn(entry, fallback, why),
      sending: (sending) => this.#track(sending),
    };
  }

  /**
   * The highest number of a journal record of which everything is in the store; a record with no
   * notification at all does not count.
   */
  get watermark(): number {
    return this.#writer.watermark;
  }

  /** Reads what the store has; comes first. Rejects when the store fails. */
  async load(): Promise<void> {
    const { items, watermark } = await this.#store.loadOutbox();
    this.#writer.restore(watermark);
    this.#replayedSeq = watermark;
    for (const item of items.toSorted((a, b) => a.order - b.order)) {
      this.#order = Math.max(this.#order, item.order);
      this.#lane(item.channel).push({ ...newEntry(item), state: "stored" });
    }
    this.#look();
  }

  /**
   * Uses these channels from now on. What waits for one that is not among them goes on waiting, until
   * there is one of that name again or it is too old.
   */
  configure(settings: OutboxSettings): void {
    this.#settings = settings;
    for (const name of settings.channels.keys()) this.#lane(name);
    for (const [name, lane] of this.#lanes) {
      lane.configure(settings.channels.get(name) ?? null);
      if (!lane.isConfigured && lane.waiting === 0) this.#lanes.delete(name);
    }
    this.#look();
  }

  /**
   * Queues a notification and begins to store it; returns at once and never throws. Each channel
   * gets one with the same id once, and none below its `minLevel`.
   *
   * @param seq the journal record that it is about; 0 when it is about none. All that is about one
   *   record is added before anything is awaited.
   */
  add(notification: Notification, channels: readonly string[], seq: number): void {
    if (this.#stopping !== null || (seq > 0 && seq <= this.#replayedSeq)) return;
    const kept = keepable(notification);
    const takers = [...new Set(channels)].filter((name) =>
      this.#wants(name, kept) && !this.#lanes.get(name)?.knows(kept.id)
    );
    const had = keepableNames([...new Set(channels)].filter((name) => this.#wants(name, kept)));
    for (const channel of takers) this.#queue({ channel, seq, notification: kept, had });
    this.#writer.note(seq);
    for (const channel of takers) this.#lanes.get(channel)?.look();
  }

  /**
   * The journal has been read back; it ends at `seq`. What is added from now on is new, whatever its
   * number: a journal may end before what was stored of it, or be switched off.
   */
  recovered(seq: number): void {
    this.#replayedSeq = 0;
    this.#writer.lower(seq);
  }

  /** Settles when all that was added so far is in the store; never rejects, but may take long. */
  flushed(): Promise<void> {
    return this.#writer.flushed();
  }

  /**
   * Sends at once, beside the queue, and gives the provider's answer. Rejects with a SendError, or
   * with an Error that names the channels when there is none called `channel`.
   */
  async test(channel: string, notification: Notification): Promise<string> {
    const setup = this.#settings?.channels.get(channel);
    if (setup === undefined) {
      const names = [...this.#settings?.channels.keys() ?? []].sort().join(", ");
      const known = names === "" ? "no channel is configured" : `the channels are ${names}`;
      throw new Error(`No channel is called ${JSON.stringify(channel)}: ${known}`);
    }
    if (this.#stopping !== null) throw new SendError("The server is stopping: nothing is sent");
    const { secrets = [] } = setup;
    const options = { limitMs: this.#attemptMs, secrets, stopped: this.#stopped.signal };
    const sending = attempt(setup.channel, notification, options);
    this.#track(sending);
    const answer = await sending;
    this.#lanes.get(channel)?.proved(setup, answer);
    return answer;
  }

  /** Every channel, and every name for which something still waits. */
  status(): readonly ChannelStatus[] {
    return [...this.#lanes.values()]
      .filter((lane) => lane.isConfigured || lane.waiting > 0)
      .map((lane) => lane.status());
  }

  /**
   * Sends nothing more, waits for what is on its way and for the store, and is back within
   * `limitMs`; what has not arrived by then is in the store.
   */
  stop(limitMs: number): Promise<void> {
    this.#stopping ??= this.#stop(limitMs);
    return this.#stopping;
  }

  async #stop(limitMs: number): Promise<void> {
    if (this.#ticking !== null) clearInterval(this.#ticking);
    const abortMs = Math.max(limitMs / 2, limitMs - 2 * GRACE_MS);
    const abort = setTimeout(() => this.#stopped.abort(), abortMs);
    const { promise: isOver, resolve } = Promise.withResolvers<void>();
    const limit = setTimeout(resolve, limitMs);
    const done = Promise.allSettled(this.#sending).then(() => this.#writer.idle());
    await Promise.race([done, isOver]);
    clearTimeout(abort);
    clearTimeout(limit);
    this.#stopped.abort();
    this.#writer.abandon();
  }

  #wants(channel: string, { level }: Notification): boolean {
    const minLevel = this.#settings?.channels.get(channel)?.minLevel;
    return minLevel === undefined || !isWorse(minLevel, level);
  }

  #queue(item: Pick<Entry["item"], "channel" | "seq" | "notification" | "had">): void {
    const queuedMs = this.#nowMs();
    const entry = newEntry({ ...item, order: ++this.#order, queuedMs, fellBack: false });
    this.#writer.save(entry);
    this.#lane(item.channel).push(entry);
    this.#tick();
  }

  /** Both sides of it are in one write: nothing falls back twice, or not at all. */
  #passOn(entry: Entry, fallback: string, why: string): boolean {
    if (this.#settings?.channels.has(fallback) !== true) return false;
    const { item } = entry;
    const { seq, notification } = item;
    entry.item = { ...item, fellBack: true };
    this.#writer.save(entry);
    const lane = this.#lane(fallback);
    const isCovered = item.had.includes(fallback) || lane.knows(notification.id);
    if (isCovered || !this.#wants(fallback, notification)) return false;
    const had = keepableNames([fallback, ...item.had]);
    this.#queue({ channel: fallback, seq, notification: withLine(notification, `(${why})`), had });
    lane.look();
    return true;
  }

  #lane(name: string): Lane {
    let lane = this.#lanes.get(name);
    if (lane === undefined) this.#lanes.set(name, lane = new Lane(name, this.#host));
    return lane;
  }

  #look(): void {
    for (const lane of this.#lanes.values()) lane.look();
    this.#tick();
  }

  /** Looks again and again while something waits. */
  #tick(): void {
    const isBusy = this.#stopping === null && [...this.#lanes.values()].some((l) => l.waiting > 0);
    if (isBusy) this.#ticking ??= setInterval(() => this.#look(), this.#tickMs);
    if (isBusy || this.#ticking === null) return;
    clearInterval(this.#ticking);
    this.#ticking = null;
  }

  #track(sending: Promise<unknown>): void {
    this.#sending.add(sending);
    const forget = () => void this.#sending.delete(sending);
    sending.then(forget, forget);
  }
}
