/**
 * The real program (`hbd serve`, all of it) whose main thread stands still now and then, for
 * `udp_steady`: ten times, every 8 s, it does nothing but look at the clock for 100 ms. After the
 * stop the stalls are written to the file that HBD_BENCH_STALLS names, as `[[epoch ms of the end,
 * length in ms], …]`.
 */

import { parseCommandLine } from "../../src/cli/args.ts";
import { serve } from "../../src/cli/serve.ts";

const STALLS = 10;
const STALL_MS = 100;
const EVERY_MS = 8000;

const stalls: [number, number][] = [];

function stall(): void {
  const startMs = performance.now();
  while (performance.now() - startMs < STALL_MS);
  stalls.push([Date.now(), performance.now() - startMs]);
  if (stalls.length === STALLS) clearInterval(timer);
}

const command = parseCommandLine(Deno.args);
if (command.name !== "serve") throw new Error("This only serves");
const timer = setInterval(stall, EVERY_MS);
await serve(command.options, "bench");
clearInterval(timer);
const path = Deno.env.get("HBD_BENCH_STALLS");
if (path !== undefined) Deno.writeTextFileSync(path, JSON.stringify(stalls));
Deno.exit(0);
