/**
 * `screen`: what the terminal screen costs, and whether it stays live.
 *
 * The server runs in a window of tmux (120 × 40). First it is idle: ten hosts beat every ten seconds.
 * The figure is its CPU time (user and system, from /proc/PID/stat) as a share of a core: all of the
 * server is in it, not the screen alone. The same without a screen is told beside.
 *
 * Then 30,000 datagrams a second from 10,000 hosts come in, and a few times a new host with the first
 * name of all beats: how long it takes until it is seen in the window is how live the screen is. In
 * it are the turn of that host among all that have beaten (some 2,000 are told at once, four times a
 * second), and the second for which the order of very many hosts stays.
 */

import { join } from "@std/path";
import { type Bench, BENCH_DIR, BenchError, cpuSeconds, type Figure, health } from "./harness.ts";
import { median, sleep, whole } from "./harness.ts";
import { compileSender, UdpSender } from "./udp_sender.ts";

const ROOT = join(BENCH_DIR, "..", "..");

/** A free port, and an interval that no host goes over: the worst would be in the window alone. */
const PLACE = ["0", "60"];

const COLUMNS = 120;
const ROWS = 40;

const IDLE_HOSTS = 10;
const IDLE_EVERY_MS = 10_000;
const IDLE_S = 30;
const IDLE_LIMIT = 0.02;

const PER_SECOND = 30_000;
const HOSTS = 10_000;
const BUSY_S = 30;
/** The load has come up by then. */
const WARM_MS = 5000;
const MARKS = 6;
const SEEN_LIMIT_MS = 3000;
/** What is not seen by then never will be. */
const LOST_MS = 10_000;
const LOOK_MS = 20;

const START_LIMIT_MS = 30_000;

/** A server in a window. */
interface Shown {
  readonly pid: number;
  readonly port: number;
  readonly udpPort: number;
  /** A file that gets all that is written to the window: to look at it costs no process. */
  readonly written: string;
}

/** The load can be made smaller to see that all works. */
export async function screen(
  bench: Bench,
  { idleS = IDLE_S, busyS = BUSY_S }: { readonly idleS?: number; readonly busyS?: number } = {},
): Promise<Figure> {
  bench.progress("screen: idle without one");
  const plain = await bench.hbd({ stateDir: await bench.tempDir(), args: PLACE });
  const without = await idleShare(plain, idleS);
  const sender = new UdpSender(bench, await compileSender(bench));
  bench.progress("screen: beats without one");
  const alone = await underLoad(sender, plain, busyS, () => sleep(WARM_MS));
  await plain.stop();

  const shown = await inWindow(bench);
  bench.progress("screen: idle");
  const idle = await idleShare(shown, idleS);
  bench.progress(`screen: ${whole(PER_SECOND)} beats/s`);
  const seenMs: number[] = [];
  const busy = await underLoad(sender, shown, busyS, async () => {
    await sleep(WARM_MS);
    // Each is before all that were there.
    for (let n = MARKS; n > 0; n--) seenMs.push(await seenAfter(shown, `!${n}-first`));
  });
  const worstMs = Math.max(...seenMs);
  return {
    name: "screen",
    measured: `${percent(idle)} of a core idle, seen after ${worstMs.toFixed(0)} ms`,
    wanted: `≤ ${percent(IDLE_LIMIT)}, ≤ ${SEEN_LIMIT_MS} ms`,
    ok: idle <= IDLE_LIMIT && worstMs <= SEEN_LIMIT_MS,
    notes: [
      `idle without a screen ${percent(without)} of a core`,
      `at ${whole(busy.perSecond)} beats/s ${percent(busy.share)} of a core (without a screen at ` +
      `${whole(alone.perSecond)}/s ${percent(alone.share)}), dropped by the kernel ` +
      `${whole(busy.dropped)} of ${whole(busy.sent)} (without ${whole(alone.dropped)} of ` +
      `${whole(alone.sent)})`,
      `a new host was seen after ${
        median(seenMs).toFixed(0)
      } ms (median of ${seenMs.length}), the ` +
      `slowest after ${worstMs.toFixed(0)} ms`,
    ],
  };
}

/** Share of a core while a few hosts beat. */
async function idleShare(
  { pid, port }: Pick<Shown, "pid" | "port">,
  seconds: number,
): Promise<number> {
  const beats = async () => {
    for (let n = 0; n < IDLE_HOSTS; n++) await beat(port, `idle-${n}`);
  };
  await beats();
  // What a start leaves to be done is no idling.
  await sleep(3000);
  const every = setInterval(() => void beats(), IDLE_EVERY_MS);
  try {
    const share = shareOf(pid);
    await sleep(seconds * 1000);
    return share();
  } finally {
    clearInterval(every);
  }
}

/** Sends the load and does `meanwhile`; the share is that of the time from the start to the end. */
async function underLoad(
  sender: UdpSender,
  { pid, port, udpPort }: Pick<Shown, "pid" | "port" | "udpPort">,
  seconds: number,
  meanwhile: () => Promise<void>,
): Promise<
  {
    readonly share: number;
    readonly perSecond: number;
    readonly sent: number;
    readonly dropped: number;
  }
> {
  const share = shareOf(pid);
  const sending = sender.send({
    port: udpPort,
    perSecond: PER_SECOND,
    count: PER_SECOND * seconds,
    hosts: HOSTS,
  });
  const [sent] = await Promise.all([sending, meanwhile()]);
  const { udp } = await health(port);
  return {
    share: share(),
    perSecond: sent.count / sent.seconds,
    sent: sent.count,
    dropped: (udp?.kernel_drops ?? 0) + (udp?.overload_drops ?? 0),
  };
}

/** Begins to count; what it returns tells the share of a core since then. */
function shareOf(pid: number): () => number {
  const startMs = performance.now();
  const start = cpuSeconds(pid) ?? 0;
  return () => {
    const now = cpuSeconds(pid);
    if (now === null) throw new BenchError("The server has ended");
    return (now - start) / ((performance.now() - startMs) / 1000);
  };
}

/** Milliseconds from the answer to the first beat of `host` until it is seen. */
async function seenAfter({ port, written }: Shown, host: string): Promise<number> {
  using file = await Deno.open(written);
  await file.seek(0, Deno.SeekMode.End);
  const reader = new TextDecoder();
  const bytes = new Uint8Array(1 << 16);
  await beat(port, host);
  const sentMs = performance.now();
  let text = "";
  while (performance.now() - sentMs < LOST_MS) {
    const read = await file.read(bytes);
    if (read === null) await sleep(LOOK_MS);
    else text = text.slice(-100) + reader.decode(bytes.subarray(0, read), { stream: true });
    if (text.includes(host)) return performance.now() - sentMs;
  }
  throw new BenchError(`${host} is not seen after ${LOST_MS} ms`);
}

async function beat(port: number, name: string): Promise<void> {
  const body = JSON.stringify({ name, interval: 60 });
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });
  await response.body?.cancel();
}

/** Starts hbd in a window of tmux. */
async function inWindow(bench: Bench): Promise<Shown> {
  const dir = await bench.tempDir();
  const socket = join(dir, "socket");
  const stateDir = join(dir, "state");
  const tmux = (...args: readonly string[]) => bench.run("tmux", ["-u", "-S", socket, ...args]);
  const command = ["deno", "run", "-A", join(ROOT, "main.ts"), ...PLACE];
  const options = ["--udp-port", "0", "--bind", "127.0.0.1", "--state-dir", stateDir];
  try {
    await tmux(
      ...["-f", "/dev/null", "new-session", "-d", "-x", `${COLUMNS}`, "-y", `${ROWS}`],
      ...[...command, ...options],
    );
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new BenchError("tmux is not installed. Debian and Ubuntu: apt-get install tmux");
  }
  // Its window is gone with it, which ends the server.
  bench.defer(async () => {
    await new Deno.Command("tmux", { args: ["-S", socket, "kill-server"], stderr: "null" })
      .output();
  });
  const text = () => tmux("capture-pane", "-p");
  const endMs = performance.now() + START_LIMIT_MS;
  while (performance.now() < endMs) {
    const [, port] = /Heartbeat Monitor.*:(\d+)/.exec(await text()) ?? [];
    const [, udpPort] = /UDP port +(\d+)/.exec(await text()) ?? [];
    if (port !== undefined && udpPort !== undefined) {
      const pid = Number(await Deno.readTextFile(join(stateDir, "hbd.lock")));
      const written = join(dir, "written");
      await Deno.writeTextFile(written, "");
      await tmux("pipe-pane", `cat >> ${written}`);
      return { pid, port: Number(port), udpPort: Number(udpPort), written };
    }
    await sleep(LOOK_MS);
  }
  throw new BenchError(`The screen does not come:\n${await text()}`);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
