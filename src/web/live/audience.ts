/**
 * All who see the same hosts: everybody who sees everything, or the connections of one user. What
 * goes to them is put together once, and nothing else is in it.
 */

import { type Principal, seesEverything } from "../../access/principal.ts";
import type { AlertCounts } from "../../monitor/alerts/book.ts";
import type { AlertRecord } from "../../monitor/alerts/record.ts";
import type { HostState } from "../../monitor/host_table.ts";
import type { HostSnapshot } from "../../monitor/snapshot.ts";
import { alertJson } from "../alert_json.ts";
import { messageJson, pastMessage } from "../message_json.ts";
import { alertFor } from "../own_alert.ts";
import type { ReceivedMessage } from "../../monitor/outlet.ts";
import type { ChangedMessages } from "./changes.ts";
import type { FeedView } from "./feed_view.ts";
import type { HostText } from "./host_text.ts";
import type { Roll } from "./roll.ts";
import { alertCounts, type Rate, summaryText } from "./summary.ts";

/** Messages told at once. */
const MESSAGES = 20;

/** What goes with all who see the same. */
export function audienceKey(who: Principal): string {
  return seesEverything(who) ? "*" : `user ${who.user}`;
}

/** Seconds over which the beats a second are told: a figure that jumps cannot be read. */
const RATE_OVER = 10;

export class Audience {
  readonly who: Principal;
  readonly seesAll: boolean;
  /** The snapshot that is being made or sent; null: none. */
  roll: Roll | null = null;
  /** The beginning of a snapshot, the flush after which it was made, and when. */
  head: { readonly text: string; readonly flush: number; readonly atMs: number } | null = null;
  /** Hosts that they were told, with their states; null: all there are. */
  readonly known: Map<string, HostState | "paused"> | null;
  readonly #view: FeedView;
  #hosts: string[] = [];
  #gone: string[] = [];
  #beats = 0;
  /** Of the last seconds, one each. */
  #rates: readonly Rate[] = [];
  /** Null: to be counted anew. */
  #counts: AlertCounts | null = null;
  #summary = "";

  constructor(view: FeedView, who: Principal) {
    this.#view = view;
    this.who = who;
    this.seesAll = seesEverything(who);
    this.known = this.seesAll ? null : new Map();
  }

  /** A host has changed; `text` is what those need who know it already. */
  host(host: HostSnapshot, text: string, { whole }: HostText, beats: number): void {
    const { name, state } = host;
    if (this.known !== null) {
      if (!this.#view.access().maySee(this.who, name)) return this.gone(name);
      this.#beats += beats;
      if (!this.known.has(name)) {
        text = whole;
        this.#counts = null;
      }
      this.known.set(name, state);
    }
    this.roll?.add(name);
    this.#hosts.push(text);
  }

  /** A host is not there any more, or not for them. */
  gone(name: string): void {
    if (this.known !== null && !this.known.delete(name)) return;
    this.#gone.push(name);
    this.#counts = null;
  }

  /** Hands out what they are to be told of hosts, messages and alerts: a text for each kind. */
  takeTexts({ messages, skipped }: ChangedMessages, alerts: readonly AlertRecord[]): string[] {
    const texts: string[] = [];
    if (this.#hosts.length > 0 || this.#gone.length > 0) {
      texts.push(
        `{"type":"host","time":${this.#view.nowMs() / 1000},"hosts":[${this.#hosts.join(",")}],` +
          `"gone":${JSON.stringify(this.#gone)}}`,
      );
      this.#hosts = [];
      this.#gone = [];
    }
    const seen = this.visible(messages);
    if (seen.length > 0) {
      // How many there are of others is nothing that they may know.
      const before = Math.max(0, seen.length - MESSAGES) + (this.seesAll ? skipped : 0);
      texts.push(
        `{"type":"message","messages":[${messageTexts(seen.slice(-MESSAGES))}],` +
          `"skipped":${before}}`,
      );
    }
    const changed = alerts.flatMap((alert) => alertFor(this.#view, this.who, alert) ?? []);
    if (changed.length > 0) {
      this.#counts = null;
      texts.push(`{"type":"alert","alerts":[${alertTexts(this.#view, changed)}]}`);
    }
    return texts;
  }

  /** Those of `messages` that are of hosts which they may see. */
  visible(messages: readonly ReceivedMessage[]): readonly ReceivedMessage[] {
    if (this.seesAll) return messages;
    const access = this.#view.access();
    return messages.filter(({ seq, message: { host } }) =>
      access.maySee(this.who, host) && seq > this.#view.madeAfter(host)
    );
  }

  /** The summary as JSON, with the beats a second of late. */
  summary(): string {
    this.#counts ??= alertCounts(this.#view, this.who);
    return summaryText(this.#view, this.known, this.#counts, sumOf(this.#rates));
  }

  /** The same for a snapshot: where it is not what the others were told last, they get the next. */
  summaryOfNow(): string {
    const text = this.summary();
    if (text !== this.#summary) this.#summary = "";
    return text;
  }

  /** A second is over, with so many beats of all hosts: the summary when it is another one. */
  newSummary(rate: Rate): string | null {
    const latest = this.seesAll ? rate : { beats: this.#beats, seconds: rate.seconds };
    this.#rates = [...this.#rates, latest].slice(-RATE_OVER);
    this.#beats = 0;
    const text = this.summary();
    if (text === this.#summary) return null;
    this.#summary = text;
    return `{"type":"summary","summary":${text}}`;
  }
}

/** Null: nobody has counted yet. */
function sumOf(rates: readonly Rate[]): Rate | null {
  if (rates.length === 0) return null;
  return {
    beats: rates.reduce((sum, { beats }) => sum + beats, 0),
    seconds: Math.max(1, rates.reduce((sum, { seconds }) => sum + seconds, 0)),
  };
}

/** Messages as JSON, joined by commas; of the payload the beginning, as text. */
export function messageTexts(messages: readonly ReceivedMessage[]): string {
  return messages.map((message) => {
    const { time: _, msg, ...json } = messageJson(pastMessage(message));
    return JSON.stringify({ ...json, message: msg });
  }).join(",");
}

/** Alerts as JSON, joined by commas. */
export function alertTexts(view: FeedView, alerts: readonly AlertRecord[]): string {
  return alerts.map((alert) => {
    const isPaused = (view.host(alert.host)?.pausedUntilMs ?? null) !== null;
    return JSON.stringify(alertJson(alert, isPaused));
  }).join(",");
}
