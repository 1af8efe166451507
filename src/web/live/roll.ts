/**
 * The hosts of a snapshot, for all who see the same and came at the same time: first those that are
 * down or in alert, so that what matters is there at once.
 *
 * The texts of a piece are shared until the next flush. After that they may be older than what a
 * client was told already, and are made anew.
 */

import { type Principal, seesEverything } from "../../access/principal.ts";
import { isOfHost } from "../../monitor/alerts/record.ts";
import type { HostState } from "../../monitor/host_table.ts";
import { walkHosts } from "../visible.ts";
import type { FeedView } from "./feed_view.ts";

/** Hosts of a snapshot at most. */
export const ROLL_LIMIT = 20_000;

/** A part of a snapshot: texts of hosts joined by commas, and the place of the host after them. */
export interface Piece {
  readonly text: string;
  readonly next: number;
}

export class Roll {
  isReady = false;
  readonly names: string[] = [];
  readonly #listed = new Set<string>();
  readonly #making: Iterator<void>;
  readonly #pieces = new Map<number, Piece>();
  #piecesFlush = -1;

  /** `found` is told of every host that `who` may see. */
  constructor(
    view: FeedView,
    who: Principal,
    found: (name: string, state: HostState | "paused") => void,
  ) {
    this.#making = this.#make(view, who, found);
  }

  /** Goes on with the list until it is ready or `isEnough` says so. */
  makeMore(isEnough: () => boolean): void {
    while (!this.isReady && !isEnough()) this.isReady = this.#making.next().done === true;
  }

  /** A host that has changed meanwhile: it may be a new one. */
  add(name: string): void {
    if (this.#listed.has(name)) return;
    this.#listed.add(name);
    this.names.push(name);
  }

  /** The piece that begins at place `first`, by what `make` gives where it is not there yet. */
  piece(first: number, flush: number, make: (first: number) => Piece): Piece {
    if (this.#piecesFlush !== flush) {
      this.#pieces.clear();
      this.#piecesFlush = flush;
    }
    let piece = this.#pieces.get(first);
    if (piece === undefined) this.#pieces.set(first, piece = make(first));
    return piece;
  }

  /** Lists the hosts, with a stop at each one. */
  *#make(
    view: FeedView,
    who: Principal,
    found: (name: string, state: HostState | "paused") => void,
  ): Generator<void> {
    const seesAll = seesEverything(who);
    const access = view.access();
    if (seesAll) { for (const { name } of view.downHosts(ROLL_LIMIT)) this.add(name); }
    for (const alert of view.alerts()?.active() ?? []) {
      if (this.names.length >= ROLL_LIMIT) break;
      yield;
      if (isOfHost(alert) && access.maySee(who, alert.host)) this.add(alert.host);
    }
    const rest: string[] = [];
    for (const one of walkHosts(view, who, null) ?? []) {
      yield;
      if (one === null) continue;
      const { host } = one;
      found(host.name, host.state);
      const isRoom = this.names.length + rest.length < ROLL_LIMIT;
      if (seesAll && !isRoom) break;
      if (isRoom && host.state === "down") this.add(host.name);
      else if (isRoom && !this.#listed.has(host.name)) rest.push(host.name);
    }
    for (const name of rest) this.add(name);
  }
}
