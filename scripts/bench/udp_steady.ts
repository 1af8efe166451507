/**
 * `udp_steady`: datagrams lost of 3,000,000 that 1,000,000 hosts send at a steady 33,000/s.
 *
 * hbd is the real program with its defaults but for ACKs (`udp_acks` has those) in an entry that lets
 * the main thread stand still ten times for 100 ms meanwhile (`stalled_server.ts`; hbd itself knows
 * nothing of it). The API is polled as a dashboard would: `/healthz` and `/api/0/messages`, each every
 * 250 ms. Every host sends three beats, 30 s apart; the first million makes the hosts.
 *
 * Lost is what was sent less what hbd has counted; the kernel's count of what the socket's buffer had
 * no room for is shown beside it. The journal must hold a line for each that was counted.
 */

import { join } from "@std/path";
import { type Bench, BenchError, type Figure, health, median, sleep, whole } from "./harness.ts";
import { journalLines } from "./journal_lines.ts";
import { compileSender, UdpSender } from "./udp_sender.ts";

const HOSTS = 1_000_000;
const DATAGRAMS = 3_000_000;
const PER_SECOND = 33_000;
const STALLS = 10;
const STALL_MS = 100;
const POLL_MS = 250;
const POLLED = ["/healthz", "/api/0/messages"];
/** Counting goes on this long after the last datagram. */
const COUNT_LIMIT_MS = 10_000;
/** Share of the rate wanted that the sender must reach. */
const RATE_REACHED = 0.99;

/** The load can be made smaller to see that all works. */
export async function udpSteady(
  bench: Bench,
  datagrams = DATAGRAMS,
  hosts = HOSTS,
): Promise<Figure> {
  const sender = new UdpSender(bench, await compileSender(bench));
  const stateDir = await bench.tempDir();
  const scratch = await bench.tempDir();
  const stallsPath = join(scratch, "stalls.json");
  const configPath = join(scratch, "hbd.yaml");
  Deno.writeTextFileSync(configPath, "udp_ack: false\njournal_max_backups: 1000\n");
  const { port, udpPort, stop } = await bench.hbd({
    stateDir,
    entry: "scripts/bench/stalled_server.ts",
    args: ["--http-port", "0", "-c", configPath],
    env: { HBD_BENCH_STALLS: stallsPath },
  });
  bench.progress(`udp_steady: ${whole(datagrams)} datagrams at ${whole(PER_SECOND)}/s`);
  const enough = new AbortController();
  const polls = Promise.all(POLLED.map((path) => poll(port, path, enough.signal)));
  const startMs = Date.now();
  const sent = await sender.send({ port: udpPort, perSecond: PER_SECOND, count: datagrams, hosts });
  const limitMs = Date.now() + COUNT_LIMIT_MS;
  while ((await health(port)).total < datagrams && Date.now() < limitMs) await sleep(50);
  const lagMs = Date.now() - sent.endedMs;
  enough.abort();
  const answersMs = (await polls).flat();
  // Looked at by hbd every 2 s.
  await sleep(2500);
  const { hosts: known, total, udp } = await health(port);
  await stop();

  const stalls: [number, number][] = JSON.parse(Deno.readTextFileSync(stallsPath));
  const within = stalls.filter(([atMs, ms]) => atMs - ms >= startMs && atMs <= sent.endedMs);
  const shortest = Math.min(...within.map(([, ms]) => ms));
  let beats = 0;
  for await (const line of journalLines(stateDir)) if (line.transport !== undefined) beats++;
  const perSecond = sent.count / sent.seconds;
  const lost = sent.count - total;
  const faults = [
    ...(within.length >= STALLS && shortest >= STALL_MS ? [] : [
      `${within.length} stalls instead of ${STALLS} while datagrams were sent`,
    ]),
    ...(beats === total ? [] : [`${total} datagrams counted, but ${beats} in the journal`]),
    ...(known === hosts ? [] : [`${known} hosts instead of ${hosts}`]),
    ...(perSecond >= PER_SECOND * RATE_REACHED ? [] : [
      `the sender reached ${whole(perSecond)}/s only`,
    ]),
  ];
  return {
    name: "udp_steady",
    measured: `${lost} lost`,
    wanted: "0 lost",
    ok: lost === 0 && faults.length === 0,
    notes: [
      `${whole(sent.count)} sent by ${whole(hosts)} hosts at ${whole(perSecond)}/s, ${
        whole(total)
      } counted, all ${lagMs.toFixed(0)} ms after the last was sent; the sender used ${
        sent.busy.toFixed(2)
      } of a core`,
      `dropped by the kernel ${udp?.kernel_drops}, for being too far behind ${udp?.overload_drops}`,
      `${within.length} stalls of the main thread, ${shortest.toFixed(0)} ms and more`,
      `${answersMs.length} answers of the API meanwhile: median ${
        median(answersMs).toFixed(0)
      } ms, slowest ${Math.max(...answersMs).toFixed(0)} ms`,
      ...faults.map((fault) => `DOES NOT COUNT: ${fault}`),
    ],
  };
}

/** Asks for `path` every 250 ms until told to stop. Returns how long the answers took. */
async function poll(port: number, path: string, signal: AbortSignal): Promise<number[]> {
  const tookMs: number[] = [];
  while (!signal.aborted) {
    const startMs = performance.now();
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    await response.text();
    if (!response.ok) throw new BenchError(`${path} was answered with ${response.status}`);
    const ms = performance.now() - startMs;
    tookMs.push(ms);
    await sleep(Math.max(0, POLL_MS - ms));
  }
  return tookMs;
}
