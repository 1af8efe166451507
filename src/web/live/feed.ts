/**
 * Keeps dashboards up to date: a snapshot first, then what has changed, at most four times a second.
 *
 * Without a dashboard nothing is noted. With some, a beat only leaves the name of its host behind,
 * and texts are made once for all who may see them. One loop does everything in turn (flushes first,
 * then pieces of snapshots), a few milliseconds at a time: so no text that is older than another of
 * the same host ever comes after it, and no beat waits long.
 *
 * Some changes come without an event: a planned maintenance begins or a pause ends, the server was
 * deaf and deadlines move. So every second some of the hosts that were told are looked at again, in
 * turn: all of them within a minute, few hosts within a second.
 */

import { isOfHost } from "../../monitor/alerts/record.ts";
import type { AlertBookEvent, HostEvent } from "../../monitor/events.ts";
import type { Outlet, ReceivedMessage } from "../../monitor/outlet.ts";
import type { Audience } from "./audience.ts";
import { Changes } from "./changes.ts";
import type { Link, LiveClient } from "./client.ts";
import { CLOSED, Crowd } from "./crowd.ts";
import type { FeedView } from "./feed_view.ts";
import { Filler } from "./filler.ts";
import type { ServerFacts } from "./head.ts";
import { Shown } from "./shown.ts";
import { REAL_TIMING, SlicedWork, type Timing } from "./timing.ts";

/** Dashboards at once. */
export const MAX_CLIENTS = 500;

/** Between two flushes. */
const FLUSH_MS = 250;

/** Hosts of one flush, as characters of JSON; the others come with the next. */
const FLUSH_CHARS = 1 << 19;

/** Alerts of one flush. */
const FLUSH_ALERTS = 500;

const SECOND_MS = 1000;

/** How often it is looked whether a client has room again. */
const ROOM_MS = 50;

/** How often it is asked who is behind a connection, seconds. */
const WHO_S = 2;

export interface FeedOptions {
  readonly view: FeedView;
  readonly server: ServerFacts;
  /** @default {the machine's clock and timers} */
  readonly timing?: Timing;
}

export class LiveFeed implements Outlet {
  readonly #view: FeedView;
  readonly #timing: Timing;
  readonly #changes = new Changes();
  readonly #shown: Shown;
  readonly #filler: Filler;
  readonly #crowd: Crowd;
  /** Flushes so far. */
  #flushes = 0;
  #flushedMs = -Infinity;
  #summedMs = 0;
  #seconds = 0;
  #isStopped = false;
  #pumping: Promise<void> | null = null;
  /** Ends the timer of the next round of the loop; null: there is none. */
  #noWake: (() => void) | null = null;
  #wakeMs = Infinity;
  #noSecond: (() => void) | null = null;

  constructor({ view, server, timing = REAL_TIMING }: FeedOptions) {
    this.#view = view;
    this.#timing = timing;
    this.#shown = new Shown(view);
    this.#crowd = new Crowd(view);
    this.#filler = new Filler(view, server, this.#shown, this.#changes);
  }

  /** Dashboards that are connected. */
  get clients(): number {
    return this.#crowd.size;
  }

  /** Those that take less than they are sent, and get nothing until they have caught up. */
  get behind(): number {
    return [...this.#crowd.clients].filter(({ stage }) => stage === "behind").length;
  }

  // What happens

  message(received: ReceivedMessage): void {
    if (this.#crowd.size === 0) return;
    this.#changes.message(received);
    this.#flushSoon();
  }

  event({ host }: HostEvent): void {
    this.hostChanged(host);
  }

  alert(event: AlertBookEvent): void {
    if (this.#crowd.size === 0) return;
    switch (event.type) {
      case "alert":
        this.#changes.alert(event.alert);
        if (isOfHost(event.alert)) this.hostChanged(event.alert.host);
        else this.#flushSoon();
        break;
      case "grouped":
        for (const host of event.hosts) this.hostChanged(host);
        break;
      case "pause":
      case "drop":
        this.hostChanged(event.host);
        break;
      case "notify":
        break;
    }
  }

  /** Host `name` came, went or changed without an event: by the API, say. */
  hostChanged(name: string): void {
    if (this.#crowd.size === 0) return;
    this.#changes.host(name);
    this.#flushSoon();
  }

  /** Who may see what has changed, or much else: everybody gets a new snapshot. */
  accessChanged(): void {
    this.#crowd.forgetAudiences();
    this.#shown.clear();
    for (const client of [...this.#crowd.clients]) this.#identify(client);
  }

  /** Begins to send to `link`. Returns what ends that; it does not close the link. */
  subscribe(link: Link): () => void {
    const nowMs = this.#timing.nowMs();
    if (this.#crowd.size === 0) this.#begin(nowMs);
    const client = this.#crowd.add(link, nowMs);
    this.#wake(0);
    return () => this.#remove(client);
  }

  /** Settles when what is being sent now has been handed to the connections. */
  async settled(): Promise<void> {
    await this.#pumping;
  }

  /** Closes all connections, and sends no more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const client of [...this.#crowd.clients]) {
      this.#close(client, CLOSED.stopping, "The server stops");
    }
    this.#end();
    await this.#pumping;
  }

  // Clients

  #begin(nowMs: number): void {
    this.#changes.clear();
    this.#summedMs = nowMs;
    this.#noSecond = this.#timing.after(SECOND_MS, () => this.#second());
  }

  /** Nobody is there any more: nothing is held. */
  #end(): void {
    this.#noSecond?.();
    this.#noSecond = null;
    this.#noWake?.();
    this.#noWake = null;
    this.#wakeMs = Infinity;
    this.#changes.clear();
    this.#shown.clear();
    this.#crowd.forgetAudiences();
  }

  #close(client: LiveClient, code: number, reason: string): void {
    client.link.close(code, reason);
    this.#remove(client);
  }

  #remove(client: LiveClient): void {
    if (this.#crowd.remove(client) && this.#crowd.size === 0) this.#end();
  }

  #identify(client: LiveClient): void {
    if (!this.#crowd.identify(client)) {
      this.#close(client, CLOSED.loggedOut, "The session has ended");
    } else if (client.isUnfilled) this.#wake(0);
  }

  // The loop

  /** Asked with every beat: mostly it is seen to already, which must not even read the clock. */
  #flushSoon(): void {
    if (this.#pumping !== null || this.#wakeMs <= this.#flushedMs + FLUSH_MS) return;
    this.#wake(Math.max(0, this.#flushedMs + FLUSH_MS - this.#timing.nowMs()));
  }

  /** Sees to it that the loop goes on in `delayMs` at the latest. */
  #wake(delayMs: number): void {
    if (this.#isStopped || this.#crowd.size === 0) return;
    const atMs = this.#timing.nowMs() + delayMs;
    if (this.#pumping !== null || atMs >= this.#wakeMs) return;
    this.#noWake?.();
    this.#wakeMs = atMs;
    this.#noWake = this.#timing.after(delayMs, () => {
      this.#noWake = null;
      this.#wakeMs = Infinity;
      this.#pumping = this.#pump().finally(() => {
        this.#pumping = null;
        this.#wakeAgain();
      });
    });
  }

  /** When there is more to do: after a flush interval, or when somebody has room again. */
  #wakeAgain(): void {
    if (!this.#changes.isEmpty) this.#flushSoon();
    const unfilled = [...this.#crowd.clients].filter(({ isUnfilled }) => isUnfilled);
    if (unfilled.length > 0) this.#wake(unfilled.some(({ hasRoom }) => hasRoom) ? 0 : ROOM_MS);
  }

  async #pump(): Promise<void> {
    const work = new SlicedWork();
    while (!this.#isStopped && this.#crowd.size > 0) {
      const isFlushTime = this.#timing.nowMs() >= this.#flushedMs + FLUSH_MS;
      if (isFlushTime && !this.#changes.isEmpty) await this.#flush(work);
      this.#crowd.dropRolls();
      const isMore = this.#filler.fill(this.#crowd.clients, this.#flushes, work);
      if (!isMore) return;
      await work.rest();
    }
  }

  async #flush(work: SlicedWork): Promise<void> {
    this.#flushedMs = this.#timing.nowMs();
    this.#flushes++;
    await work.rest();
    const audiences = this.#crowd.audiences();
    await this.#takeHosts(audiences, work);
    const messages = this.#changes.takeMessages();
    const alerts = this.#changes.takeAlerts(FLUSH_ALERTS);
    const texts = new Map(audiences.map((one) => [one, one.takeTexts(messages, alerts)]));
    await this.#tell(texts, work);
  }

  /** Puts the hosts that have changed before all who may see them, as far as a flush goes. */
  async #takeHosts(audiences: readonly Audience[], work: SlicedWork): Promise<void> {
    const isCrowded = this.#shown.isCrowded();
    let chars = 0;
    for (const { name, beats, isUrgent } of this.#changes.takeHosts()) {
      // Of beats that nobody is told, not even a snapshot is made: there may be very many.
      if (!isUrgent && isCrowded && !this.#shown.has(name)) {
        await work.restIfLong();
        continue;
      }
      const host = this.#view.host(name);
      if (host === null) {
        this.#shown.forget(name);
        for (const audience of audiences) audience.gone(name);
        chars += name.length;
      } else {
        const texts = this.#shown.textOf(host);
        const text = this.#shown.isNews(name, texts) ? texts.whole : texts.part;
        this.#shown.told(host, texts);
        for (const audience of audiences) audience.host(host, text, texts, beats);
        chars += text.length;
      }
      if (chars >= FLUSH_CHARS) break;
      await work.restIfLong();
    }
  }

  async #tell(
    texts: ReadonlyMap<Audience, readonly string[]>,
    work: SlicedWork,
  ): Promise<void> {
    // Who begins a snapshot meanwhile finds all this in it.
    const told = [...this.#crowd.clients].filter(({ isTold }) => isTold);
    for (const client of told) {
      await work.restIfLong();
      if (!this.#crowd.clients.has(client) || !client.isTold) continue;
      const own = texts.get(client.audience) ?? [];
      if (own.length > 0) client.tell(own, this.#crowd.size);
    }
  }

  // Once a second

  #second(): void {
    this.#noSecond = this.#timing.after(SECOND_MS, () => this.#second());
    const nowMs = this.#timing.nowMs();
    const isWhoTime = ++this.#seconds % WHO_S === 0;
    for (const client of [...this.#crowd.clients]) {
      if (client.isStalled(nowMs)) this.#close(client, CLOSED.tooSlow, "Nothing is taken");
      else if (isWhoTime) this.#identify(client);
    }
    const seconds = Math.max(1, nowMs - this.#summedMs) / 1000;
    const rate = { beats: this.#changes.takeBeats(), seconds };
    this.#summedMs = nowMs;
    const texts = new Map<Audience, string>();
    for (const audience of this.#crowd.audiences()) {
      const text = audience.newSummary(rate);
      if (text !== null) texts.set(audience, text);
    }
    for (const client of this.#crowd.clients) {
      const text = client.isTold ? texts.get(client.audience) : undefined;
      if (text !== undefined) client.tell([text], this.#crowd.size);
    }
    for (const name of this.#shown.changedMeanwhile()) this.hostChanged(name);
  }
}
