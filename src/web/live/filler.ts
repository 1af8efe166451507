/** Sends snapshots, a piece at a time: to each client in turn, as long as it takes them. */

import type { Audience } from "./audience.ts";
import type { Changes } from "./changes.ts";
import type { LiveClient } from "./client.ts";
import type { FeedView } from "./feed_view.ts";
import { headText, type ServerFacts } from "./head.ts";
import { type Piece, Roll } from "./roll.ts";
import type { Shown } from "./shown.ts";
import type { SlicedWork } from "./timing.ts";

/** Characters of a piece. */
const PIECE_CHARS = 1 << 18;

/** The beginning of a snapshot is for all who come within this time: it tells what time it is. */
const HEAD_MS = 250;

export class Filler {
  readonly #view: FeedView;
  readonly #server: ServerFacts;
  readonly #shown: Shown;
  readonly #changes: Changes;

  constructor(view: FeedView, server: ServerFacts, shown: Shown, changes: Changes) {
    this.#view = view;
    this.#server = server;
    this.#shown = shown;
    this.#changes = changes;
  }

  /** Goes on with the snapshots after flush `flush`. Returns false when there is nothing to do now. */
  fill(clients: Iterable<LiveClient>, flush: number, work: SlicedWork): boolean {
    let isMore = false;
    for (const client of clients) {
      if (!client.isUnfilled || !client.hasRoom) continue;
      if (work.isLong()) return true;
      this.#fillOne(client, flush, work);
      isMore ||= client.isUnfilled;
    }
    return isMore;
  }

  #fillOne(client: LiveClient, flush: number, work: SlicedWork): void {
    const { audience } = client;
    const roll = client.roll ??= this.#rollFor(audience);
    if (!roll.isReady) {
      roll.makeMore(() => work.isLong());
      return;
    }
    const isFirst = client.stage !== "filling";
    const first = isFirst ? 0 : client.next;
    const piece = roll.piece(first, flush, (at) => this.#piece(audience, roll, at));
    const isLast = piece.next >= roll.names.length;
    if (isFirst) {
      const head = this.#headOf(audience, flush);
      client.send(`${head},"more":${!isLast},"hosts":[${piece.text}]}`);
    } else {
      client.send(
        `{"type":"host","time":${this.#view.nowMs() / 1000},"hosts":[${piece.text}],"gone":[],` +
          `"complete":${isLast}}`,
      );
    }
    client.next = piece.next;
    client.stage = isLast ? "following" : "filling";
    if (isLast) client.roll = null;
  }

  /** The list that others are being sent is right for who comes later, too: it is kept up to date. */
  #rollFor(audience: Audience): Roll {
    return audience.roll ??= new Roll(
      this.#view,
      audience.who,
      (name, state) => audience.known?.set(name, state),
    );
  }

  #headOf(audience: Audience, flush: number): string {
    const { head } = audience;
    const nowMs = this.#view.nowMs();
    const isFresh = head?.flush === flush && Math.abs(nowMs - head.atMs) < HEAD_MS;
    if (isFresh) return head.text;
    const before = this.#changes.firstMessage();
    const text = headText(this.#view, this.#server, audience, before);
    audience.head = { text, flush, atMs: nowMs };
    return text;
  }

  #piece(audience: Audience, roll: Roll, first: number): Piece {
    const access = this.#view.access();
    const texts: string[] = [];
    let next = first;
    for (let chars = 0; next < roll.names.length && chars < PIECE_CHARS; next++) {
      const name = roll.names[next] ?? "";
      const host = this.#view.host(name);
      if (host === null || !access.maySee(audience.who, name)) continue;
      const text = this.#shown.textOf(host);
      this.#shown.toldInSnapshot(host, text, this.#changes.hasHost(name));
      texts.push(text.whole);
      chars += text.whole.length;
    }
    return { text: texts.join(","), next };
  }
}
