/**
 * What waits for one channel, in the order in which it came. One is on its way at a time, and the
 * next leaves when that has arrived or was given up; no other channel ever waits for this one.
 *
 * It leaves when it is in the store, and is taken out of the store when it has arrived: a crash in
 * between sends it once more, under the same id.
 */

import { getLogger } from "@logtape/logtape";
import { attempt } from "./attempt.ts";
import { SendError } from "./channel.ts";
import type { ChannelSetup, ChannelStatus } from "./channel_status.ts";
import { Pace } from "./pace.ts";
import { LANE_LIMIT, Queue } from "./queue.ts";
import type { Entry } from "./writer.ts";

const log = getLogger(["hbd", "notify"]);

/** How often one message may be refused for what it is. */
const REFUSALS = 3;

/** Time between two lines in the log of what is dropped. */
const DROP_LOG_MS = 60_000;

/** What a lane needs of the outbox that it is in. */
export interface LaneHost {
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly firstRetryMs: number;
  readonly maxRetryMs: number;
  /** Limit of one try. */
  readonly attemptMs: number;
  /** How long an item waits to be in the store before it is sent without. */
  readonly storePatienceMs: number;
  /** Null until there is a configuration. */
  readonly limits: () => { readonly giveUpMs: number; readonly fallbackAfterMs: number } | null;
  /** Nothing more is sent. */
  readonly isStopping: () => boolean;
  /** What is on its way is ended. */
  readonly stopped: AbortSignal;
  readonly trouble: (channel: string, error: Error | null) => void;
  /** It waits no longer. Settles when the store knows, or fails; never rejects. */
  readonly remove: (entry: Entry) => Promise<void>;
  /** Gives it to the lane of `fallback` too; false when there is no such channel. */
  readonly passOn: (entry: Entry, fallback: string, why: string) => boolean;
  /** The outbox waits for it before it stops. */
  readonly sending: (sending: Promise<void>) => void;
}

export class Lane {
  readonly name: string;
  readonly #host: LaneHost;
  readonly #pace: Pace;
  readonly #queue = new Queue();
  #setup: ChannelSetup | null = null;
  #onItsWay: Entry | null = null;
  readonly #counts = { sent: 0, failed: 0, givenUp: 0, dropped: 0 };
  #lastSentMs: number | null = null;
  #lastAnswer: string | null = null;
  #unlogged = 0;
  #loggedMs = -Infinity;

  constructor(name: string, host: LaneHost) {
    this.name = name;
    this.#host = host;
    this.#pace = new Pace(host, host.random);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  get isConfigured(): boolean {
    return this.#setup !== null;
  }

  /** Uses another channel from now on, and tries it at once; null when there is none any more. */
  configure(setup: ChannelSetup | null): void {
    if (setup?.channel !== this.#setup?.channel) this.#pace.again();
    this.#setup = setup;
    if (setup === null && this.#pace.worked()) this.#host.trouble(this.name, null);
  }

  /** True when one with this id waits here, or did not long ago. */
  knows(id: string): boolean {
    return this.#queue.knows(id);
  }

  /** Puts one at the end; another one may have to go for it. */
  push(entry: Entry): void {
    const victim = this.#queue.push(entry, this.#onItsWay);
    if (victim !== null) this.#drop(victim);
  }

  /** Does what is due: falls back, gives up, sends. Called whenever something may be. */
  look(): void {
    const limits = this.#host.limits();
    if (limits === null || this.#host.isStopping()) return;
    const nowMs = this.#host.nowMs();
    if (this.#setup === null) {
      this.#giveUpOld(nowMs - limits.giveUpMs, "There is no such channel any more");
      return;
    }
    const isDue = this.#pace.isDue(nowMs);
    const { failingSinceMs } = this.#pace;
    if (failingSinceMs !== null && nowMs - failingSinceMs >= limits.fallbackAfterMs) {
      const since = new Date(failingSinceMs).toISOString();
      const why = `${this.name} has failed since ${since}: ${this.#pace.lastError}`;
      this.#fallBack(this.#queue.entries(), why);
    }
    const { head } = this.#queue;
    if (!isDue || head === undefined || this.#onItsWay !== null) return;
    const isLate = nowMs - head.item.queuedMs >= this.#host.storePatienceMs;
    if (head.state === "stored" || isLate) this.#host.sending(this.#send(head, this.#setup));
  }

  /** The channel of `setup` has just worked, beside the queue. */
  proved(setup: ChannelSetup, answer: string): void {
    if (setup !== this.#setup) return;
    this.#lastAnswer = answer;
    this.#works();
    this.look();
  }

  status(): ChannelStatus {
    const { failingSinceMs, lastError, lastErrorMs, nextTryMs } = this.#pace;
    const isResting = this.#queue.length > 0 && this.#onItsWay === null;
    return {
      name: this.name,
      isConfigured: this.isConfigured,
      waiting: this.#queue.length,
      oldestMs: this.#queue.oldestMs,
      ...this.#counts,
      failingSinceMs,
      lastError,
      lastErrorMs,
      lastSentMs: this.#lastSentMs,
      lastAnswer: this.#lastAnswer,
      nextTryMs: isResting ? nextTryMs : null,
    };
  }

  async #send(entry: Entry, { channel, secrets = [] }: ChannelSetup): Promise<void> {
    const { attemptMs, stopped, nowMs } = this.#host;
    this.#onItsWay = entry;
    // What an older configuration's channel does says nothing about the one of now.
    const isCurrent = () => this.#setup?.channel === channel;
    try {
      const options = { limitMs: attemptMs, secrets, stopped };
      this.#lastAnswer = await attempt(channel, entry.item.notification, options);
      this.#lastSentMs = nowMs();
      this.#counts.sent++;
      const removing = this.#remove(entry);
      if (isCurrent()) this.#works();
      // Only then the next: a crash repeats no more than one, and in its place.
      await removing;
      this.#onItsWay = null;
    } catch (error) {
      this.#onItsWay = null;
      if (stopped.aborted) return;
      const sendError = error instanceof SendError ? error : new SendError(String(error));
      if (isCurrent()) this.#failed(entry, sendError);
    }
    this.look();
  }

  #works(): void {
    if (!this.#pace.worked()) return;
    log.info("Channel {channel} works again", { channel: this.name });
    this.#host.trouble(this.name, null);
  }

  #failed(entry: Entry, error: SendError): void {
    const nowMs = this.#host.nowMs();
    const giveUpMs = this.#host.limits()?.giveUpMs ?? Infinity;
    const next = this.#queue.entries().find(({ item }) => item.queuedMs > nowMs - giveUpMs);
    const expiresMs = (next?.item.queuedMs ?? Infinity) + giveUpMs;
    this.#counts.failed++;
    if (this.#pace.failed(error, nowMs, expiresMs)) {
      log.warn("Channel {channel} fails: {error}", { channel: this.name, error: error.message });
      this.#host.trouble(this.name, error);
    }
    if (error.isRefused && ++entry.refusals >= REFUSALS) {
      this.#fallBack([entry], `${this.name} refused it: ${error.message}`);
      this.#giveUp([entry], `It was refused ${REFUSALS} times: ${error.message}`);
      // It was to blame, as far as we know: the next one need not wait for it.
      this.#pace.again();
    }
    // Only after a try: a clock that was put right by years gives nothing up that can be sent.
    this.#giveUpOld(nowMs - giveUpMs, error.message);
  }

  #fallBack(entries: readonly Entry[], why: string): void {
    const fallback = this.#setup?.fallback ?? null;
    if (fallback === null) return;
    let count = 0;
    for (const entry of entries) {
      if (entry.isGone || entry.item.fellBack) continue;
      if (this.#host.passOn(entry, fallback, why)) count++;
    }
    if (count === 0) return;
    const names = { channel: this.name, fallback };
    log.warn("{count} notifications for {channel} go to {fallback} too", { count, ...names });
  }

  #giveUpOld(beforeMs: number, why: string): void {
    const old = this.#queue.entries().filter((entry) =>
      entry.item.queuedMs <= beforeMs && entry !== this.#onItsWay
    );
    if (old.length > 0) this.#giveUp(old, `Too old. ${why}`);
  }

  #giveUp(entries: readonly Entry[], why: string): void {
    for (const entry of entries) void this.#remove(entry);
    this.#counts.givenUp += entries.length;
    const count = entries.length;
    const title = entries[0]?.item.notification.title ?? "";
    const fields = { count, channel: this.name, title, why };
    log.error("{count} notifications for {channel} given up, the first {title}: {why}", fields);
    const more = count > 1 ? ` and ${count - 1} more` : "";
    this.#host.trouble(this.name, new Error(`Given up: ${title}${more}. ${why}`));
  }

  #drop(victim: Entry): void {
    void this.#remove(victim);
    this.#counts.dropped++;
    this.#unlogged++;
    const nowMs = this.#host.nowMs();
    if (Math.abs(nowMs - this.#loggedMs) < DROP_LOG_MS) return;
    log.error("More than {limit} notifications wait for {channel}: {count} dropped, last {title}", {
      limit: LANE_LIMIT,
      channel: this.name,
      count: this.#unlogged,
      title: victim.item.notification.title,
    });
    this.#loggedMs = nowMs;
    this.#unlogged = 0;
  }

  #remove(entry: Entry): Promise<void> {
    this.#queue.remove(entry);
    return this.#host.remove(entry);
  }
}
