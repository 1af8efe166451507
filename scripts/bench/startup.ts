/**
 * `startup`: time from the start of the process to its first answer, with 100,000 hosts to restore.
 *
 * The state folder is as a run left it: all hosts in the store's checkpoint and their beats in the
 * journal (see `prepared_state.ts`). A client asks again and again for `/healthz` until it is
 * answered; what is timed is what somebody who restarts the server waits for, runtime and module
 * loading included. The answer must name 100,000 hosts. The median of five runs counts. Beside it, in
 * turn, the same with an empty state folder: the part that has nothing to do with hosts.
 */

import { type Bench, BenchError, type Figure, health, median, range, sleep } from "./harness.ts";
import { prepareState } from "./prepared_state.ts";

const HOSTS = 100_000;
const RUNS = 5;
const WANTED_MS = 2000;
const RETRY_MS = 2;
const LIMIT_MS = 60_000;

export async function startup(bench: Bench): Promise<Figure> {
  const full = await bench.tempDir();
  bench.progress(`startup: preparing ${HOSTS} hosts`);
  await prepareState(full, HOSTS);
  // Compiles and caches the modules, as the first start on a machine does.
  await firstAnswerMs(bench, await bench.tempDir(), 0);

  const withHosts: number[] = [];
  const without: number[] = [];
  for (let run = 1; run <= RUNS; run++) {
    bench.progress(`startup: run ${run} of ${RUNS}`);
    without.push(await firstAnswerMs(bench, await bench.tempDir(), 0));
    withHosts.push(await firstAnswerMs(bench, full, HOSTS));
  }
  const value = median(withHosts);
  const empty = median(without);
  return {
    name: "startup",
    measured: `${value.toFixed(0)} ms`,
    wanted: `≤ ${WANTED_MS} ms`,
    ok: value <= WANTED_MS,
    notes: [
      `with ${HOSTS} hosts ${range(withHosts, 0)} ms; empty: median ${empty.toFixed(0)} ms, ` +
      `range ${range(without, 0)} ms; ratio ${(value / empty).toFixed(1)}`,
    ],
  };
}

async function firstAnswerMs(bench: Bench, stateDir: string, hosts: number): Promise<number> {
  const port = freePort();
  const startMs = performance.now();
  const started = bench.hbd({ stateDir, args: ["--http-port", String(port)] });
  const answer = await firstHealth(port);
  const elapsedMs = performance.now() - startMs;
  if (answer.hosts !== hosts) throw new BenchError(`${answer.hosts} hosts restored, not ${hosts}`);
  await (await started).stop();
  return elapsedMs;
}

async function firstHealth(port: number): Promise<{ readonly hosts: number }> {
  const endMs = performance.now() + LIMIT_MS;
  while (performance.now() < endMs) {
    try {
      return await health(port);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      await sleep(RETRY_MS);
    }
  }
  throw new BenchError(`No answer within ${LIMIT_MS / 1000} s`);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
