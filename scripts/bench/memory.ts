/**
 * `memory`: resident memory of the real program once 1,000,000 hosts have sent a beat each.
 *
 * The beats come over HTTP, with names and reported addresses all different, from wrk with a script
 * that makes each request when it is due. VmRSS of /proc/PID/status counts everything the process
 * holds: heap, typed arrays, code, SQLite's cache. It is read right after the last beat, and
 * again when the checkpoint that copies all hosts into the store has had time to run (it starts
 * every 30 s; the program says nothing when it is done, so the size of the store is shown). The higher of the two counts;
 * VmHWM, the peak in between, is shown beside it.
 */

import { join } from "@std/path";
import { type Bench, BenchError, type Figure, health, sleep, whole } from "./harness.ts";

const HOSTS = 1_000_000;
const WANTED_MB = 700;
const CHECKPOINT_WAIT_MS = 40_000;

const LOAD_LIMIT_S = 240;
const ASK_EVERY_MS = 100;

export async function memory(bench: Bench): Promise<Figure> {
  const stateDir = await bench.tempDir();
  const { pid, port, stop } = await bench.hbd({ stateDir });
  const empty = residentMb(pid);
  bench.progress(`memory: ${whole(HOSTS)} hosts send a beat`);
  const enough = new AbortController();
  const loading = bench.wrk(port, LOAD_LIMIT_S, "crowd.lua", HOSTS, enough.signal);
  const endMs = Date.now() + LOAD_LIMIT_S * 1000;
  while ((await health(port)).hosts < HOSTS && Date.now() < endMs) await sleep(ASK_EVERY_MS);
  enough.abort();
  const load = await loading;
  const loaded = residentMb(pid);
  const { hosts, total } = await health(port);
  if (hosts !== HOSTS || load.failures > 0) {
    throw new BenchError(`${hosts} hosts instead of ${HOSTS}, ${load.failures} failed answers`);
  }
  bench.progress("memory: waiting for the checkpoint");
  await sleep(CHECKPOINT_WAIT_MS);
  const later = residentMb(pid);
  const storeMb = await sizeMb(join(stateDir, "hbd.kv")) +
    await sizeMb(join(stateDir, "hbd.kv-wal"));
  await stop();

  const value = Math.max(loaded.rssMb, later.rssMb);
  return {
    name: "memory",
    measured: `${value.toFixed(0)} MB`,
    wanted: `≤ ${WANTED_MB} MB`,
    ok: value <= WANTED_MB,
    notes: [
      `right after the last beat ${loaded.rssMb.toFixed(0)} MB, ${
        CHECKPOINT_WAIT_MS / 1000
      } s later ` +
      `${later.rssMb.toFixed(0)} MB, peak ${later.peakMb.toFixed(0)} MB; without hosts ` +
      `${empty.rssMb.toFixed(0)} MB`,
      `${whole(total)} beats, the last ones from hosts that had sent one, in ${
        (load.answers / load.perSecond).toFixed(0)
      } s ` +
      `(${whole(load.perSecond)}/s, nearly all of them new hosts); store then ${
        storeMb.toFixed(0)
      } MB`,
    ],
  };
}

/** Resident memory of a process now and at its peak, in megabytes of 10^6 bytes. */
export function residentMb(pid: number): { readonly rssMb: number; readonly peakMb: number } {
  const text = Deno.readTextFileSync(`/proc/${pid}/status`);
  const field = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]) * 1024 / 1e6;
  return { rssMb: field("VmRSS"), peakMb: field("VmHWM") };
}

async function sizeMb(path: string): Promise<number> {
  return (await Deno.stat(path)).size / 1e6;
}
