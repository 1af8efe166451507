/**
 * Runs the benchmarks and prints a table: `deno run -A scripts/bench/main.ts [NAME…]`, all of them without a
 * name. The figures wanted are those of the project's plan; each benchmark says at its top what it
 * measures and why that is fair.
 *
 * The exit code is 0 when every benchmark could run, also when a figure is missed (the table says
 * so: a busy machine is no broken program), 1 when one could not, 2 for an unknown name.
 */

import { alertDelay } from "./alert_delay.ts";
import { Bench, BenchError, type Figure, needWrk } from "./harness.ts";
import { hbcMemory } from "./hbc_memory.ts";
import { httpRatio } from "./http_ratio.ts";
import { liveDashboards } from "./live_dashboards.ts";
import { massOverdue } from "./mass_overdue.ts";
import { memory } from "./memory.ts";
import { pythonRatio } from "./python_ratio.ts";
import { measureRates } from "./rates.ts";
import { replayTime } from "./replay.ts";
import { screen } from "./screen.ts";
import { startup } from "./startup.ts";
import { udpAcks, udpRatio } from "./udp_ratio.ts";
import { udpSteady } from "./udp_steady.ts";

const NAMES = [
  "http_ratio",
  "python_ratio",
  "memory",
  "mass_overdue",
  "startup",
  "udp_ratio",
  "udp_acks",
  "udp_steady",
  "hbc_memory",
  "alert_delay",
  "live_dashboards",
  "screen",
  "replay",
] as const;
type Name = (typeof NAMES)[number];

const NEED_WRK: readonly Name[] = ["http_ratio", "python_ratio", "memory"];

/** No benchmark takes longer than this; a few minutes is usual for all of them. */
const LIMIT_MS = 8 * 60_000;

/** One measurement; the two ratios come from the same one. */
type Run = (bench: Bench) => Promise<readonly Figure[]>;

function runsFor(names: ReadonlySet<Name>): Run[] {
  const runs: Run[] = [];
  if (names.has("http_ratio") || names.has("python_ratio")) {
    runs.push(async (bench) => {
      const rates = await measureRates(bench, names.has("python_ratio"));
      const python = pythonRatio(rates);
      return [
        ...(names.has("http_ratio") ? [httpRatio(rates)] : []),
        ...(python === null ? [] : [python]),
      ];
    });
  }
  const single: [Name, (bench: Bench) => Promise<Figure>][] = [
    ["memory", memory],
    ["mass_overdue", massOverdue],
    ["startup", startup],
    ["alert_delay", alertDelay],
    ["live_dashboards", (bench) => liveDashboards(bench)],
    ["screen", (bench) => screen(bench)],
    ["replay", replayTime],
    ["udp_ratio", udpRatio],
    ["udp_acks", udpAcks],
    ["udp_steady", udpSteady],
    ["hbc_memory", hbcMemory],
  ];
  for (const [name, measure] of single) {
    if (names.has(name)) runs.push(async (bench) => [await measure(bench)]);
  }
  return runs;
}

/** Runs one measurement; what it has started is ended when it is over, fails or takes too long. */
async function limited(run: Run, stopped: Promise<never>): Promise<readonly Figure[]> {
  await using bench = new Bench();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    const error = new BenchError(`Not done within ${LIMIT_MS / 60_000} minutes`);
    timer = setTimeout(() => reject(error), LIMIT_MS);
  });
  try {
    return await Promise.race([run(bench), limit, stopped]);
  } finally {
    clearTimeout(timer);
  }
}

function table(figures: readonly Figure[]): string {
  const rows = [
    ["figure", "measured", "wanted", ""],
    ...figures.map((f) => [f.name, f.measured, f.wanted, f.ok ? "ok" : "NOT OK"]),
  ];
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const lines = rows.map((row) => row.map((cell, i) => cell.padEnd(width(i))).join("  ").trimEnd());
  const notes = figures.map((f) => [`${f.name}:`, ...f.notes.map((n) => `  ${n}`), ""].join("\n"));
  const missed = figures.filter((f) => !f.ok).map((f) => f.name);
  const verdict = missed.length === 0
    ? "Every figure is reached."
    : `MISSED: ${missed.join(", ")}. On a busy machine, run it again before you believe it.`;
  return ["", ...notes, ...lines, "", verdict, ""].join("\n");
}

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.filter((arg) => !NAMES.some((name) => name === arg));
  if (unknown.length > 0) {
    say(`Unknown benchmark ${unknown.join(", ")}: there are ${NAMES.join(", ")}\n`);
    return 2;
  }
  const names = new Set(NAMES.filter((name) => args.length === 0 || args.includes(name)));
  const stop = Promise.withResolvers<never>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => stop.reject(new BenchError(`Stopped by ${signal}`)));
  }
  stop.promise.catch(() => {});

  say(`Load of this machine before: ${Deno.loadavg().map((n) => n.toFixed(2)).join(", ")}\n`);
  const figures: Figure[] = [];
  let failed = false;
  try {
    if (NEED_WRK.some((name) => names.has(name))) await needWrk();
    for (const run of runsFor(names)) figures.push(...await limited(run, stop.promise));
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    say(`A benchmark could not run: ${error.message}\n`);
    failed = true;
  }
  if (figures.length > 0) Deno.stdout.writeSync(new TextEncoder().encode(table(figures)));
  return failed ? 1 : 0;
}

function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
