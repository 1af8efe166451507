/**
 * `mass_overdue`: what happens in the event loop while 1,000,000 hosts go overdue at one moment.
 *
 * The server is the whole program with a probe in its event loop (`probed_server.ts`), its journal
 * and its store. Sending a million beats takes longer than a second, so it is started on a prepared
 * state instead: after a start every host is waited for one whole interval + grace, so all of
 * them are due at the same millisecond, which is harder than within a second. Interval 10 s ± 20 %:
 * the deadline passes 12 s after the start with a `down` and a `missed` for each host; every 10 s
 * after it comes a `missed` for each, and 30 s after the start a checkpoint of all of them.
 *
 * Counted: the longest pause from the deadline until every host is reported, and how long that
 * takes, by `/healthz` (asked 20 times a second) or the last `down` in the journal, whichever is
 * later; the journal must hold one `down` for each host. Outside, a client posts a beat every 20 ms:
 * its slowest answer is held to the same limit, because timers may go on while sockets starve.
 */

import { join } from "@std/path";
import { type Bench, BenchError, type Figure, health, median, sleep, whole } from "./harness.ts";
import { journalLines } from "./journal_lines.ts";
import { hostName, hostNumber, prepareState } from "./prepared_state.ts";

const HOSTS = 1_000_000;
const WANTED_PAUSE_MS = 250;
const WANTED_REPORTED_MS = 5000;
const POST_EVERY_MS = 20;
const ASK_EVERY_MS = 50;
/** How long the server is watched after the deadline: a checkpoint and two more rounds of `missed`. */
const WATCHED_MS = 28_000;
const REPORT_LIMIT_MS = 60_000;

/** When it happened, epoch milliseconds, and how long it took. */
type Timed = readonly [atMs: number, ms: number];

export async function massOverdue(bench: Bench): Promise<Figure> {
  const stateDir = await bench.tempDir();
  const scratch = await bench.tempDir();
  const pausesPath = join(scratch, "pauses.json");
  const configPath = join(scratch, "hbd.yaml");
  // One more than there are: the client's own.
  Deno.writeTextFileSync(configPath, `max_hosts: ${HOSTS + 1}\n`);
  bench.progress(`mass_overdue: preparing ${whole(HOSTS)} hosts`);
  await prepareState(stateDir, HOSTS);
  bench.progress("mass_overdue: starting on them");
  const { port, stop } = await bench.hbd({
    stateDir,
    entry: "scripts/bench/probed_server.ts",
    args: ["0", "10", "20", "-c", configPath],
    env: { HBD_BENCH_PAUSES: pausesPath },
  });
  const { hosts } = await health(port);
  if (hosts !== HOSTS) throw new BenchError(`${hosts} hosts restored instead of ${HOSTS}`);
  const deadlineMs = await deadlineOf(port, hostName(0));
  if (deadlineMs !== await deadlineOf(port, hostName(HOSTS - 1)) || deadlineMs < Date.now()) {
    throw new BenchError("The deadlines do not lie together in the future");
  }

  const stopClient = new AbortController();
  const client = beatSteadily(port, stopClient.signal);
  bench.progress("mass_overdue: waiting for the deadline");
  const askedMs = await allDown(port, deadlineMs);
  bench.progress("mass_overdue: all reported; watching on");
  await sleep(deadlineMs + WATCHED_MS - Date.now());
  stopClient.abort();
  const answers = await client;
  await stop();

  const reportedMs = Math.max(askedMs, await lastDownMs(stateDir));
  const pauses: readonly Timed[] = JSON.parse(Deno.readTextFileSync(pausesPath));
  const during = longest(pauses, deadlineMs, reportedMs);
  const answered = longest(answers, deadlineMs, reportedMs);
  const took = reportedMs - deadlineMs;
  return {
    name: "mass_overdue",
    measured: `pause ${during.toFixed(0)} ms, answer ${answered.toFixed(0)} ms, all in ${
      (took / 1000).toFixed(1)
    } s`,
    wanted: `≤ ${WANTED_PAUSE_MS} ms, all in ≤ ${WANTED_REPORTED_MS / 1000} s`,
    ok: Math.max(during, answered) <= WANTED_PAUSE_MS && took <= WANTED_REPORTED_MS,
    notes: [
      `a client's beats meanwhile: slowest answer ${answered.toFixed(0)} ms, median ` +
      `${median(within(answers, deadlineMs, reportedMs)).toFixed(0)} ms`,
      `in the ${
        WATCHED_MS / 1000
      } s after the deadline (two more rounds of missed, a checkpoint of ` +
      `all): longest pause ${longest(pauses, deadlineMs, Infinity).toFixed(0)} ms, slowest ` +
      `answer ${longest(answers, deadlineMs, Infinity).toFixed(0)} ms`,
    ],
  };
}

/** Posts a beat every 20 ms, whether or not the one before is answered, until told to stop. */
async function beatSteadily(port: number, signal: AbortSignal): Promise<readonly Timed[]> {
  const answers: Promise<Timed>[] = [];
  while (!signal.aborted) {
    answers.push(post(port));
    await sleep(POST_EVERY_MS);
  }
  return await Promise.all(answers);
}

async function post(port: number): Promise<Timed> {
  const startMs = performance.now();
  const body = '{"name":"client"}';
  const response = await fetch(`http://127.0.0.1:${port}/heartbeat`, { method: "POST", body });
  await response.body?.cancel();
  if (!response.ok) throw new BenchError(`A beat was answered with ${response.status}`);
  return [Date.now(), performance.now() - startMs];
}

/** Waits until the server says that all are down. Returns when it did, epoch milliseconds. */
async function allDown(port: number, deadlineMs: number): Promise<number> {
  while (Date.now() < deadlineMs + REPORT_LIMIT_MS) {
    if ((await health(port)).down === HOSTS) return Date.now();
    await sleep(ASK_EVERY_MS);
  }
  throw new BenchError(`Not all hosts were reported within ${REPORT_LIMIT_MS / 1000} s`);
}

/** Time of the last `down` in the journal. Throws unless every host has exactly one. */
async function lastDownMs(stateDir: string): Promise<number> {
  const downs = new Uint8Array(HOSTS);
  let last = 0;
  for await (const { event, host = "", timestamp } of journalLines(stateDir)) {
    if (event !== "down") continue;
    const n = hostNumber(host);
    downs[n] = (downs[n] ?? 0) + 1;
    last = Math.max(last, timestamp * 1000);
  }
  const wrong = downs.filter((count) => count !== 1).length;
  if (wrong > 0) throw new BenchError(`${wrong} hosts do not have exactly one down in the journal`);
  return last;
}

async function deadlineOf(port: number, host: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/api/0/hosts/${host}`);
  return (await response.json()).deadline * 1000;
}

/** Lengths of what ended at or after `fromMs` and began before `toMs`. */
function within(list: readonly Timed[], fromMs: number, toMs: number): number[] {
  return list.filter(([atMs, ms]) => atMs >= fromMs && atMs - ms <= toMs).map(([, ms]) => ms);
}

function longest(list: readonly Timed[], fromMs: number, toMs: number): number {
  return Math.max(0, ...within(list, fromMs, toMs));
}
