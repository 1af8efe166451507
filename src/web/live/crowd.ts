/** The dashboards that are connected, and the audiences that they make up. */

import { NOBODY, type Principal } from "../../access/principal.ts";
import { Audience, audienceKey } from "./audience.ts";
import { type Link, LiveClient } from "./client.ts";
import type { FeedView } from "./feed_view.ts";

/** Why a connection was closed; see docs/API.md. */
export const CLOSED = { stopping: 1001, loggedOut: 4401, tooSlow: 4408 } as const;

export class Crowd {
  readonly #view: FeedView;
  readonly #clients = new Set<LiveClient>();
  readonly #audiences = new Map<string, Audience>();

  constructor(view: FeedView) {
    this.#view = view;
  }

  get size(): number {
    return this.#clients.size;
  }

  get clients(): ReadonlySet<LiveClient> {
    return this.#clients;
  }

  audiences(): readonly Audience[] {
    return [...this.#audiences.values()];
  }

  add(link: Link, nowMs: number): LiveClient {
    const client = new LiveClient(link, this.#audienceOf(link.who() ?? NOBODY), nowMs);
    this.#clients.add(client);
    return client;
  }

  /** Returns false when it was not there any more. */
  remove(client: LiveClient): boolean {
    if (!this.#clients.delete(client)) return false;
    const { audience } = client;
    const key = audienceKey(audience.who);
    const isLast = ![...this.#clients].some((other) => other.audience === audience);
    if (isLast && this.#audiences.get(key) === audience) this.#audiences.delete(key);
    return true;
  }

  /**
   * Looks who is behind a connection now; somebody else gets a new snapshot. Returns false when it
   * is nobody any more.
   */
  identify(client: LiveClient): boolean {
    const who = client.link.who();
    if (who === null || who.reach === "nothing") return false;
    const audience = this.#audienceOf(who);
    if (audience !== client.audience) client.startAgain(audience);
    return true;
  }

  /** All audiences are made anew, so that whoever is identified next gets a new snapshot. */
  forgetAudiences(): void {
    this.#audiences.clear();
  }

  /** Lets go of the snapshots that nobody is being sent any more. */
  dropRolls(): void {
    const used = new Set([...this.#clients].map(({ roll }) => roll));
    for (const audience of this.#audiences.values()) {
      if (!used.has(audience.roll)) audience.roll = null;
    }
  }

  #audienceOf(who: Principal): Audience {
    const key = audienceKey(who);
    let audience = this.#audiences.get(key);
    if (audience === undefined) this.#audiences.set(key, audience = new Audience(this.#view, who));
    return audience;
  }
}
