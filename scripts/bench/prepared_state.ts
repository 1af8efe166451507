/**
 * A state folder as a run of the program leaves it, made with the program's own parts: every host
 * has sent one beat, the beats are in the journal, and a checkpoint of them all is in the store. All
 * carry the same time, which is also when that run ended: no host is overdue, however long this takes.
 */

import { join } from "@std/path";
import { DEFAULT_CONFIG } from "../../src/config/schema.ts";
import { Journal } from "../../src/journal/journal.ts";
import { LineWriter } from "../../src/journal/line.ts";
import { LocalTime } from "../../src/wire/local_time.ts";
import { Monitor } from "../../src/monitor/monitor.ts";
import { checkpoint } from "../../src/store/checkpoint.ts";
import { KvStore } from "../../src/store/kv.ts";
import { watchSettings } from "../../src/watch_settings.ts";
import type { Beat } from "../../src/wire/message.ts";
import { BenchError } from "./harness.ts";

/** Beats between two waits for the journal. */
const BATCH = 10_000;

/** Name of host number `n`. */
export function hostName(n: number): string {
  return `host-${String(n).padStart(7, "0")}`;
}

/** Number of the host that has that name. */
export function hostNumber(name: string): number {
  return Number(name.slice("host-".length));
}

/** Fills `stateDir` with hosts number 0 up to, not including, `hosts`. */
export async function prepareState(stateDir: string, hosts: number): Promise<void> {
  const fail = (error: Error | null) => {
    if (error !== null) throw new BenchError(`The state could not be written: ${error.message}`);
  };
  const monitor = new Monitor(watchSettings({ ...DEFAULT_CONFIG, maxHosts: hosts }));
  await using store = await KvStore.open(join(stateDir, "hbd.kv"));
  await using journal = await Journal.open({
    ...DEFAULT_CONFIG.journal,
    dir: stateDir,
    onTrouble: fail,
    onCheckpointNeeded: () => fail(new Error("the journal is too small for these hosts")),
  }, 0);
  const lines = new LineWriter(new LocalTime());
  const atMs = Date.now();
  for (let n = 0; n < hosts; n++) {
    const beat = beatOf(n);
    const receipt = monitor.receive(beat, atMs);
    if (receipt.outcome !== "taken") throw new BenchError(`Host ${beat.host} was refused`);
    const written = journal.append(lines.message(receipt.seq, beat, false, atMs), receipt.seq);
    if (n % BATCH === BATCH - 1 || n === hosts - 1) await written;
  }
  await checkpoint(monitor, store, atMs);
  await store.saveListening(monitor.listeningMs(atMs));
}

function beatOf(n: number): Beat {
  const host = hostName(n);
  const reportedIp = `10.${n >> 16 & 255}.${n >> 8 & 255}.${n & 255}`;
  const payload = { name: host, ip: reportedIp, battery: n % 101, charging: false, version: "2.1" };
  return {
    kind: "beat",
    transport: "http",
    host,
    ip: "127.0.0.1",
    port: 50_000,
    path: "/heartbeat",
    payload,
    payloadText: JSON.stringify(payload),
    parseError: false,
    signed: false,
    series: null,
    sentMs: null,
    reportedIp,
    intervalMs: null,
    graceMs: null,
    rttMs: null,
    version: null,
  };
}
