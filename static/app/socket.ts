/**
 * The connection that keeps the hosts up to date. It comes back by itself: soon at first, then ever
 * more slowly, at once when the page is looked at again or the network is back. What is shown in
 * the meantime is old, and says so.
 */

import { signal } from "@preact/signals";
import { toLogin } from "./api.ts";
import { serverNowMs } from "./clock.ts";
import { take } from "./hosts.ts";
import type { Push } from "./types.ts";

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;

/** A connection that says nothing for so long is asked, and given up when it does not answer. */
const QUIET_MS = 20_000;
const ANSWER_MS = 8000;

/** The session has ended: see docs/API.md. */
const LOGGED_OUT = 4401;

/** Whether what is shown is up to date; `sinceS`: the server's time up to which it is. */
export const connection = signal<
  { readonly kind: "connecting" } | { readonly kind: "open" } | {
    readonly kind: "lost";
    readonly sinceS: number;
  }
>({ kind: "connecting" });

let socket: WebSocket | null = null;
let retryMs = FIRST_RETRY_MS;
let retry: ReturnType<typeof setTimeout> | null = null;
let watch: ReturnType<typeof setTimeout> | null = null;
let lastHeardMs = 0;

/** Connects, and stays connected. */
export function startSocket(): void {
  // What the page came with is as old as the page.
  lastHeardMs = serverNowMs();
  addEventListener("online", () => connectNow());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") connectNow();
  });
  connect();
}

function connectNow(): void {
  if (retry === null) return;
  clearTimeout(retry);
  retry = null;
  retryMs = FIRST_RETRY_MS;
  connect();
}

function connect(): void {
  const url = new URL("/ws", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const mine = socket = new WebSocket(url);
  mine.onmessage = ({ data }) => {
    if (mine !== socket || typeof data !== "string") return;
    lastHeardMs = serverNowMs();
    expectMore(mine);
    const push = JSON.parse(data) as Push;
    take(push);
    if (push.type !== "hosts") return;
    retryMs = FIRST_RETRY_MS;
    connection.value = { kind: "open" };
  };
  mine.onclose = ({ code }) => {
    if (mine !== socket) return;
    if (watch !== null) clearTimeout(watch);
    if (code === LOGGED_OUT) return toLogin();
    lost();
  };
}

function lost(): void {
  socket = null;
  if (connection.peek().kind !== "lost") {
    connection.value = { kind: "lost", sinceS: lastHeardMs / 1000 };
  }
  // A little chance keeps a hundred dashboards from coming back in the same moment.
  const delayMs = retryMs * (0.75 + Math.random() / 2);
  retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
  retry = setTimeout(() => {
    retry = null;
    connect();
  }, delayMs);
}

/** A network that was unplugged does not close a connection: only asking tells. */
function expectMore(mine: WebSocket): void {
  if (watch !== null) clearTimeout(watch);
  watch = setTimeout(() => {
    if (mine.readyState !== WebSocket.OPEN) return;
    mine.send('{"type":"ping"}');
    watch = setTimeout(() => {
      mine.onclose = null;
      mine.close();
      lost();
    }, ANSWER_MS);
  }, QUIET_MS);
}
