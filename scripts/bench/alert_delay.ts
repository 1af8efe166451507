/**
 * `alert_delay`: time from the deadline of a host that fell silent to the request at a web hook that
 * tells it. Between the two are the watchdog's look, a moment in which it is seen whether others fell
 * silent, too, the journal, the store (Deno KV), and a connection.
 *
 * Twenty hosts beat once each, at times that have nothing to do with the server's ticks, and never
 * again. One by one they are told (`incident_hosts: 0`); the slowest counts.
 */

import { join } from "@std/path";
import { type Bench, BenchError, type Figure, median, sleep } from "./harness.ts";

const HOSTS = 20;
const INTERVAL_MS = 2000;
const GRACE_MS = 500;
const WANTED_MS = 1000;
const LIMIT_MS = 30_000;

export async function alertDelay(bench: Bench): Promise<Figure> {
  const toldMs = new Map<string, number>();
  const hook = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const atMs = Date.now();
      const { host } = await request.json() as { readonly host: string };
      toldMs.set(host, atMs);
      return new Response("ok");
    },
  );
  try {
    const configFile = join(await bench.tempDir(), "hbd.yaml");
    await Deno.writeTextFile(
      configFile,
      `interval: ${INTERVAL_MS / 1000}\ngrace: ${GRACE_MS / 1000}\nincident_hosts: 0\n` +
        `notification_channels:\n  hook: {type: webhook, url: "http://127.0.0.1:${hook.addr.port}/"}\n` +
        `notify: [hook]\n`,
    );
    const hbd = await bench.hbd({
      stateDir: await bench.tempDir(),
      args: ["--http-port", "0", "-c", configFile],
    });
    const deadlines = new Map<string, number>();
    for (let n = 0; n < HOSTS; n++) {
      const host = `host-${n}`;
      const answer = await fetch(`http://127.0.0.1:${hbd.port}/`, {
        method: "POST",
        body: JSON.stringify({ name: host }),
      });
      await answer.body?.cancel();
      // It was received before it was answered, so this is rather too late than too early by a bit.
      deadlines.set(host, Date.now() + INTERVAL_MS + GRACE_MS);
      await sleep(37);
    }
    const endMs = Date.now() + LIMIT_MS;
    while (toldMs.size < HOSTS && Date.now() < endMs) await sleep(20);
    await hbd.stop();
    if (toldMs.size < HOSTS) throw new BenchError(`${toldMs.size} of ${HOSTS} hosts were told`);
    const delays = [...deadlines].map(([host, ms]) => (toldMs.get(host) ?? Infinity) - ms);
    const slowest = Math.max(...delays);
    return {
      name: "alert_delay",
      measured: `${slowest} ms`,
      wanted: `≤ ${WANTED_MS} ms`,
      ok: slowest <= WANTED_MS,
      notes: [`median ${median(delays)} ms, fastest ${Math.min(...delays)} ms of ${HOSTS} hosts`],
    };
  } finally {
    await hook.shutdown();
  }
}
