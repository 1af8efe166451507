/**
 * `live_dashboards`: 100 dashboards look at 10,000 hosts that beat 2,000 times a second for 20 s.
 *
 * The dashboards are WebSocket clients in two processes of their own, which read and take apart all
 * that they are sent; the beats are HTTP requests of a third. First the same beats go in without a
 * dashboard: the difference in CPU time is what the dashboards cost. The figure is the number of beats
 * that were not answered or not counted; it must be 0.
 *
 * The delay is from the beat's arrival (`last_beat`) to the dashboard that has read it. It has the
 * wait for the next flush in it, 125 ms in the mean.
 */

import { join } from "@std/path";
import { type Bench, BENCH_DIR, BenchError, cpuSeconds, type Figure, health } from "./harness.ts";
import { sleep, whole } from "./harness.ts";

const HOSTS = 10_000;
const DASHBOARDS = 100;
const CROWDS = 2;
const PER_SECOND = 2000;
const SECONDS = 20;
/** Counting goes on this long after the last answer. */
const COUNT_LIMIT_MS = 5000;
/** Share of the rate wanted that the sender must reach. */
const RATE_REACHED = 0.95;

interface Sent {
  readonly sent: number;
  readonly answered: number;
  readonly seconds: number;
  /** Share of one core that the server used. */
  readonly cpu: number;
}

interface Crowd {
  readonly closed: number;
  readonly snapshots: number;
  readonly perSecond: number;
  readonly bytesPerSecond: number;
  readonly delays: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** The load can be made smaller to see that all works. */
export async function liveDashboards(bench: Bench, seconds = SECONDS): Promise<Figure> {
  const hbd = await bench.hbd({ stateDir: await bench.tempDir() });
  return await measure(bench, hbd, seconds);
}

/** Measures a server that is running. */
export async function measure(
  bench: Bench,
  { port, pid }: { readonly port: number; readonly pid: number },
  seconds: number,
): Promise<Figure> {
  bench.progress(`live_dashboards: ${whole(HOSTS)} hosts`);
  const first = await send(bench, port, pid, HOSTS / (2 * PER_SECOND), 2 * PER_SECOND);
  bench.progress("live_dashboards: beats without a dashboard");
  const alone = await send(bench, port, pid, seconds, PER_SECOND);
  bench.progress(`live_dashboards: beats with ${DASHBOARDS} dashboards`);
  const crowds = await Promise.all(
    Array.from({ length: CROWDS }, () => Watchers.start(port, DASHBOARDS / CROWDS)),
  );
  let watched: Sent;
  let seen: Crowd[];
  try {
    watched = await send(bench, port, pid, seconds, PER_SECOND);
    seen = await Promise.all(crowds.map((crowd) => crowd.finish()));
  } finally {
    await Promise.all(crowds.map((crowd) => crowd.stop()));
  }
  const runs = [first, alone, watched];
  const sent = runs.reduce((sum, run) => sum + run.sent, 0);
  const answered = runs.reduce((sum, run) => sum + run.answered, 0);
  const limitMs = Date.now() + COUNT_LIMIT_MS;
  while ((await health(port)).total < answered && Date.now() < limitMs) await sleep(50);
  const { total, hosts } = await health(port);
  return figure({ sent, answered, total, hosts, alone, watched, seen });
}

function figure(
  { sent, answered, total, hosts, alone, watched, seen }: {
    readonly sent: number;
    readonly answered: number;
    readonly total: number;
    readonly hosts: number;
    readonly alone: Sent;
    readonly watched: Sent;
    readonly seen: readonly Crowd[];
  },
): Figure {
  const lost = sent - Math.min(answered, total);
  const closed = seen.reduce((sum, crowd) => sum + crowd.closed, 0);
  const snapshots = seen.reduce((sum, crowd) => sum + crowd.snapshots, 0);
  const rate = watched.sent / watched.seconds;
  const mean = (of: (crowd: Crowd) => number) =>
    seen.reduce((sum, crowd) => sum + of(crowd), 0) / seen.length;
  const faults = [
    ...(rate >= PER_SECOND * RATE_REACHED ? [] : [`the sender reached ${whole(rate)}/s only`]),
    ...(hosts === HOSTS ? [] : [`${hosts} hosts instead of ${HOSTS}`]),
    ...(total <= answered ? [] : [`${total} beats counted of ${answered} answered`]),
    ...(closed === 0 ? [] : [`${closed} dashboards were closed`]),
    ...(snapshots === DASHBOARDS ? [] : [
      `${snapshots} snapshots for ${DASHBOARDS} dashboards: some fell behind`,
    ]),
    ...(seen.every(({ delays }) => delays > 0) ? [] : ["no beat reached a dashboard"]),
  ];
  return {
    name: "live_dashboards",
    measured: `${lost} lost`,
    wanted: "0 lost",
    ok: lost === 0 && faults.length === 0,
    notes: [
      `${whole(sent)} beats sent, ${whole(answered)} answered, ${whole(total)} counted; with ` +
      `dashboards ${whole(rate)}/s of ${whole(hosts)} hosts`,
      `each of ${DASHBOARDS} dashboards got ${
        mean((one) => one.perSecond).toFixed(1)
      } messages/s ` +
      `with ${whole(mean((one) => one.bytesPerSecond) / 1000)} KB/s`,
      `from the beat to the dashboard: median ${whole(mean((one) => one.medianMs))} ms, p99 ${
        whole(Math.max(...seen.map((one) => one.p99Ms)))
      } ms`,
      `the server used ${watched.cpu.toFixed(2)} of a core with the dashboards, ${
        alone.cpu.toFixed(2)
      } without`,
      ...faults.map((fault) => `DOES NOT COUNT: ${fault}`),
    ],
  };
}

/** Sends beats for some seconds and looks what CPU time that took the server. */
async function send(
  bench: Bench,
  port: number,
  pid: number,
  seconds: number,
  perSecond: number,
): Promise<Sent> {
  const script = join(BENCH_DIR, "steady_beats.ts");
  const before = cpuSeconds(pid) ?? 0;
  const args = [port, HOSTS, perSecond, seconds].map(String);
  const said = JSON.parse(await bench.run("deno", ["run", "-A", script, ...args]));
  return { ...said, cpu: ((cpuSeconds(pid) ?? 0) - before) / said.seconds };
}

/** A process with dashboards. */
class Watchers {
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#lines = linesOf(child.stdout);
  }

  /** Settles when all of them have their snapshot. */
  static async start(port: number, count: number): Promise<Watchers> {
    const script = join(BENCH_DIR, "dashboards.ts");
    const child = new Deno.Command("deno", {
      args: ["run", "-A", script, String(port), String(count)],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const watchers = new Watchers(child);
    if (await watchers.#line() !== "connected") throw new BenchError("No dashboard could connect");
    return watchers;
  }

  /** Ends the measurement. */
  async finish(): Promise<Crowd> {
    await this.#child.stdin.close();
    const text = await this.#line();
    if (text === null) throw new BenchError("The dashboards have ended too early");
    return JSON.parse(text);
  }

  async stop(): Promise<void> {
    try {
      this.#child.kill();
    } catch {
      // It has ended.
    }
    await this.#child.status;
  }

  async #line(): Promise<string | null> {
    const { done, value } = await this.#lines.next();
    return done ? null : value;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text += part;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      yield text.slice(0, end);
      text = text.slice(end + 1);
    }
  }
}
