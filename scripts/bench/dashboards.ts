/**
 * A crowd of dashboards for `live_dashboards`, in a process of its own: each has a WebSocket of its
 * own, reads all that it is sent and takes it apart as a browser does.
 *
 * How long a beat took to get there is reckoned from `last_beat` of the hosts in each change up to
 * when that was read: the server's clock is that of the same machine. Pieces of a snapshot don't count.
 *
 *   deno run -A dashboards.ts PORT COUNT: prints `connected`, and at the end of its standard input
 *   one line of JSON.
 */

const [port = "", count = ""] = Deno.args;

/** Delays kept; of more, every so many-th. */
const KEPT = 200_000;

const delaysMs: number[] = [];
let seen = 0;
let messages = 0;
let chars = 0;
let snapshots = 0;
let closed = 0;
let isMeasured = false;

interface Push {
  readonly type: string;
  readonly more?: boolean;
  readonly complete?: boolean;
  readonly hosts?: readonly { readonly last_beat?: number | null }[];
}

function take(text: string): void {
  const push = JSON.parse(text) as Push;
  const isWhole = push.type === "hosts" ? push.more !== true : push.complete === true;
  if (isWhole) snapshots++;
  if (!isMeasured) return;
  messages++;
  chars += text.length;
  if (push.type !== "host" || push.complete !== undefined) return;
  const nowMs = Date.now();
  for (const { last_beat } of push.hosts ?? []) {
    if (typeof last_beat !== "number" || seen++ % Number(count) !== 0) continue;
    if (delaysMs.length < KEPT) delaysMs.push(nowMs - last_beat * 1000);
  }
}

const sockets = Array.from({ length: Number(count) }, () => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  socket.onmessage = ({ data }) => take(data);
  socket.onclose = () => closed++;
  return socket;
});

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

while (snapshots < sockets.length && closed === 0) {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
say("connected");
isMeasured = true;
const startMs = performance.now();
// Until the other side is done.
for await (const _ of Deno.stdin.readable);
const seconds = (performance.now() - startMs) / 1000;
isMeasured = false;
const lost = closed;
for (const socket of sockets) socket.close();
const sorted = delaysMs.sort((a, b) => a - b);
const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? null;
say(JSON.stringify({
  dashboards: sockets.length,
  closed: lost,
  snapshots,
  perSecond: messages / seconds / sockets.length,
  bytesPerSecond: chars / seconds / sockets.length,
  hosts: seen,
  delays: sorted.length,
  medianMs: at(0.5),
  p99Ms: at(0.99),
}));
Deno.exit(0);
