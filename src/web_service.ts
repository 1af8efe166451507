/**
 * What the server answers over HTTP and WebSocket: the view of its parts, the live updates, the
 * pages and the API over it. Begins with the first request after the state is there.
 */

import type { Principal } from "./access/principal.ts";
import type { BeatDoor } from "./doors/beat.ts";
import type { DialectDesk } from "./doors/dialect_desk.ts";
import type { Answer } from "./listeners/listener.ts";
import { createView, type Parts } from "./view.ts";
import { createApp } from "./web/app.ts";
import { Assets } from "./web/assets.ts";
import { identify } from "./web/identify.ts";
import { LiveFeed } from "./web/live/feed.ts";
import { LiveSockets, wantsSocket } from "./web/live/socket.ts";
import { createPages } from "./web/pages/mod.ts";

/** Who looks at the terminal of the server itself. */
const LOOKER: Principal = {
  user: null,
  via: "anonymous",
  reach: "everything",
  most: "monitor",
};

export interface WebParts extends Parts {
  readonly door: BeatDoor;
  readonly desk: DialectDesk;
  /** What the server is called on its pages. */
  readonly hostname: string;
}

export class WebService {
  /** The outlet that tells dashboards what happens. */
  readonly live: LiveFeed;
  /** Answers on the main port. */
  readonly answer: Answer;
  /** Answers on ports for WebSockets alone. */
  readonly answerSockets: Answer;
  readonly #sockets: LiveSockets;

  private constructor(parts: WebParts, assets: Assets) {
    const { door, desk, hostname, port, monitor, inForce } = parts;
    const view = createView(parts);
    this.live = new LiveFeed({ view, server: { name: hostname, seq: () => monitor.seq } });
    const sockets = this.#sockets = new LiveSockets({
      feed: this.live,
      who(headers, from) {
        const who = identify(view, headers, from);
        return who === "bad credentials" ? null : who;
      },
      pagePort: port,
      trustedProxies: () => inForce.config.web.trustedProxies,
    });
    const app = createApp(door, view, { pages: createPages(view, assets), desk });
    this.answer = (request, sender) =>
      request.method === "GET" && wantsSocket(request)
        ? sockets.upgrade(request, sender)
        : app(request, sender);
    this.answerSockets = (request, sender) => sockets.upgrade(request, sender);
  }

  /** Reads the files of the web app, and puts everything together. */
  static async open(parts: WebParts): Promise<WebService> {
    return new WebService(parts, await Assets.load());
  }

  /** Tells dashboards of what was changed: of these hosts, or of who may see what (null). */
  changed(hosts: readonly string[] | null): void {
    if (hosts === null) this.live.accessChanged();
    for (const host of hosts ?? []) this.live.hostChanged(host);
  }

  /** Tells `send` what a dashboard that sees everything is told. Returns what ends that. */
  watch(send: (json: string) => void): () => void {
    return this.live.subscribe({
      bufferedAmount: 0,
      send,
      close() {},
      who: () => LOOKER,
    });
  }

  /** Closes all WebSockets. */
  async stop(): Promise<void> {
    this.#sockets.stop();
    await this.live.stop();
  }
}
