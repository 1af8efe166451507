/**
 * The real program (`hbd serve`, all of it) with a probe in its event loop, for `mass_overdue`.
 *
 * The probe is a timer of 5 ms that starts the next one: how much later than asked it comes is how
 * long everything else in this loop, each beat included, had to wait. After the stop the pauses are
 * written to the file that HBD_BENCH_PAUSES names, as `[[epoch ms of the end, length in ms], …]`.
 */

import { parseCommandLine } from "../../src/cli/args.ts";
import { serve } from "../../src/cli/serve.ts";

const STEP_MS = 5;
/** Shorter ones are not worth a line. */
const NOTED_MS = 10;

const pauses: [number, number][] = [];
let dueMs = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

function probe(): void {
  const pauseMs = performance.now() - dueMs;
  if (pauseMs >= NOTED_MS) pauses.push([Date.now(), pauseMs]);
  dueMs = performance.now() + STEP_MS;
  timer = setTimeout(probe, STEP_MS);
}

const command = parseCommandLine(Deno.args);
if (command.name !== "serve") throw new Error("This only serves");
dueMs = performance.now();
probe();
await serve(command.options, "bench");
clearTimeout(timer);
const path = Deno.env.get("HBD_BENCH_PAUSES");
if (path !== undefined) Deno.writeTextFileSync(path, JSON.stringify(pauses));
Deno.exit(0);
