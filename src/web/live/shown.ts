/**
 * What dashboards were told of each host, as far as it must be known to tell them the rest: so that
 * a beat costs a short text, and what changed besides it a long one.
 */

import type { HostSnapshot } from "../../monitor/snapshot.ts";
import type { FeedView } from "./feed_view.ts";
import { type HostText, hostText } from "./host_text.ts";
import { ROLL_LIMIT } from "./roll.ts";

/** Hosts remembered. */
const SHOWN = 200_000;

/** Hosts looked at again each second: so many, or all of them within a minute. */
const LOOKS = 200;
const ROUND_S = 60;

/** What no host has. */
const NO_MARK = -1;

interface Told {
  mark: number;
  deadlineMs: number | null;
}

export class Shown {
  readonly #view: FeedView;
  readonly #told = new Map<string, Told>();
  #round: Iterator<[string, Told]> | null = null;

  constructor(view: FeedView) {
    this.#view = view;
  }

  /** True when there are more hosts than a snapshot holds: beats of the others are not told. */
  isCrowded(): boolean {
    return this.#view.totals().hosts > ROLL_LIMIT;
  }

  has(name: string): boolean {
    return this.#told.has(name);
  }

  textOf(host: HostSnapshot): HostText {
    return hostText(this.#view, host);
  }

  /** True when the host must be told wholly. */
  isNews(name: string, { mark }: HostText): boolean {
    return this.#told.get(name)?.mark !== mark;
  }

  /** Everybody is told of the host in this form. */
  told({ name, deadlineMs }: HostSnapshot, { mark }: HostText): void {
    const told = this.#told.get(name);
    if (told !== undefined) {
      told.mark = mark;
      told.deadlineMs = deadlineMs;
    } else if (this.#told.size < SHOWN) this.#told.set(name, { mark, deadlineMs });
  }

  /**
   * Somebody is, and the others know what they were told before: where that is something else, all
   * are told wholly next, though by then it may be again as they know it. A host that `isWaiting`
   * for a flush may be a new one, and is told wholly then.
   */
  toldInSnapshot(host: HostSnapshot, text: HostText, isWaiting: boolean): void {
    const told = this.#told.get(host.name);
    if (told === undefined) this.told(host, isWaiting ? { ...text, mark: NO_MARK } : text);
    else if (told.mark !== text.mark) told.mark = NO_MARK;
  }

  forget(name: string): void {
    this.#told.delete(name);
  }

  clear(): void {
    this.#told.clear();
    this.#round = null;
  }

  /** Looks at the next hosts again: those that changed without a word. To be asked each second. */
  changedMeanwhile(): readonly string[] {
    const names: string[] = [];
    const looks = Math.max(LOOKS, Math.ceil(this.#told.size / ROUND_S));
    for (let n = Math.min(looks, this.#told.size); n > 0; n--) {
      const next = this.#next();
      if (next === null) break;
      const [name, told] = next;
      const host = this.#view.host(name);
      if (
        host === null || host.deadlineMs !== told.deadlineMs || this.isNews(name, this.textOf(host))
      ) names.push(name);
    }
    return names;
  }

  #next(): [string, Told] | null {
    const found = this.#round?.next();
    if (found !== undefined && found.done !== true) return found.value;
    this.#round = this.#told.entries();
    const first = this.#round.next();
    return first.done === true ? null : first.value;
  }
}
