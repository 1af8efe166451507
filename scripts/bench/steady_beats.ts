/**
 * Sends beats at a steady rate and notes which were answered, for `live_dashboards`; in a process of
 * its own, so that the sender is not the one who is late.
 *
 *   deno run -A steady_beats.ts PORT HOSTS PER_SECOND SECONDS
 *
 * Prints one line of JSON: `{"sent":40000,"answered":40000,"seconds":20.01}`.
 */

const [port = 0, hosts = 0, perSecond = 0, seconds = 0] = Deno.args.map(Number);

/** Longer than all of it takes. */
const INTERVAL_S = 120;

/** Requests under way at once. */
const LANES = 32;

const wanted = perSecond * seconds;
const startMs = performance.now();
let sent = 0;
let answered = 0;

async function lane(): Promise<void> {
  while (sent < wanted) {
    const n = sent++;
    const waitMs = startMs + n * 1000 / perSecond - performance.now();
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      // None goes down in the pauses of the measurement.
      body: `{"name":"host-${n % hosts}","n":${n},"interval":${INTERVAL_S}}`,
    });
    await response.body?.cancel();
    if (response.status === 200) answered++;
  }
}

await Promise.all(Array.from({ length: LANES }, lane));
const took = (performance.now() - startMs) / 1000;
const line = JSON.stringify({ sent: wanted, answered, seconds: took });
Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
